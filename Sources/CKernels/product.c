// Matrix products in single precision: packing, and the choice of the instruction set.
#include "ck.h"
#include "ck_vector.h"

#define CK_SET(name) plain_##name
#define CK_TARGET
#define CK_W 4
#define CK_MR 6
#define CK_NV 2
#include "product_tile.h"
#undef CK_SET
#undef CK_TARGET
#undef CK_W
#undef CK_MR
#undef CK_NV

#if defined(__x86_64__)
#define CK_SET(name) avx2_##name
#define CK_TARGET __attribute__((target("arch=x86-64-v3")))
#define CK_W 8
#define CK_MR 6
#define CK_NV 2
#include "product_tile.h"
#undef CK_SET
#undef CK_TARGET
#undef CK_W
#undef CK_MR
#undef CK_NV

#define CK_SET(name) avx512_##name
#define CK_TARGET __attribute__((target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,bmi,bmi2")))
#define CK_W 16
#define CK_MR 8
#define CK_NV 3
#include "product_tile.h"
#endif

ck_simd ck_simd_best(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return CK_AVX512;
  if (__builtin_cpu_supports("x86-64-v3")) return CK_AVX2;
#endif
  return CK_PLAIN;
}

long ck_panel_width(ck_simd simd) { return simd == CK_AVX512 ? 48 : simd == CK_AVX2 ? 16 : 8; }

void ck_product_f32(ck_product p, const float *a, const float *b, float *c) {
#if defined(__x86_64__)
  if (p.simd == CK_AVX512) return avx512_product(&p, a, b, c);
  if (p.simd == CK_AVX2) return avx2_product(&p, a, b, c);
#endif
  plain_product(&p, a, b, c);
}

typedef float lanes16 __attribute__((vector_size(64)));

// Sixteen rows of sixteen become columns: four rounds that exchange halves, pairs of four, pairs and neighbours.
CK_INLINE void transpose16(lanes16 *x) {
#define CK_ROUND(distance, low, high)                                                  \
  for (int i = 0; i < 16; i++)                                                         \
    if (!(i & distance)) {                                                             \
      lanes16 p = x[i], q = x[i + distance];                                           \
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

CK_CLONES void ck_transpose(const float *x, long rows, long columns, long ldx, int add, float *y, long ldy) {
  long i = 0;
  for (; i + 16 <= rows; i += 16) {
    long j = 0;
    for (; j + 16 <= columns; j += 16) {
      lanes16 block[16];
      for (int l = 0; l < 16; l++) block[l] = CK_LOAD(x + (i + l) * ldx + j);
      transpose16(block);
      for (int l = 0; l < 16; l++) {
        float *out = y + (j + l) * ldy + i;
        CK_STORE(out, add ? CK_LOAD(out) + block[l] : block[l]);
      }
    }
    for (; j < columns; j++)
      for (int l = 0; l < 16; l++) {
        float *out = y + j * ldy + i + l, value = x[(i + l) * ldx + j];
        *out = add ? *out + value : value;
      }
  }
  for (; i < rows; i++)
    for (long j = 0; j < columns; j++) {
      float *out = y + j * ldy + i, value = x[i * ldx + j];
      *out = add ? *out + value : value;
    }
}

void ck_pack_panel(const float *b, long ldb, int transposed, long k, long count, long width, float *panel) {
  if (transposed) {
    ck_transpose(b, count, k, ldb, 0, panel, width);
  } else {
    for (long p = 0; p < k; p++) memcpy(panel + p * width, b + p * ldb, (size_t)count * sizeof(float));
  }
  if (count < width)
    for (long p = 0; p < k; p++) memset(panel + p * width + count, 0, (size_t)(width - count) * sizeof(float));
}
