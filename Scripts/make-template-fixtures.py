#!/usr/bin/env python3
"""Writes Tests/ChatTemplatesTests/Fixtures: what real Jinja2, set up as Hugging Face's apply_chat_template sets it up,
makes of chat templates and of small expressions.

    pip install jinja2==3.1.6
    python3 Scripts/make-template-fixtures.py

templates/*.jinja are the templates, written after the published models' own; they are inputs, the two JSON files are
outputs."""

import json
import pathlib
from datetime import datetime

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Tests/ChatTemplatesTests/Fixtures"
DATE = datetime(2025, 3, 9, 14, 5, 7)


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = DATE.strftime
    return env


def render(source, messages, generation_prompt=False):
    """The text, or the error's class as {"error": …}."""
    try:
        return environment().from_string(source).render(
            messages=messages, tools=None, documents=None, add_generation_prompt=generation_prompt,
            bos_token="<s>", eos_token="</s>")
    except Exception as error:  # noqa: BLE001  any refusal is a result
        words = str(error) if isinstance(error, jinja2.exceptions.TemplateError) else ""
        return {"error": type(error).__name__, "message": words}


def turns(*turns):
    """'u:hi', 'a:hello' as messages."""
    roles = {"s": "system", "u": "user", "a": "assistant", "t": "tool"}
    return [{"role": roles[turn[0]], "content": turn[2:]} for turn in turns]


CONVERSATIONS = {
    "one question": turns("u:Hi"),
    "question and answer": turns("u:Hi", "a:Hello!"),
    "two rounds": turns("u:Hi", "a:Hello!", "u:Why?", "a:Because."),
    "system": turns("s:Be brief.", "u:Hi", "a:Hello!", "u:And now?"),
    "all the same": turns("u:a", "a:a", "u:a", "a:a", "u:a", "a:a"),
    "blanks": turns("s:  Be\n brief. \n", "u:\n Hi  ", "a:  Hello!\n\n", "u: \t", "a: ok\u00a0"),
    "empty": turns("u:", "a:", "u:Hi", "a:"),
    "unicode": turns("u:Grüße, 世界 👩‍👩‍👧", "a:naïve ∑ \u2028 \U0001f600 é\u0301"),
    "braces": turns("u:{{ messages }} {% if %} {# no #}", "a:{{ '}}' }} %} {% endfor %} \\n \"q\" 'q' <b>&</b>"),
    "special texts": turns("u:<|im_end|></s>[/INST]", "a:<|eot_id|><s> </s>"),
    "thinking": turns("u:2+2?", "a:<think>\nsum\n</think>\n\n4", "u:3+3?", "a:<think>\nagain\n</think>\n\n6"),
    "assistant first": turns("a:Welcome", "u:Hi"),
    "two users": turns("u:Hi", "u:there", "a:yes"),
    "system last": turns("u:Hi", "a:Hello", "s:late"),
    "tool": turns("u:Weather?", "a:Let me look.", "t:sunny", "a:Sunny."),
    "none": [],
    "named": [{"role": "user", "content": "Hi", "name": "Ann"},
              {"role": "assistant", "content": "Yes", "reasoning_content": "hm"}],
}

# Each renders with the conversation EXPRESSION_MESSAGES.
EXPRESSION_MESSAGES = turns("s:Be brief.", "u: Hi ", "a:Hello, world!")


def expressions():
    here = FIXTURES / "expressions.txt"
    return [json.loads(line) for line in here.read_text().splitlines() if line.startswith('"')]


def main():
    templates = {}
    for path in sorted((FIXTURES / "templates").glob("*.jinja")):
        source = path.read_text()
        templates[path.stem] = {
            name: [render(source, messages, False), render(source, messages, True)]
            for name, messages in CONVERSATIONS.items()}
    fixture = {"conversations": CONVERSATIONS, "renderings": templates}
    (FIXTURES / "templates.json").write_text(json.dumps(fixture, indent=1, ensure_ascii=False) + "\n")
    table = [{"template": e, "result": render(e, EXPRESSION_MESSAGES)} for e in expressions()]
    fixture = {"messages": EXPRESSION_MESSAGES, "cases": table}
    (FIXTURES / "expressions.json").write_text(json.dumps(fixture, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(templates)} templates × {len(CONVERSATIONS)} conversations × 2, {len(table)} expressions")


if __name__ == "__main__":
    main()
