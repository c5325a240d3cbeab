#!/usr/bin/env python3
"""Writes Tests/TokenizationTests/Fixtures/huggingface/*: small tokenizer.json files and the ids the library gives.

Needs: pip install tokenizers. No network. Same output every time.
With --text FILE --size N --output FOLDER it trains large ones instead, for Scripts/compare-tokenizers: FILE is ShareGPT
JSON (it may be cut off), N the size of the vocabularies.
The normalizer, pre-tokenizer, post-processor and decoder of each are those of the published file of its family.
"""
import argparse, importlib.util, json, os, random, re, sys
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + TAIL
QWEN2 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + TAIL

LETTER, SMALL, CAPITAL = r"[^\r\n\p{L}\p{N}]?", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
TEKKEN = f"{LETTER}{CAPITAL}*{SMALL}+|{LETTER}{CAPITAL}+{SMALL}*" + r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
# Letters with case, as DeepSeek-LLM's file lists them.
CASED = ("A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373\u0376\u0377"
         "\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-\u0556"
         "\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a\u1e00-\u1f15"
         "\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe"
         "\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113"
         "\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184"
         "\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e"
         "\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\U00010400-\U0001044f\U000104b0-\U000104d3"
         "\U000104d8-\U000104fb\U00010c80-\U00010cb2\U00010cc0-\U00010cf2\U000118a0-\U000118df\U0001e900-\U0001e943")
CJK = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"
DEEPSEEK_LLM = ["[\r\n]", rf"\s?[{CASED}]+", "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+", r"\s+$", CJK]
DEEPSEEK_CODER = ["[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", CJK]


def split(*patterns, digits=False):
    steps = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
    steps += [pre_tokenizers.Digits(True)] if digits else []
    return steps + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]


def special(text, **flags):
    return AddedToken(text, special=True, normalized=False, **flags)


def space_to_underline():
    return normalizers.Replace(" ", "▁")


def sentence_piece_decoder(strip):
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    return decoders.Sequence(steps + ([decoders.Strip(" ", 1, 0)] if strip else []))


CHATML = [special(t) for t in ("<|endoftext|>", "<|im_start|>", "<|im_end|>")]
LLAMA = [special(t) for t in ("<unk>", "<s>", "</s>")]
# DeepSeek adds the letters of bytes that no text has, after both ends.
DEEPSEEK = [special("<｜begin▁of▁sentence｜>"), special("<｜end▁of▁sentence｜>"), AddedToken("õ", normalized=True), AddedToken("À", normalized=True)]
# name: (kind, normalizer, pre-tokenizer, decoder, BOS, added tokens, ignore_merges)
FAMILIES = {
    "llama-3": ("bytes", None, pre_tokenizers.Sequence(split(LLAMA3)), decoders.ByteLevel(), "<|begin_of_text|>",
                [special(t) for t in ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")], True),
    "qwen2": ("bytes", normalizers.NFC(), pre_tokenizers.Sequence(split(QWEN2)), decoders.ByteLevel(), None,
              CHATML + [AddedToken("<tool_call>", normalized=False)], False),
    "smollm2": ("bytes", None, pre_tokenizers.Sequence([pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(False)]),
                decoders.ByteLevel(), None, CHATML, False),
    "gpt2": ("bytes", None, pre_tokenizers.ByteLevel(False), decoders.ByteLevel(), None, [special("<|endoftext|>")], False),
    "tinyllama": ("pieces", normalizers.Sequence([normalizers.Prepend("▁"), space_to_underline()]), None,
                  sentence_piece_decoder(True), "<s>", LLAMA, False),
    "mistral": ("pieces", None, pre_tokenizers.Metaspace("▁", "first", split=False), sentence_piece_decoder(True), "<s>",
                LLAMA + [special("[INST]"), special("[/INST]")], False),
    "metaspace": ("pieces", None, pre_tokenizers.Metaspace("▁", "always", split=False), decoders.Metaspace("▁", "always"), "<s>", LLAMA, False),
    "yi": ("pieces", space_to_underline(), None, sentence_piece_decoder(False), None, LLAMA + CHATML[1:], False),
    "phi-3": ("pieces", normalizers.Sequence([normalizers.Prepend("▁"), space_to_underline()]), None,
              sentence_piece_decoder(True), "<s>", LLAMA[:2] + [special("</s>", rstrip=True), special("<|user|>", rstrip=True),
              special("<|end|>", rstrip=True), special("<mask>", lstrip=True), AddedToken("<word>", single_word=True, normalized=False)], False),
    "deepseek-llm": ("bytes", normalizers.Sequence([]), pre_tokenizers.Sequence(split(*DEEPSEEK_LLM, digits=True)), decoders.ByteLevel(),
                     "<｜begin▁of▁sentence｜>", DEEPSEEK, False),
    "deepseek-coder": ("bytes", normalizers.Sequence([]), pre_tokenizers.Sequence(split(*DEEPSEEK_CODER, digits=True)), decoders.ByteLevel(),
                       "<｜begin▁of▁sentence｜>", DEEPSEEK, False),
    "tekken": ("bytes", None, pre_tokenizers.Sequence(split(TEKKEN)), decoders.ByteLevel(), "<s>",
               LLAMA + [special("[INST]"), special("[/INST]")], True),
}
CONTROL = ["x <|end|>\n\n y<|user|>\u3000\u00a0z", "a  <mask> b\t<mask>", "a<word>b <word> c_<word> <word>é <word>.", "</s>\n", "<mask><|end|>  <mask>x",
           "<s>[INST] Hi [/INST] Hello</s> [INST]x[/INST]", " [INST]", "<|im_start|>user\nHi<|im_end|>\n", "<tool_call>\n{}", "<unk> <s>x</s>",
           "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>", "▁x", " ▁x", "▁▁", "  x", " ", "e\u0301<|im_end|>\u0301e\u0301",
           "\u1102\u1173\u11c3 \u1113\u1175 \u1102\u1176 \u1102\u1173\u11c2 \ud7a3\u11a8 \uaf48\u11b7", "a\u0c4d\u0c3c \U00011935\U00011930 a\u0327\u0301 a\u0301\u0327 \u0344 \u212b"]


def corpus():
    """The hard texts of make-tokenizer-fixtures.py, which needs more packages; its other parts are not run."""
    source = open(os.path.join(HERE, "make-tokenizer-fixtures.py")).read()
    names = {"random": random}
    exec(source[source.index("def corpus"):source.index("class LlamaCpp")], names)
    return names["corpus"]()


def train(name, lines, size):
    kind, normalizer, pre, decoder, bos, added, ignore = FAMILIES[name]
    if kind == "bytes":
        tok = Tokenizer(models.BPE(ignore_merges=ignore))
        trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False)
        tok.pre_tokenizer = pre
    else:  # trained by words, as SentencePiece does; used without cutting
        tok = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
        trainer = trainers.BpeTrainer(vocab_size=size, limit_alphabet=min(size // 3, 6000), show_progress=False,
                                      special_tokens=["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)])
        tok.pre_tokenizer = pre_tokenizers.Metaspace("▁", "always", split=True)
    tok.train_from_iterator(lines, trainer)
    if kind == "pieces":
        data = json.loads(tok.to_str())
        data["added_tokens"] = []
        # No published tokenizer of this kind merges a byte token or has one among its added tokens.
        tok = Tokenizer.from_str(json.dumps(data))
        tok.pre_tokenizer = pre
    elif ignore:  # a whole piece that merges cannot build, as Llama 3 has
        data = json.loads(tok.to_str())
        vocab = data["model"]["vocab"]
        for token in ("Ġworld", "Ġunbuildable"):
            vocab.setdefault(token, len(vocab))
        tok = Tokenizer.from_str(json.dumps(data))
    tok.normalizer, tok.decoder = normalizer, decoder
    for token in added:
        tok.add_special_tokens([token]) if token.special else tok.add_tokens([token])
    if bos:
        template = processors.TemplateProcessing(f"{bos} $A", f"{bos} $A {bos}:1 $B:1", [(bos, tok.token_to_id(bos))])
        tok.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template]) if kind == "bytes" else template
    return tok


def share_gpt(path, limit):
    text = open(path, encoding="utf-8", errors="replace").read(limit)
    return [json.loads(m) for m in re.findall(r'"value":\s*("(?:[^"\\]|\\.)*")', text)]


def configuration(name, tok):
    bos = FAMILIES[name][4]
    eos = {"llama-3": "<|eot_id|>", "qwen2": "<|im_end|>", "smollm2": "<|im_end|>", "gpt2": "<|endoftext|>",
           "deepseek-llm": "<｜end▁of▁sentence｜>", "deepseek-coder": "<｜end▁of▁sentence｜>"}.get(name, "</s>")
    return {"bos_token": bos, "eos_token": {"content": eos, "special": True}, "pad_token": None, "added_tokens_decoder": {"0": {"content": "x"}},
            "chat_template": [{"name": "default", "template": "{{ messages }}"}, {"name": "tool_use", "template": "x"}]}


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--text"), arguments.add_argument("--size", type=int, default=700), arguments.add_argument("--output")
    options = arguments.parse_args()
    folder = options.output or os.path.join(HERE, "..", "Tests", "TokenizationTests", "Fixtures", "huggingface")
    hard = corpus()
    if options.text:
        lines = share_gpt(options.text, 40_000_000)
    else:
        # Without markup: an ordinary token called <|endoftext|> counts as control here, as in llama.cpp.
        lines = [l for l in hard if l.isprintable() and len(l) < 200 and "<" not in l] * 2 + ["the of and to in is that it was for", "of the and of the in the"] * 9
    for name in FAMILIES:
        tok = train(name, lines, options.size)
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        # Half of the families with merges as the library wrote them before 0.20.
        data = json.loads(tok.to_str())
        if list(FAMILIES).index(name) % 2:
            data["model"]["merges"] = [" ".join(m) for m in data["model"]["merges"]]
        with open(os.path.join(folder, name, "tokenizer.json"), "w") as f:
            json.dump(data, f, ensure_ascii=options.text is not None, separators=(",", ":"))
        with open(os.path.join(folder, name, "tokenizer_config.json"), "w") as f:
            json.dump(configuration(name, tok), f)
        if not options.text:
            cases = [{"text": t, "ids": tok.encode(t, add_special_tokens=False).ids} for t in hard + CONTROL]
            with open(os.path.join(folder, name, "cases.json"), "w") as f:
                json.dump(cases, f, ensure_ascii=True, separators=(",", ":"))
        print(name, tok.get_vocab_size(), "tokens")


main()
