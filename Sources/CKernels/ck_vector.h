// Sixteen floats at a time. The compiler lowers them to AVX-512, AVX2, SSE or NEON; CK_CLONES makes
// one copy of a function per x86 level and picks it when the program is loaded.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#define CK_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "avx512bw")))
#else
#define CK_CLONES
#endif
/// Attributes of functions for one instruction set. AVX-512 is named by its features: for "arch=x86-64-v4" the
/// compiler prefers registers of 256 bits. AVX-512 comes with AVX2 and fused multiply-adds.
#define CK_AVX2_TARGET __attribute__((target("arch=x86-64-v3")))
#define CK_AVX512_FEATURES "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,bmi,bmi2"
#define CK_AVX512_TARGET __attribute__((target(CK_AVX512_FEATURES)))
#define CK_AVX512_BF16_TARGET __attribute__((target("avx512bf16," CK_AVX512_FEATURES)))
#define CK_AMX_TARGET __attribute__((target("amx-tile,amx-bf16," CK_AVX512_FEATURES)))

#define CK_INLINE static inline __attribute__((always_inline))

typedef float ck_f16v __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t ck_i16v __attribute__((vector_size(64)));
typedef int32_t ck_i16v_unaligned __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint32_t ck_u16v __attribute__((vector_size(64)));
typedef float ck_f16v_aligned __attribute__((vector_size(64)));

#define CK_LOAD(p) ((ck_f16v_aligned)(*(const ck_f16v *)(p)))
#define CK_STORE(p, x) (*(ck_f16v *)(p) = (x))
#define CK_SPLAT(x) ((x) - (ck_f16v_aligned){})

/// The sum of sixteen lanes, in a fixed order.
CK_INLINE float ck_reduce_add(ck_f16v_aligned x) {
  float lanes[16];
  memcpy(lanes, &x, sizeof lanes);
  for (int step = 8; step > 0; step /= 2)
    for (int i = 0; i < step; i++) lanes[i] += lanes[i + step];
  return lanes[0];
}

/// e^x for x ≤ 88, about 2 ulp: x = n·ln2 + r, |r| ≤ ln2/2, a polynomial in r (coefficients: Cephes expf).
/// Up to −87 the result is 0; NaN stays NaN. Adding 1.5·2^23 rounds to n and leaves it in the low bits.
CK_INLINE ck_f16v_aligned ck_exp16(ck_f16v_aligned x) {
  ck_i16v alive = ~(x <= -87.0f);
  ck_f16v_aligned shifted = x * 1.44269504088896341f + 12582912.0f, n = shifted - 12582912.0f;
  ck_f16v_aligned r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  ck_f16v_aligned p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + (r + 1.0f);
  ck_u16v power = ((ck_u16v)shifted + 127) << 23;
  return (ck_f16v_aligned)((ck_i16v)(p * (ck_f16v_aligned)power) & alive);
}

/// 2^x for x ≤ 127 to 8e-5 of its value, a fiftieth of what rounding it to bfloat16 changes. Up to −125 the result is 0;
/// NaN stays NaN. The polynomial is the best of its degree for the ratio to 2^x on ±1/2 (Remez).
CK_INLINE ck_f16v_aligned ck_exp2_16(ck_f16v_aligned x) {
  ck_i16v alive = ~(x <= -125.0f);
  ck_f16v_aligned shifted = x + 12582912.0f, r = x - (shifted - 12582912.0f);
  ck_f16v_aligned p = r * 0.05517166852951050f + 0.24261112511157990f;
  p = p * r + 0.69326096773147583f;
  p = p * r + 0.99992805719375610f;
  ck_u16v bits = (ck_u16v)p + ((ck_u16v)shifted << 23);
  return (ck_f16v_aligned)((ck_i16v)bits & alive);
}

/// The polynomial of ck_exp16 for one value, for tails shorter than a vector.
CK_INLINE float ck_exp1(float x) {
  if (!(x > -87.0f)) return x != x ? x : 0.0f;
  float n = (x * 1.44269504088896341f + 12582912.0f) - 12582912.0f;
  float r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  float p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + (r + 1.0f);
  union { int32_t i; float f; } e = {((int32_t)n + 127) << 23};
  return p * e.f;
}

// Sixteen rows of sixteen become columns: four rounds that exchange halves, pairs of four, pairs and neighbours.
CK_INLINE void ck_transpose16(ck_f16v_aligned *x) {
#define CK_ROUND(distance, low, high)                                                  \
  for (int i = 0; i < 16; i++)                                                         \
    if (!(i & distance)) {                                                             \
      ck_f16v_aligned p = x[i], q = x[i + distance];                                           \
      x[i] = __builtin_shufflevector(p, q, low);                                       \
      x[i + distance] = __builtin_shufflevector(p, q, high);                           \
    }
#define CK_LIST(...) __VA_ARGS__
  CK_ROUND(8, CK_LIST(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
           CK_LIST(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
  CK_ROUND(4, CK_LIST(0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
           CK_LIST(4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))
  CK_ROUND(2, CK_LIST(0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
           CK_LIST(2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
  CK_ROUND(1, CK_LIST(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),
           CK_LIST(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))
#undef CK_ROUND
#undef CK_LIST
}
