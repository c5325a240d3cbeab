#!/usr/bin/env python3
"""Writes Tests/EvaluationSuitesTests/Fixtures/ruler.json: digests of RULER examples drawn with CPython's and NumPy's own
generators, to compare the Swift generators with where NVIDIA's files are not at hand.

Usage: make-ruler-fixture.py [GOLDEN_FOLDER]     Needs: Python 3.11, numpy. Reads the word lists of EvaluationSuites.

With GOLDEN_FOLDER (files that NVIDIA's scripts made with a tokenizer that splits at white space, and the text
essay_haystack.json) this script first checks itself against them.
"""
import json
import math
import pathlib
import random
import re
import string
import sys
import uuid

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
LISTS = ROOT / "Sources/EvaluationSuites/Words/Resources"
SEED = 42
NOISE = "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again."


def words(name):
    return [line.rstrip() for line in (LISTS / f"{name}.txt").read_text().splitlines()]


PAIRS = sorted({f"{a}-{n}" for a in words("adjectives") for n in words("nouns")})
ALL = sorted(set(words("nouns") + words("adjectives") + words("verbs")))
DEPTHS = [int(d) for d in np.round(np.linspace(0, 100, num=40, endpoint=True))]
count = lambda text: len(text.split())


def shuffled(items):
    items = list(items)
    random.Random(SEED).shuffle(items)
    return items


class Needles:
    generated = 128

    def __init__(self, length, essay, hay, key="words", value="numbers", keys=1, values=1, queries=1):
        self.essay, self.hay, self.key, self.value = essay.split(), hay, key, value
        self.keys, self.values, self.queries = keys, values, queries
        self.step = 500 if hay == "essay" else 5 if length < 4096 else 25

    def draw(self, kind):
        if kind == "numbers":
            return str(random.randint(10**6, 10**7 - 1))
        return random.choice(PAIRS) if kind == "words" else str(uuid.UUID(int=random.getrandbits(128), version=4))

    def sentence(self, key, value):
        return f"One of the special magic {self.value} for {key} is: {value}."

    def make(self, size):
        keys, values, needles = [], [], []
        for _ in range(self.keys):
            keys.append(self.draw(self.key))
            values.append([])
            for _ in range(self.values):
                values[-1].append(self.draw(self.value))
                needles.append(self.sentence(keys[-1], values[-1][-1]))
        needles = shuffled(needles)
        if self.hay == "essay":
            repeats = -(-size // len(self.essay))
            text = re.split(r"(?<=[.!?])\s+", " ".join((self.essay * repeats)[:size]))
            ends = sorted(int(len(text) * (d / 100)) for d in random.sample(DEPTHS, len(needles))) + [len(text)]
            parts, start = [], 0
            for i, end in enumerate(ends):
                parts.append(" ".join(text[start:end]))
                parts += needles[i:i + 1]
                start = end
            context = " ".join(parts)
        else:
            lines = [NOISE] * size if self.hay == "noise" else [
                self.sentence(self.draw(self.key), self.draw(self.value)) for _ in range(size)]
            for place, needle in zip(sorted(random.sample(range(size), len(needles)), reverse=True), needles):
                lines.insert(place, needle)
            context = "\n".join(lines)
        asked = random.sample(range(self.keys), self.queries)
        names = [keys[i] for i in asked]
        query = ", ".join(names[:-1]) + ", and " + names[-1] if len(names) > 1 else names[0]
        template = (
            "Some special magic {t} are hidden within the following text. Make sure to memorize it. I will quiz you "
            "about the {t} afterwards.\n{c}\nWhat are all the special magic {t} for {q} mentioned in the provided text?",
            " The special magic {t} for {q} mentioned in the provided text are")
        kind = self.value
        if self.queries * self.values == 1:
            kind = kind[:-1]
            for old, new in (("Some", "A"), ("are all", "is"), ("are", "is"), ("answers", "answer")):
                template = tuple(part.replace(old, new) for part in template)
        return tuple(p.format(t=kind, c=context, q=query) for p in template) + (
            [v for i in asked for v in values[i]],)

    def upper(self, length):
        return max(int(length / (count("".join(self.make(self.step)[:2])) / self.step) * 3), self.step * 2)

    extra = 0
    finish = staticmethod(lambda text: text)


class Variables(Needles):
    generated, solved = 30, None

    def __init__(self, length, essay):
        self.step = 5
        text, prefix, names, _ = samples(self, 500, 1, 0)[0]
        self.solved = f"{text}{prefix} {' '.join(names)}\n"
        self.step, self.extra = (5 if length < 4096 else 10), count(self.solved)

    def letters(self, k):
        return "".join(random.choices(string.ascii_uppercase, k=k))

    def make(self, size):
        names = [self.letters(5 if self.solved else 3) for _ in range(5)]
        assert len(set(names)) == 5
        value = str(np.random.randint(10000, 99999)) if self.solved else "12345"
        chain = [f"VAR {names[0]} = {value}"] + [f"VAR {b} = VAR {a} " for a, b in zip(names, names[1:])]
        lines = [NOISE] * size
        for j, place in enumerate(sorted(random.sample(range(size), 5))):
            lines.insert(place + j, chain[j])
        context = "\n".join(lines)
        return (
            "Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n"
            f"{context}\nQuestion: Find all variables that are assigned the value {value} in the text above.",
            " Answer: According to the chain(s) of variable assignment in the text above, 5 variables are assigned the "
            f"value {value}, they are: ", names)

    def finish(self, text):
        if not self.solved:
            return text
        solved = self.solved
        for name in solved.split()[-5:]:
            solved = solved.replace(name, self.letters(len(name)))
        return solved.replace("12345", str(np.random.randint(10000, 99999))) + "\n" + text


class CommonWords(Needles):
    generated, step = 120, 10
    question = ("Below is a numbered list of words. In these words, some appear more often than others. Memorize the "
                "ones that appear most often.\n{}\nQuestion: What are the 10 most common words in the above list?")
    prefix = " Answer: The top 10 words that appear most often in the list are:"

    def __init__(self, length, essay):
        self.short, self.words = length < 4096, shuffled(ALL)

    def list(self, size, common, others):
        drawn = random.sample(self.words, size)
        numbered = lambda items: " ".join(f"{i + 1}. {w}" for i, w in enumerate(items))
        return numbered(shuffled(drawn[:10] * common + drawn[10:] * others)), drawn[:10], numbered(drawn[:10])

    def make(self, size):
        solved = self.list(20, 3, 1) if self.short else self.list(40, 10, 3)
        asked = self.list(size, 6, 1) if self.short else self.list(size, 30, 3)
        return (self.question.format(solved[0]) + self.prefix + " " + solved[2] + "\n" + self.question.format(asked[0]),
                self.prefix, asked[1])

    def upper(self, length):
        return max(int(length // (count("".join(self.make(4096)[:2])) / 4096)) * 2, 20)


class Questions(Needles):
    """SQuAD's rules over paragraphs of five articles that are made up here and in the test alike."""
    generated, step, asked = 32, 10, 0

    def __init__(self, length, essay):
        self.texts = sorted({f"Article {a} part {p} says that " + "word " * (p % 7 + 3) + f"value {a * 31 + p}."
                             for a in range(5) for p in range(30)})

    def question(self):
        """The question, its answers, the numbers of the texts that hold them, and those of the same article's others."""
        a, p = self.asked % 5, self.asked % 30
        part = lambda p: self.texts.index(next(t for t in self.texts if t.startswith(f"Article {a} part {p} ")))
        return (f"What does part {p} of article {a} say?", [f"value {a * 31 + p}"], [part(p)],
                [part(i) for i in range(30) if i != p])

    def make(self, size):
        query, answers, own, related = self.question()
        if size < len(self.texts):
            if size - len(own) > len(related):
                others = [i for i in range(len(self.texts)) if i not in own + related]
                numbers = own + related + random.sample(others, max(0, size - len(own) - len(related)))
            else:
                numbers = own + random.sample(related, size - len(own))
        else:
            numbers = range(len(self.texts))
        task = ("Answer the question based on the given documents. Only give me the answer and do not output any other "
                "words.\n\n")
        context = "\n\n".join(f"Document {i + 1}:\n{self.texts[n]}" for i, n in enumerate(shuffled(numbers)))
        # shuffled() before or after the texts are looked up draws the same order.
        return (f"{task}The following are given documents.\n\n{context}\n\n{task}Question: {query}", " Answer:", answers)


class LinkedQuestions(Questions):
    """HotpotQA's rules over titled paragraphs that are made up here and in the test alike; ten belong to an even
    question, six to an odd one, and some to several."""

    def __init__(self, length, essay):
        self.entries = [
            (f"What is the place of {q}?", f"place {q * 37}",
             [self.text((q * 7 + i * (q % 3 + 1)) % 110) for i in range(6 if q % 2 else 10)]) for q in range(16)]
        self.texts = sorted({text for _, _, context in self.entries for text in context})

    def text(self, n):
        title, sentences = f"Topic {n}", [f"It has place {n * 37}.", " There is " + "word " * (n % 5 + 2) + "in it."]
        return f"{title}\n{''.join(sentences)}"

    def question(self):
        query, answer, context = self.entries[self.asked]
        return query, [answer], [self.texts.index(text) for text in context], []


def samples(task, length, number, generated):
    low, high, best = task.step, task.upper(length), None
    while low <= high:
        middle = (low + high) // 2
        if count("".join(task.make(middle)[:2])) + task.extra + generated <= length:
            best, low = middle, middle + 1
        else:
            high = middle - 1
    made = []
    for sample in range(number):
        size, task.asked = best or task.step, sample
        while True:
            text, prefix, answers = task.make(size)
            text = task.finish(text)
            tokens = count(text + prefix) + generated
            if tokens <= length:
                break
            assert size > task.step
            size -= task.step
        made.append((text, prefix, answers, tokens))
    return made


def frequent_words(length, number):
    limit = length - 50

    def vocabulary():
        size = limit // 50
        names = ["".join(random.choices(string.ascii_lowercase, k=6)) for _ in range(size)]
        while len(set(names)) < size:
            names.append("".join(random.choices(string.ascii_lowercase, k=6)))
        return ["..."] + shuffled(sorted(set(names)))[1:]

    def make(names, size):
        counts = (size * (np.arange(1, len(names) + 1) ** -2.0) / (math.pi**2 / 6)).astype(int)
        text = " ".join(shuffled(w for w, n in zip(names, counts) for _ in range(n)))
        return (
            "Read the following coded text and track the frequency of each coded word. Find the three most frequently "
            f"appeared coded words. {text}\nQuestion: Do not provide any explanation. Please ignore the dots '....'. What "
            "are the three most frequently appeared words in the above coded text?",
            " Answer: According to the coded text above, the three most frequently appeared words are:", names[1:4])

    names, size, step = vocabulary(), limit // 6, limit // 32
    while count("".join(make(names, size)[:2])) < limit:
        size += step
    size -= step
    made = []
    for _ in range(number):
        names, own = vocabulary(), size
        while count("".join(make(names, own)[:2])) > limit:
            own -= step
        text, prefix, answers = make(names, own)
        made.append((text, prefix, answers, count(text + prefix) + 50))
    return made


KINDS = {
    "niah_single_1": dict(hay="noise"), "niah_single_2": dict(hay="essay"),
    "niah_single_3": dict(hay="essay", value="uuids"), "niah_multikey_1": dict(hay="essay", keys=4),
    "niah_multikey_2": dict(hay="needles"), "niah_multikey_3": dict(hay="needles", key="uuids", value="uuids"),
    "niah_multivalue": dict(hay="essay", values=4), "niah_multiquery": dict(hay="essay", keys=4, queries=4)}
OTHERS = {"vt": Variables, "cwe": CommonWords, "qa_1": Questions, "qa_2": LinkedQuestions}
TASKS = [*KINDS, "vt", "cwe", "fwe", "qa_1", "qa_2"]


def run(name, length, number, essay):
    random.seed(SEED)
    np.random.seed(SEED)
    if name == "fwe":
        return frequent_words(length, number)
    task = Needles(length, essay, **KINDS[name]) if name in KINDS else OTHERS[name](length, essay)
    return samples(task, length, number, task.generated)


def digest(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


if len(sys.argv) > 1:
    folder = pathlib.Path(sys.argv[1])
    essay = json.loads((folder / "essay_haystack.json").read_text())["text"]
    for path in sorted(folder.glob("*/*/validation.jsonl")):
        golden = [json.loads(line) for line in path.read_text().splitlines()]
        made = run(path.parent.name, int(path.parent.parent.name), len(golden), essay)
        same = made == [(g["input"], g["answer_prefix"], g["outputs"], g["length"]) for g in golden]
        print(path.relative_to(folder), "equal" if same else "DIFFERENT")
        assert same

essay = " ".join(f"Sentence {i} tells of {word}." for i, word in enumerate(ALL[::16]))
rows = [
    {"task": name, "length": length, "outputs": answers, "tokens": tokens, "prompt": digest(text + prefix)}
    for length in (270, 1024, 4200) for name in (TASKS if length > 270 else ["qa_2"]) for text, prefix, answers, tokens in run(name, length, 2, essay)]
target = ROOT / "Tests/EvaluationSuitesTests/Fixtures/ruler.json"
target.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
print(f"{len(rows)} examples in {target.relative_to(ROOT)}")
