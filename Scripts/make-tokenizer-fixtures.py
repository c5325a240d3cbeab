#!/usr/bin/env python3
"""Writes Tests/TokenizationTests/Fixtures/*.json: small tokenizers with the ids that llama.cpp gives a hard corpus.

Needs: pip install tokenizers gguf numpy xllamacpp (x86-64 Linux). No network. Same output every time.
Each vocabulary is trained here with `tokenizers`, and every text is encoded by llama.cpp. For byte-level vocabularies
`tokenizers`, with the regular expressions of the model families' tokenizer.json, must give the same ids.
"""
import ctypes, json, os, random, sys, tempfile
import gguf, llamacpp, numpy as np
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*"
          r"|\s*[\r\n]+|\s+(?!\S)|\s+")
STEPS = {
    "gpt-2": [GPT2],
    "llama-bpe": [LLAMA3.replace("DIGITS", "{1,3}")],
    "qwen2": [LLAMA3.replace("DIGITS", "")],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", r"[0-9][0-9][0-9]"],
}
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|im_end|><|extra|>"]
USER = ["<tool>", "<tool>x", "\t\t"]


def corpus():
    rng = random.Random(7)
    lines = [
        "", " ", "a", "Hello world", "Hello, world! It's 2024-11-05, isn't it? I'LL go; we'Ve DON'T 'S 'tis",
        "  leading", "trailing  ", "a  b   c    d", "tab\tand\t\ttwo", "\n", "\n\n", "a\nb", "a\r\nb\r\n\r\nc", "\r", " \n \n  x",
        "x \n", "x  \n\n  y", "   \n   ", "1", "12", "123", "1234", "12345678901234567890", "3.14159e-10", "a1b22c333d4444",
        " 5", "  55", "x  5", "½ ² ³ Ⅷ ٣٤٥ ৭৮ 一二三", "é e\u0301 ñ n\u0303 Å A\u030a", "naïve café Straße ſ'ſ 'ſ K",
        "привет, мир!", "你好，世界。你好世界", "日本語のテキスト、カタカナ", "한국어 문장입니다.", "مرحبا بالعالم، كيف الحال؟",
        "שלום עולם", "हिन्दी में पाठ", "ไทยภาษา", "👋🌍 👨‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 ❤️", "a👋b 👋👋👋", "\u200b\u200d\ufeff\u2060x\u00ad",
        "\u00a0nbsp\u00a0\u2003em\u2028ls\u2029ps\u0085nel\u3000ideo\u180emvs\u1680", "\x00\x01\x02\x1b[0m\x7f", "a\x00b\x0bc\x0cd",
        "def f(x):\n    return x**2  # square\n\n\nif __name__ == '__main__':\n\tprint(f(3))\n",
        "{\"a\": [1, 2.5, -3e8], \"b\": null}", "<html><body class=\"x\">&nbsp;</body></html>", "$100 + €20 = £? <=> ^~|`@#",
        "https://example.org/a/b?c=d&e=f#g", "C:\\Users\\x\\\\y", "!!!???...;;;---___===***", "(((([[[[{{{{", "....\n....\r\n",
        "a_b-c.d,e;f:g", "''''s 't 're", "I'm you're he'd we'll they've 'M 'RE", "x'", "'", " '", " 's",
        " " * 17 + "x", " " * 64, "\n" * 33, "\t" * 9 + "x", "9" * 37, "a" * 70, "ab" * 60, "あ" * 50, "é" * 49, "!" * 65, " a" * 30,
        "\u0301\u0301a\u0301\u0327", "\U00010400\U0001F600\U0002F800\U000E0041", "\ue000\uf8ff\U0010FFFD", "\u0378\uffff",
        "U15: \U0001123F\U00011B00\U00011F02a\U00011F50\U0001E030\U0001D2C0\U00031350\U0002EBF0!", "▁a ▁▁ b▁c", "<0x0A><unk></s>",
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", "<|im_end|><|extra|><|im_end|> <|im_end", "<tool>x<tool> y<|im_x|>",
        "a<|endoftext|>", "<|endoftext|><|endoftext|>b", " <tool> ", "\t\t\t\tq",
    ]
    pools = [range(32, 127), range(9, 14), range(0xA0, 0x250), range(0x300, 0x370), range(0x400, 0x530), range(0x600, 0x700),
             range(0x2000, 0x2070), range(0x3000, 0x3100), range(0x4E00, 0x4F00), range(0x1F300, 0x1F700), range(1, 0x2FFFF), [32, 32, 39, 115]]
    for _ in range(60):
        text = ""
        while len(text) < 40:
            pool = pools[rng.choice([0, 0, 0, 1, 11] + list(range(12)))]
            text += "".join(chr(c) for c in (rng.choice(pool) for _ in range(rng.randint(1, 6))) if not 0xD800 <= c < 0xE000)
        lines.append(text)
    return lines


class LlamaCpp:
    """llama.cpp's own tokenizer, out of xllamacpp's shared library: its parameters stay opaque."""
    class Opaque(ctypes.Structure):
        _fields_ = [("bytes", ctypes.c_ubyte * 1024)]

    lib = llamacpp.c_functions()
    lib.llama_model_default_params.restype = Opaque
    lib.llama_model_load_from_file.restype = lib.llama_model_get_vocab.restype = ctypes.c_void_p
    lib.llama_model_load_from_file.argtypes = [ctypes.c_char_p, Opaque]
    lib.llama_model_get_vocab.argtypes = [ctypes.c_void_p]
    lib.llama_tokenize.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_void_p, ctypes.c_int32,
                                   ctypes.c_bool, ctypes.c_bool]

    def __init__(self, d):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "v.gguf")
            self.write(path, d)
            model = self.lib.llama_model_load_from_file(path.encode(), self.lib.llama_model_default_params())
        if not model:
            sys.exit("llama.cpp refused the fixture's GGUF")
        self.vocab = self.lib.llama_model_get_vocab(model)

    @staticmethod
    def write(path, d):
        w, n, h = gguf.GGUFWriter(path, "llama"), len(d["tokens"]), 32
        w.add_context_length(64), w.add_embedding_length(h), w.add_block_count(1), w.add_feed_forward_length(h)
        w.add_head_count(1), w.add_layer_norm_rms_eps(1e-5)
        w.add_tokenizer_model(d["model"]), w.add_tokenizer_pre(d["pre"]), w.add_token_list(d["tokens"])
        w.add_token_types(d["types"]), w.add_token_scores(d["scores"] or [0.0] * n)
        if d["merges"]:
            w.add_token_merges(d["merges"])
        w.add_bos_token_id(d["bos"]), w.add_eos_token_id(d["eos"])
        w.add_add_bos_token(False), w.add_add_space_prefix(d["addsSpacePrefix"])
        shapes = {"token_embd": (n, h), "output_norm": (h,), "blk.0.attn_norm": (h,), "blk.0.ffn_norm": (h,)}
        shapes |= {f"blk.0.{k}": (h, h) for k in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")}
        for name, shape in shapes.items():
            w.add_tensor(name + ".weight", np.zeros(shape, np.float32))
        w.write_header_to_file(), w.write_kv_data_to_file(), w.write_tensors_to_file(), w.close()

    def encode(self, text, specials):
        data = text.encode()
        out = (ctypes.c_int32 * (3 * len(data) + 16))()
        return list(out[:self.lib.llama_tokenize(self.vocab, data, len(data), out, len(out), False, specials)])


def byte_level(pre, lines):
    tok = Tokenizer(models.BPE(ignore_merges=pre == "llama-bpe"))
    if pre == "smollm":
        tok.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(False, use_regex=True)])
    else:
        splits = [pre_tokenizers.Split(Regex(p), "isolated") for p in STEPS[pre]]
        tok.pre_tokenizer = pre_tokenizers.Sequence(splits + [pre_tokenizers.ByteLevel(False, use_regex=False)])
    tok.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tok.train_from_iterator(lines * 2, trainers.BpeTrainer(
        vocab_size=700, initial_alphabet=alphabet, special_tokens=SPECIALS, show_progress=False))
    data = json.loads(tok.to_str())
    merges = [m if isinstance(m, str) else " ".join(m) for m in data["model"]["merges"]]
    if pre == "smollm":  # as in SmolLM2: bytes without a token; 0xF5 and 0xFF never occur, U+0001 and U+0002 do
        drop = {"\u0101", "\u0102", "õ", "ÿ"} - set(" ".join(merges))
        vocab = [t for t in sorted(data["model"]["vocab"], key=data["model"]["vocab"].get) if t not in drop]
        data["model"]["vocab"] = {t: i for i, t in enumerate(vocab)}
        data["added_tokens"] = []
        tok = Tokenizer.from_str(json.dumps(data))
        tok.add_special_tokens(SPECIALS)
    if pre == "llama-bpe":  # a whole piece that merges cannot build, as Llama 3 has
        tok = Tokenizer.from_str(json.dumps(data | {"model": data["model"] | {
            "vocab": data["model"]["vocab"] | {"Ġworld": len(data["model"]["vocab"])}}}))
    tok.add_tokens([AddedToken(t, normalized=False) for t in USER])
    tokens = [tok.id_to_token(i) for i in range(tok.get_vocab_size())]
    types = [3 if t in SPECIALS else 4 if t in USER else 1 for t in tokens]
    return tok, {"model": "gpt2", "pre": pre, "tokens": tokens, "types": types, "scores": [], "merges": merges,
                 "bos": 0, "eos": tokens.index("<|im_end|>"), "addsSpacePrefix": False}


def sentence_piece(name, lines, prefix):
    tok = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    tok.pre_tokenizer = pre_tokenizers.Metaspace(split=name != "crossing")
    words = [l for l in lines if l.isprintable()] + ["the of and to in is that it was for", "of the and of the in the"] * 9
    tok.train_from_iterator(words, trainers.BpeTrainer(vocab_size=600, limit_alphabet=150, show_progress=False))
    pieces = sorted((v, k) for k, v in tok.get_vocab().items() if k not in ["<unk>", "<s>", "</s>"] + USER)
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)]
    tokens = special + [k for _, k in pieces] + USER
    types = [2, 3, 3] + [6] * 256 + [1] * len(pieces) + [4] * len(USER)
    # Pairs of tokens share a score: then the leftmost merges first.
    scores = [0.0] * len(special) + [-float(i // 2) for i in range(len(pieces))] + [0.0] * len(USER)
    return {"model": "llama", "pre": "default", "tokens": tokens, "types": types, "scores": scores, "merges": [],
            "bos": 1, "eos": 2, "addsSpacePrefix": prefix}


def judged(d, lines):
    """llama.cpp's ids with control tokens parsed, and without where that differs."""
    judge, cases = LlamaCpp(d), []
    for text in lines:
        case, plain = {"text": text, "ids": judge.encode(text, True)}, judge.encode(text, False)
        cases.append(case | ({} if plain == case["ids"] else {"plain": plain}))
    return cases


def save(name, fixture, cases):
    folder = os.path.join(os.path.dirname(__file__), "..", "Tests", "TokenizationTests", "Fixtures")
    with open(os.path.join(folder, name + ".json"), "w") as f:
        json.dump(fixture | {"cases": cases}, f, ensure_ascii=True, separators=(",", ":"))
        f.write("\n")


def main():
    lines = corpus()
    for pre in ["smollm", "llama-bpe", "gpt-2", "qwen2", "default"]:
        tok, d = byte_level(pre, lines)
        cases = judged(d, lines)
        for case in cases:
            if case["ids"] != tok.encode(case["text"], add_special_tokens=False).ids:
                sys.exit(f"{pre}: llama.cpp and tokenizers disagree about {case['text']!r}")
        print(pre, len(d["tokens"]), "tokens,", len(cases), "texts; llama.cpp and tokenizers agree")
        save(pre, d, cases)
    for name, prefix in [("sentencepiece", True), ("sentencepiece-crossing", False)]:
        d = sentence_piece(name.partition("-")[2], lines, prefix)
        cases = judged(d, lines)
        print(name, len(d["tokens"]), "tokens,", len(cases), "texts")
        save(name, d, cases)


if __name__ == "__main__":
    main()
