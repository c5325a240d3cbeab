#!/usr/bin/env python3
"""llama.cpp's log-probabilities of the token after each prompt, for comparison with ours.

usage: llamacpp-logprobs.py MODEL.gguf CONTEXT TOP RESULT < PROMPTS

PROMPTS is a JSON array of prompts, each an array of token ids; the file RESULT gets a
JSON array with one array of [id, ln p] pairs per prompt, best first. Needs the package xllamacpp. Keys and values are
cached as F32, so that arithmetic alone can make a difference.
"""
import json
import sys

from llamacpp import exact_server

model, context, top = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
server = exact_server(model, context, threads=2)
result = []
for prompt in json.load(sys.stdin):
    answer = server.handle_completions(
        {"prompt": prompt, "max_tokens": 1, "temperature": 0, "logprobs": top, "cache_prompt": False})
    first = answer["choices"][0]["logprobs"]["content"][0]
    result.append([[candidate["id"], candidate["logprob"]] for candidate in first["top_logprobs"]])
# llama.cpp writes to standard output too.
with open(sys.argv[4], "w", encoding="utf8") as file:
    json.dump(result, file)
