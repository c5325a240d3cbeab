#!/usr/bin/env python3
"""Makes Tests/GGUFFormatTests/Fixtures/all-types.gguf with gguf-py, the reference implementation.

Needs: pip install gguf (0.19 or newer). Run from the top of the repository; the result is the same every time.

Metadata: every value type and every array type. Tensors, 2 rows of 512:
  stored.T   random blocks of type T (finite scales of all sizes and signs, any other bits at random)
  decoded.T  what gguf.quants.dequantize makes of them, as F32
  source     floats that exercise rounding: ties, subnormals, zero blocks, large and tiny scales
  encoded.T  what gguf.quants.quantize makes of `source`, for the types this project encodes
"""
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type, GGUFValueType as Value
from gguf.quants import dequantize, quantize
from gguf_fixture import save

ROWS, COLUMNS = 2, 512
random = np.random.default_rng(20240607)

# Where the halves (scales, minima) of a block lie: they are made finite.
HALVES = {
    Type.Q8_0: [0], Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2],
    Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208], Type.F16: [0], Type.BF16: [],
}


def blocks(kind):
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    data = random.integers(0, 256, (ROWS * COLUMNS // elements, size), dtype=np.uint8)
    for at in HALVES[kind]:
        half = data[:, at:at + 2].copy().view(np.uint16)
        half &= np.where(half & 0x7C00 == 0x7C00, 0x83FF, 0xFFFF).astype(np.uint16)  # infinite → subnormal
        data[:, at:at + 2] = half.view(np.uint8)
    if kind == Type.BF16:
        data[:, 1] &= 0xBF  # no infinities and NaNs
    return data.reshape(ROWS, -1)


def source():
    x = random.standard_normal((ROWS, COLUMNS)).astype(np.float32)
    x[0, 32:64] = 0
    x[0, 64:96] *= np.float32(1e-6)
    x[0, 96:128] *= np.float32(1e4)
    x[0, 128:160] = (np.arange(32, dtype=np.float32) - 15.5) * np.float32(0.5)  # ties for Q8_0: max is 127 steps
    x[0, 128] = 63.5
    x[0, 160:192] = np.float32(1) + (np.arange(32, dtype=np.float32) * np.float32(2**-12))  # ties of F16 and BF16
    x[0, 192:224] = np.arange(32, dtype=np.float32) * np.float32(2**-25)  # subnormal halves and their ties
    x[0, 224:256] = -x[0, 192:224] * np.float32(513)
    x[1, 0:32] *= np.float32(65504 / np.abs(x[1, 0:32]).max())
    return x


def metadata(writer):
    scalars = {
        Value.UINT8: 255, Value.INT8: -128, Value.UINT16: 65535, Value.INT16: -32768, Value.UINT32: 4294967295,
        Value.INT32: -2147483648, Value.FLOAT32: 0.1, Value.BOOL: True, Value.STRING: "grüße 🌍\n",
        Value.UINT64: 18446744073709551615, Value.INT64: -9223372036854775808, Value.FLOAT64: 0.1,
    }
    for kind, value in scalars.items():
        writer.add_key_value(f"scalar.{kind.name.lower()}", value, kind)
    for kind, value in scalars.items():
        other = {Value.BOOL: False, Value.STRING: ""}.get(kind, 1)
        writer.add_key_value(f"array.{kind.name.lower()}", [value, other, value], Value.ARRAY, kind)


def main():
    path = Path("Tests/GGUFFormatTests/Fixtures/all-types.gguf")
    writer = gguf.GGUFWriter(path, "fixture")
    metadata(writer)
    for kind in HALVES:
        name = kind.name.lower()
        data = blocks(kind)
        if kind == Type.F16:
            data = data.view(np.float16)
        writer.add_tensor(f"stored.{name}", data, raw_dtype=kind)
        writer.add_tensor(f"decoded.{name}", np.ascontiguousarray(dequantize(data, kind), dtype=np.float32))
    x = source()
    writer.add_tensor("source", x)
    for kind in (Type.F16, Type.BF16, Type.Q8_0):
        writer.add_tensor(f"encoded.{kind.name.lower()}", quantize(x, kind), raw_dtype=kind)
    save(writer, path)


if __name__ == "__main__":
    main()
