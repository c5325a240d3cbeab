import Kernels

/// The names GGUF gives to the tensors of all families, and the order of query and key rows of architecture `llama`.
enum TensorNaming {
  private static let whole = [
    "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
  ]
  private static let inBlock = [
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "self_attn.qkv_proj": "attn_qkv", "mlp.gate_up_proj": "ffn_up",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
  ]

  /// `model.layers.3.self_attn.q_proj.weight` → `blk.3.attn_q.weight`.
  static func ggufName(_ name: String) -> String {
    if let known = whole[name] { return known }
    let parts = name.split(separator: ".")
    let middle = parts.dropFirst(3).dropLast().joined(separator: ".")
    guard parts.count > 4, let short = inBlock[middle], let kind = parts.last else {
      stop("TensorNaming: no GGUF name for \(name)")
    }
    return "blk.\(parts[2]).\(short).\(kind)"
  }

  /// Whether llama.cpp keeps the rows of this parameter as adjacent pairs: queries and keys, and their biases.
  static func isPaired(_ name: String) -> Bool { name.contains(".q_proj.") || name.contains(".k_proj.") }

  /// For every row of a half-split head (pairs i, i + headSize/2) the row of the adjacent-pair order (2i, 2i + 1).
  static func pairedRow(of row: Int, headSize: Int) -> Int {
    let (head, i) = row.quotientAndRemainder(dividingBy: headSize)
    let half = headSize / 2
    return head * headSize + (i < half ? 2 * i : 2 * (i - half) + 1)
  }
}
