"""llama.cpp as extend is compared with it. Needs: pip install xllamacpp."""
import ctypes
import glob
import os

import xllamacpp


def exact_server(path, context, threads=None):
    """A server of a GGUF with full precision in attention and cache, which llama.cpp rounds to F16 by default."""
    parameters = xllamacpp.CommonParams()
    parameters.model.path, parameters.n_ctx, parameters.n_parallel = str(path), context, 1
    parameters.warmup, parameters.verbosity = False, -1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads or os.cpu_count()
    parameters.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    parameters.cache_type_k = parameters.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    return xllamacpp.Server(parameters)


def c_functions():
    """The functions of its C library."""
    return ctypes.CDLL(glob.glob(os.path.join(os.path.dirname(xllamacpp.__file__), "*.so"))[0])
