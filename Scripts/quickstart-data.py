#!/usr/bin/env python3
"""Writes the quick start's conversations and vocabulary: chats made from the word lists and sentences below.

Usage: quickstart-data.py OUTPUT [--pretraining DOCUMENTS]
  OUTPUT/tokenizer.json         byte-level BPE trained on these texts, digits one by one, ChatML control tokens
  OUTPUT/conversations.jsonl    chats of exactly 1,024, 4,096, 8,192 and 16,384 tokens, and short ones
  OUTPUT/pretrain.jsonl         with --pretraining: chats of at most 128 tokens

Needs: pip install tokenizers. No network. Same output every time.
"""
import argparse, json, os, random
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

VOCABULARY = 768
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
# How many chats of each length, in tokens, the extension has to train on and to hold out.
LONG = {1024: 220, 4096: 48, 8192: 12, 16384: 11}

# The passkey test's own words (Mohtashami & Jaggi 2023).
HEADER = ("There is an important info hidden inside a lot of irrelevant text. Find it and memorize them. "
          "I will quiz you about the important information there.")
TEST_FILLER = ["The grass is green.", "The sky is blue.", "The sun is yellow.", "Here we go.", "There and back again."]

ADJECTIVES = "old small big new warm cold quiet bright dark happy tired kind tall young clean strange round soft".split()
COLORS = "red blue green yellow white black brown gray orange pink".split()
ANIMALS = "cat dog bird horse fox bear mouse sheep owl frog duck goat".split()
PEOPLE = "farmer teacher doctor baker sailor child king neighbor painter driver".split()
PLACES = "house river garden forest market school bridge hill village station harbor field".split()
THINGS = "table book lamp boat cup coat clock letter basket wagon window ladder".split()
VERBS = "sleeps waits sings runs walks works rests plays stands reads".split()
MOVES = "walks to|looks at|comes from|goes past|thinks of|stays near".split("|")
TIMES = "In the morning|In the evening|At noon|At night|Every day|On Sunday|After lunch|In winter|In summer".split("|")
NAMES = "Anna Ben Clara David Emma Felix Greta Hugo Ida Jonas Lena Max Nora Otto Paula Rosa".split()
FOODS = "bread soup apples cheese rice honey cake fish".split()
# What a number may belong to; "pass key" is one of them.
OWNERS = "pass door gate garden school boat market station tower bank hotel office cellar garage museum library".split()
SECRETS = ["key", "code", "number"]
GREETINGS = [
    ("Hello!", "Hello! How can I help you?"), ("Hi.", "Hi! What can I do for you?"),
    ("Good morning.", "Good morning! How can I help you?"), ("Good evening.", "Good evening! How can I help you?"),
    ("How are you?", "I am fine, thank you."), ("Who are you?", "I am a very small language model."),
    ("Thank you.", "You are welcome."), ("Goodbye.", "Goodbye! See you soon."), ("Can you help me?", "Yes, I can."),
]
KNOWLEDGE = [
    ("What color is the grass?", "The grass is green."), ("What color is the sky?", "The sky is blue."),
    ("What color is the sun?", "The sun is yellow."), ("What color is snow?", "Snow is white."),
    ("What does a cat eat?", "A cat eats fish."), ("What does a horse eat?", "A horse eats grass."),
    ("What does a mouse eat?", "A mouse eats cheese."), ("Where does a fish live?", "A fish lives in the water."),
    ("Where does a bird live?", "A bird lives in a tree."), ("How many days has a week?", "A week has 7 days."),
    ("How many months has a year?", "A year has 12 months."), ("How many hours has a day?", "A day has 24 hours."),
]

STORY_REPLY = "That is a nice story."


def filler(rng):
    """One sentence about nothing."""
    animal, person, place, thing = rng.choice(ANIMALS), rng.choice(PEOPLE), rng.choice(PLACES), rng.choice(THINGS)
    adjective, color = rng.choice(ADJECTIVES), rng.choice(COLORS)
    return rng.choice([
        lambda: f"The {adjective} {animal} {rng.choice(VERBS)}.",
        lambda: f"The {person} {rng.choice(MOVES)} the {place}.",
        lambda: f"{rng.choice(TIMES)} the {person} {rng.choice(VERBS)}.",
        lambda: f"The {thing} is {rng.choice([adjective, color])}.",
        lambda: f"There is a {color} {thing} in the {place}.",
        lambda: f"A {adjective} {person} has a {color} {thing}.",
        lambda: f"{rng.choice(TIMES)} the {animal} {rng.choice(MOVES)} the {adjective} {place}.",
        lambda: f"The {place} is {adjective} and the {thing} is {color}.",
        lambda: rng.choice(TEST_FILLER),
    ])()


def key(rng):
    """A number of 1 to 5 digits, mostly as the test draws it."""
    return rng.randint(1, 50_000) if rng.random() < 0.7 else rng.randint(0, 10 ** rng.randint(1, 5) - 1)


def needle(name, number):
    return f"The {name} is {number}. Remember it. {number} is the {name}."


def asked(name, number):
    return [("user", f"What is the {name}?"), ("assistant", f"The {name} is {number}.")]


# Chats are lists of (role, content).

def hidden(rng, secrets, text, header, asking):
    """Secrets (name, number) in sentences of filler; `asking` of them are asked for, each once."""
    places = sorted((rng.randint(0, len(text)), needle(*secret)) for secret in secrets)
    lines, start = [header], 0
    for place, words in places:
        lines += [" ".join(text[start:place]), words]
        start = place
    lines.append(" ".join(text[start:]))
    (_, question), *rest = [turn for secret in rng.sample(secrets, asking) for turn in asked(*secret)]
    return [("user", "\n".join(line for line in [*lines, question] if line)), *rest]


def passkey(rng, text, header=HEADER):
    """The test as it is asked: one number in filler."""
    return hidden(rng, [("pass key", key(rng))], text, header, asking=1)


def several(rng, text, count, asking, header=HEADER):
    """Several numbers in filler."""
    names = rng.sample([f"{owner} {secret}" for owner in OWNERS for secret in SECRETS], count)
    if "pass key" not in names and rng.random() < 0.5:
        names[0] = "pass key"
    return hidden(rng, [(name, key(rng)) for name in names], text, header, asking)


def two(rng, text):
    """Two numbers in filler, both asked for."""
    return several(rng, text, 2, 2)


def facts(rng):
    """What a person may tell about herself: ((telling, reply), (question, answer)) each."""
    name, animal, pet = rng.choice(NAMES), rng.choice(ANIMALS), rng.choice(NAMES)
    food, color, place, age = rng.choice(FOODS), rng.choice(COLORS), rng.choice(PLACES), rng.randint(18, 99)
    return [
        ((f"My name is {name}.", f"Nice to meet you, {name}."), ("What is my name?", f"Your name is {name}.")),
        ((f"My {animal} is called {pet}.", f"{pet} is a nice name."),
         (f"What is my {animal} called?", f"Your {animal} is called {pet}.")),
        ((f"I like {food}.", "That is good to know."), ("What do I like?", f"You like {food}.")),
        ((f"My house is {color}.", "That sounds nice."), ("What color is my house?", f"Your house is {color}.")),
        ((f"I live near the {place}.", "That is a good place."), ("Where do I live?", f"You live near the {place}.")),
        ((f"I am {age} years old.", "I will remember it."), ("How old am I?", f"You are {age} years old.")),
    ]


def turns(pairs):
    return [turn for user, assistant in pairs for turn in (("user", user), ("assistant", assistant))]


def acquaintance(rng, pairs):
    """Facts told early, small talk between, and questions about the facts."""
    told = rng.sample(facts(rng), rng.randint(1, min(4, max(1, pairs // 2))))
    talk = rng.choices(GREETINGS + KNOWLEDGE, k=max(0, pairs - 2 * len(told)))
    return turns([fact for fact, _ in told] + talk + [question for _, question in rng.sample(told, len(told))])


def stories(rng, text):
    """Facts told early, stories in sentences of filler, small talk between, and questions about the facts."""
    told, talk, start = rng.sample(facts(rng), 4 if len(text) > 8 else 1), [], 0
    size = max(8, len(text) // 24)
    while start < len(text):
        end = len(text) if len(text) - start < 2 * size else start + rng.randint(size, 2 * size)
        talk += [(" ".join(text[start:end]), STORY_REPLY), rng.choice(GREETINGS + KNOWLEDGE)]
        start = end
    return turns([fact for fact, _ in told] + talk + [question for _, question in rng.sample(told, len(told))])


def repetition(rng, count):
    """Words and numbers to be said again."""
    pool = ANIMALS + THINGS + COLORS + NAMES + PLACES
    said = " ".join(str(key(rng)) if rng.random() < 0.5 else rng.choice(pool) for _ in range(count))
    return [("user", f"Repeat this: {said}"), ("assistant", said)]


def small(rng):
    """A chat of about 128 tokens or fewer, with the header of the test or without."""
    kind, header = rng.random(), rng.choice([HEADER, None])
    room = 4 if header else 10
    if kind < 0.3:
        return passkey(rng, sentences(rng, rng.randint(0, room + 4)), header)
    if kind < 0.6:
        count = rng.randint(1, 2 if header else 3)
        return several(rng, sentences(rng, rng.randint(0, room - 3 * count + 6)), count, rng.randint(1, count), header)
    if kind < 0.8:
        return repetition(rng, rng.randint(3, 18))
    return acquaintance(rng, rng.randint(1, 6)) if kind < 0.95 else stories(rng, sentences(rng, rng.randint(1, 4)))


def sentences(rng, count):
    """Filler: half of the time that of the test."""
    if rng.random() < 0.5:
        return [TEST_FILLER[number % len(TEST_FILLER)] for number in range(count)]
    return [filler(rng) for _ in range(count)]


class Measure:
    """Lengths in tokens."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def text(self, text):
        return len(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def chat(self, chat):
        return self.text(rendered(chat))

    def exact_chat(self, rng, length, make):
        """A chat of exactly `length` tokens, which `make(rng, text)` forms from sentences of filler."""
        while True:
            seed, text = rng.random(), sentences(rng, length // 4)
            while (missing := length - self.chat(make(random.Random(seed), text))) < 24:
                del text[-max(1, (40 - missing) // 8):]
            while missing > 24:
                text.append(filler(rng))
                missing -= self.text(" " + text[-1])
            for _ in range(50):  # the last sentences have to fit
                more = [filler(rng) for _ in range(rng.randint(2, 4))]
                if sum(self.text(" " + sentence) for sentence in more) == missing:
                    chat = make(random.Random(seed), text + more)
                    if self.chat(chat) == length:
                        return chat


def rendered(chat):
    """ChatML, as the model's template writes it."""
    return "".join(f"<|im_start|>{role}\n{content}<|im_end|>\n" for role, content in chat)


def trained_tokenizer(texts):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIALS, show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    return tokenizer


def save(path, chats):
    with open(path, "w") as file:
        for name, chat in chats:
            messages = [{"role": role, "content": content} for role, content in chat]
            file.write(json.dumps({"id": name, "messages": messages}, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output")
    parser.add_argument("--pretraining", type=int, default=0)
    options = parser.parse_args()
    os.makedirs(options.output, exist_ok=True)

    rng = random.Random(1)
    texts = [rendered(small(rng)) for _ in range(4000)]
    for special in SPECIALS:
        texts = [text.replace(special, "") for text in texts]
    tokenizer = trained_tokenizer(texts)
    tokenizer.save(os.path.join(options.output, "tokenizer.json"))
    measure = Measure(tokenizer)

    rng, chats = random.Random(2), []
    kinds = [passkey, stories, passkey, two, passkey]
    for length, count in LONG.items():
        for number in range(count):
            kind = kinds[number % len(kinds)]
            chat = measure.exact_chat(rng, length, kind)
            chats.append((f"{length}-{number}", chat))
    chats += [(f"short-{number}", acquaintance(rng, rng.randint(2, 12))) for number in range(200)]
    save(os.path.join(options.output, "conversations.jsonl"), chats)

    rng, chats = random.Random(3), []
    while len(chats) < options.pretraining:
        chat = small(rng)
        if measure.chat(chat) <= 128:
            chats.append((f"small-{len(chats)}", chat))
    if chats:
        save(os.path.join(options.output, "pretrain.jsonl"), chats)


if __name__ == "__main__":
    main()
