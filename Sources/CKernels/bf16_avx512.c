// The forms and columns of bfloat16 with the instructions of AVX512-BF16, which take subnormal numbers for zero. The
// whole file is compiled for them, inline functions of the headers too.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "bf16_avx512.h"

#pragma clang attribute push(__attribute__((target("avx512bf16,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,bmi,bmi2"))), apply_to = function)

#include "attention_block.h"
#include "ck_bf16.h"

CK_INLINE ck_f16v_aligned rounded_both(ck_f16v_aligned low, ck_f16v_aligned high) {
  return (ck_f16v_aligned)_mm512_cvtne2ps_pbh((__m512)high, (__m512)low);
}

#define CK_SET(name) ck_avx512_##name
#define CK_TARGET
#define CK_HALF(x) ((ck_half16)_mm512_cvtneps_pbh((__m512)(x)))
#define CK_PAIR(x, y) ck_words(rounded_both(x, y))
#define CK_BOTH(x, y) rounded_both(x, y)
#include "attention_bf16_columns.h"
#include "bf16_forms.h"

#pragma clang attribute pop
#endif
