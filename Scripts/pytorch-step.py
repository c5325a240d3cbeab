#!/usr/bin/env python3
"""One full fine-tuning step (forward, backward, AdamW) of a Llama of SmolLM2-135M's shape by PyTorch on the CPU.

Needs: torch, transformers. Random weights and tokens; scaled-dot-product attention; every token labelled.
usage: pytorch-step.py LENGTH [--precision fp32|bf16] [--checkpointing] [--steps 2] [--threads N]
Prints one JSON object: seconds of each step, tokens per second of the fastest, the process's peak memory.
With bf16 weights, gradients and moments are bfloat16 too, as is usual with PyTorch; extend keeps those in single precision.
"""
import argparse
import json
import os
import resource
import time

import torch
import transformers

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("length", type=int)
parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
parser.add_argument("--checkpointing", action="store_true", help="form activations again in backward, layer by layer")
parser.add_argument("--steps", type=int, default=2)
parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(0)
model = transformers.LlamaForCausalLM(transformers.LlamaConfig(
    vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
    num_key_value_heads=3, max_position_embeddings=max(8192, options.length), tie_word_embeddings=True,
    rms_norm_eps=1e-5, attn_implementation="sdpa", use_cache=False))
model.train()
if options.precision == "bf16":
    model = model.to(torch.bfloat16)
if options.checkpointing:
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)
tokens = torch.randint(0, 49152, (1, options.length))

seconds, loss = [], None
for _ in range(options.steps):
    begin = time.perf_counter()
    loss = model(input_ids=tokens, labels=tokens).loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    seconds.append(time.perf_counter() - begin)

print(json.dumps({
    "torch": torch.__version__, "transformers": transformers.__version__, "capability": torch.backends.cpu.get_cpu_capability(),
    "threads": torch.get_num_threads(), "length": options.length, "precision": options.precision,
    "checkpointing": options.checkpointing, "steps": seconds, "loss": loss.item(),
    "tokensPerSecond": options.length / min(seconds),
    "peakRSSBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
