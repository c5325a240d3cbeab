#!/usr/bin/env python3
"""Writes Tests/LlamaModelTests/Fixtures/rope.json: inverse frequencies and magnitudes as Hugging Face transformers
computes them, and cos/sin at far positions with 50 decimal digits.

Needs: pip install transformers torch mpmath. Run from the top folder: python3 Scripts/make-rope-fixtures.py
"""
import json
import pathlib

import mpmath
import transformers
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

LONG = [1.0 + 0.25 * i for i in range(32)]
SHORT = [1.0 + 0.01 * i for i in range(32)]

# name, head size, theta, trained context, rope parameters in transformers' words
CASES = [
    ("linear 8", 128, 10000.0, 16384, {"rope_type": "linear", "factor": 8.0}),
    ("yarn 16", 128, 10000.0, 65536,
     {"rope_type": "yarn", "factor": 16.0, "original_max_position_embeddings": 4096}),
    ("yarn 4, theta 1e6", 64, 1000000.0, 131072,
     {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}),
    ("yarn 128, own betas and attention factor", 128, 500000.0, 1048576,
     {"rope_type": "yarn", "factor": 128.0, "original_max_position_embeddings": 8192, "beta_fast": 4.0,
      "beta_slow": 1.0, "attention_factor": 1.25}),
    ("yarn 32, ramp not rounded", 64, 100000.0, 262144,
     {"rope_type": "yarn", "factor": 32.0, "original_max_position_embeddings": 8192, "truncate": False}),
    ("llama3 8", 128, 500000.0, 131072,
     {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
      "original_max_position_embeddings": 8192}),
    ("llama3 32", 64, 500000.0, 131072,
     {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
      "original_max_position_embeddings": 8192}),
    ("longrope long", 64, 10000.0, 131072,
     {"rope_type": "longrope", "short_factor": SHORT, "long_factor": LONG, "factor": 32.0,
      "original_max_position_embeddings": 4096}),
    ("longrope short", 64, 10000.0, 131072,
     {"rope_type": "longrope", "short_factor": SHORT, "long_factor": LONG, "factor": 32.0,
      "original_max_position_embeddings": 4096}),
]


def frequencies():
    for name, head_size, theta, context, parameters in CASES:
        config = LlamaConfig(hidden_size=4 * head_size, num_attention_heads=4, head_dim=head_size,
                             max_position_embeddings=context, rope_parameters={"rope_theta": theta, **parameters})
        length = 4096 if name == "longrope short" else context
        inverse, magnitude = ROPE_INIT_FUNCTIONS[parameters["rope_type"]](config, seq_len=length)
        yield {"name": name, "headSize": head_size, "theta": theta, "context": context, "sequenceLength": length,
               "inverseFrequencies": [float(f"{value:.9g}") for value in inverse.tolist()],
               "magnitude": float(magnitude)}


def far_positions():
    """theta and position -> every cos and sin, in 50 digits."""
    mpmath.mp.dps = 50
    for theta, head_size, position in [(3580165449, 64, 1048575), (10000, 64, 1048575), (500000, 128, 8191)]:
        angles = [position * mpmath.mpf(theta) ** (mpmath.mpf(-2 * i) / head_size) for i in range(head_size // 2)]
        yield {"theta": theta, "headSize": head_size, "position": position,
               "cos": [float(mpmath.nstr(mpmath.cos(angle), 12)) for angle in angles],
               "sin": [float(mpmath.nstr(mpmath.sin(angle), 12)) for angle in angles]}


path = pathlib.Path("Tests/LlamaModelTests/Fixtures/rope.json")
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(json.dumps({"transformers": transformers.__version__, "shortFactors": SHORT, "longFactors": LONG,
                            "frequencies": list(frequencies()), "farPositions": list(far_positions())},
                           indent=None, separators=(",", ":")) + "\n")
print(f"{path}: {path.stat().st_size} bytes")
