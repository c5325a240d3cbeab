#!/usr/bin/env python3
"""Whether llama.cpp loads each of some GGUF files.

usage: llamacpp-loads.py RESULT FILE…

The file RESULT gets a JSON array of true and false, in order. Each file has a process of its own, because llama.cpp
ends the process over some faults. Needs the package xllamacpp.
"""
import json
import os
import sys

from llamacpp import exact_server


def loads(path):
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            server = exact_server(path, 64, threads=1)  # kept: its end waits for its threads, some versions' for ever
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


result = [loads(path) for path in sys.argv[2:]]
with open(sys.argv[1], "w", encoding="utf8") as file:
    json.dump(result, file)
