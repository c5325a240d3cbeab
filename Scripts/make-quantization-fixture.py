#!/usr/bin/env python3
"""Makes Tests/GGUFFormatTests/Fixtures/quantized.gguf: what other programs make of the same floats.

Needs: pip install gguf xllamacpp (llama.cpp as a wheel, whose own quantisers are called). Run from the top of the
repository; the result is the same every time.

  source        [8, 512] F32: normal and heavy-tailed values, all of one sign, zeros, tiny and large ones
  importance    [512] F32: a weight for each column
  py.T          gguf-py's bytes of `source`, for Q8_0, Q4_0, Q4_1, Q5_0, Q5_1
  mse.T         [2] F32: the mean squared error of llama.cpp's quantisation of `source` to T without importance,
                and, weighted by it, with importance
"""
import ctypes
import glob
from pathlib import Path

import gguf
import numpy as np
import xllamacpp
from gguf import GGMLQuantizationType as Type
from gguf.quants import dequantize, quantize
from gguf_fixture import save

ROWS, COLUMNS = 8, 512
random = np.random.default_rng(20261122)
library = ctypes.CDLL(glob.glob(str(Path(xllamacpp.__file__).parent / "*.so"))[0])
library.ggml_quantize_chunk.restype = ctypes.c_size_t
library.ggml_quantize_chunk.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p] + [ctypes.c_int64] * 3 + [ctypes.c_void_p]


def source():
    x = random.standard_normal((ROWS, COLUMNS)).astype(np.float32) * np.float32(0.02)
    x[1] = random.standard_t(3, COLUMNS).astype(np.float32)
    x[2] = np.abs(x[2]) + np.float32(0.1)
    x[3] = -np.abs(x[3])
    x[4, :256] = 0
    x[5] *= np.float32(1e-5)
    x[6] *= np.float32(1e5)
    x[7, 0:32] = np.arange(32, dtype=np.float32) - 16  # ties everywhere
    return x


def llamacpp(kind, x, importance):
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    out = np.zeros((ROWS, COLUMNS // elements * size), np.uint8)
    library.ggml_quantize_chunk(int(kind), x.ctypes.data, out.ctypes.data, 0, ROWS, COLUMNS,
                                importance.ctypes.data if importance is not None else None)
    return dequantize(out, kind).astype(np.float64)


def main():
    path = Path("Tests/GGUFFormatTests/Fixtures/quantized.gguf")
    writer = gguf.GGUFWriter(path, "fixture")
    x, importance = source(), (random.random(COLUMNS) ** 4 + 1e-3).astype(np.float32)
    writer.add_tensor("source", x)
    writer.add_tensor("importance", importance)
    for kind in (Type.Q8_0, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1):
        writer.add_tensor(f"py.{kind.name.lower()}", quantize(x, kind), raw_dtype=kind)
    for kind in (Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q4_K, Type.Q5_K, Type.Q6_K):
        # Rows of very different sizes: each counts by its own mean square.
        share = 1 / (x.astype(np.float64) ** 2).mean(axis=1, keepdims=True)
        plain = (share * (llamacpp(kind, x, None) - x) ** 2).mean()
        weighted = (importance * share * (llamacpp(kind, x, importance) - x) ** 2).mean()
        writer.add_tensor(f"mse.{kind.name.lower()}", np.array([plain, weighted], np.float32))
    save(writer, path)


if __name__ == "__main__":
    main()
