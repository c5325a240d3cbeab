#!/usr/bin/env python3
"""Whether llama.cpp loads each of some GGUF files.

usage: llamacpp-loads.py RESULT FILE…

The file RESULT gets a JSON array of true and false, in order. Each file has a process of its own, because llama.cpp
ends the process over some faults. Needs the package xllamacpp.
"""
import json
import os
import sys

import xllamacpp


def load(path):
    parameters = xllamacpp.CommonParams()
    parameters.model.path, parameters.n_ctx, parameters.n_parallel = path, 64, 1
    parameters.warmup, parameters.verbosity = False, -1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    return xllamacpp.Server(parameters)


def loads(path):
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            server = load(path)  # kept: its end waits for its threads, some versions' for ever
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


result = [loads(path) for path in sys.argv[2:]]
with open(sys.argv[1], "w", encoding="utf8") as file:
    json.dump(result, file)
