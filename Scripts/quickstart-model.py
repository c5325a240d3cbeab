#!/usr/bin/env python3
"""Writes the quick start's model before any training: a small Llama with random weights, as GGUF (F32).

Usage: quickstart-model.py TOKENIZER.json MODEL.gguf

Needs: pip install numpy gguf. No network. Same output every time.
"""
import json, sys
import gguf, numpy as np

LAYERS, WIDTH, INNER, HEADS, KEY_HEADS, HEAD = 4, 128, 384, 4, 2, 32
CONTEXT, THETA, DEVIATION = 128, 10_000.0, 0.02
TEMPLATE = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
            "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")


def write_header(w, name):
    w.add_name(name), w.add_license("Apache-2.0")
    w.add_context_length(CONTEXT), w.add_embedding_length(WIDTH), w.add_block_count(LAYERS)
    w.add_feed_forward_length(INNER), w.add_head_count(HEADS), w.add_head_count_kv(KEY_HEADS)
    w.add_key_length(HEAD), w.add_value_length(HEAD), w.add_rope_dimension_count(HEAD), w.add_rope_freq_base(THETA)
    w.add_layer_norm_rms_eps(1e-5), w.add_file_type(gguf.LlamaFileType.ALL_F32)


def write_tokenizer(w, path):
    data = json.load(open(path))
    specials = [token["content"] for token in data["added_tokens"]]
    vocabulary = sorted(data["model"]["vocab"], key=data["model"]["vocab"].get)
    merges = [m if isinstance(m, str) else " ".join(m) for m in data["model"]["merges"]]
    kinds = [gguf.TokenType.CONTROL if token in specials else gguf.TokenType.NORMAL for token in vocabulary]
    w.add_tokenizer_model("gpt2"), w.add_tokenizer_pre("smollm")
    w.add_token_list(vocabulary), w.add_token_types(kinds), w.add_token_merges(merges)
    w.add_bos_token_id(vocabulary.index("<|im_start|>")), w.add_eos_token_id(vocabulary.index("<|im_end|>"))
    w.add_unk_token_id(vocabulary.index("<|endoftext|>")), w.add_pad_token_id(vocabulary.index("<|endoftext|>"))
    w.add_add_bos_token(False), w.add_add_space_prefix(False)
    w.add_chat_template(TEMPLATE)
    w.add_vocab_size(len(vocabulary))
    return len(vocabulary)


def write_weights(w, vocabulary):
    rng = np.random.default_rng(0)
    keys = KEY_HEADS * HEAD
    # What is added to the residual stream starts smaller: 1/√(2·layers), as in GPT-2.
    smaller = DEVIATION / np.sqrt(2 * LAYERS)
    matrices = {"attn_q": (HEADS * HEAD, WIDTH), "attn_k": (keys, WIDTH), "attn_v": (keys, WIDTH), "attn_output": (WIDTH, HEADS * HEAD),
                "ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH), "ffn_down": (WIDTH, INNER)}
    parameters = 0

    def add(name, values):
        nonlocal parameters
        w.add_tensor(name + ".weight", values.astype(np.float32))
        parameters += values.size

    add("token_embd", rng.normal(0, DEVIATION, (vocabulary, WIDTH)))
    for layer in range(LAYERS):
        for name, shape in matrices.items():
            deviation = smaller if name in ("attn_output", "ffn_down") else DEVIATION
            add(f"blk.{layer}.{name}", rng.normal(0, deviation, shape))
        add(f"blk.{layer}.attn_norm", np.ones(WIDTH)), add(f"blk.{layer}.ffn_norm", np.ones(WIDTH))
    add("output_norm", np.ones(WIDTH))
    return parameters


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    w = gguf.GGUFWriter(sys.argv[2], "llama")
    write_header(w, "extend quick start")
    vocabulary = write_tokenizer(w, sys.argv[1])
    parameters = write_weights(w, vocabulary)
    w.write_header_to_file(), w.write_kv_data_to_file(), w.write_tensors_to_file(), w.close()
    print(f"{sys.argv[2]}: {parameters:,} parameters, {vocabulary} tokens, native context {CONTEXT}")


if __name__ == "__main__":
    main()
