// Matrix products in single precision: packing, and the choice of the instruction set.
#include "ck.h"
#include "ck_vector.h"

#define CK_SET(name) plain_##name
#define CK_TARGET
#define CK_W 4
#define CK_MR 6
#define CK_NV 2
#include "product_tile.h"

#if defined(__x86_64__)
#define CK_SET(name) avx2_##name
#define CK_TARGET CK_AVX2_TARGET
#define CK_W 8
#define CK_MR 6
#define CK_NV 2
#include "product_tile.h"

#define CK_SET(name) avx512_##name
#define CK_TARGET CK_AVX512_TARGET
#define CK_W 16
#define CK_MR 8
#define CK_NV 3
#include "product_tile.h"
#endif

ck_simd ck_simd_best(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) {
    if (!__builtin_cpu_supports("avx512bf16")) return CK_AVX512;
    return ck_amx_permitted() ? CK_AMX : CK_AVX512_BF16;
  }
  if (__builtin_cpu_supports("x86-64-v3")) return CK_AVX2;
#endif
  return CK_PLAIN;
}

long ck_panel_width(ck_simd simd) { return simd >= CK_AVX512 ? 48 : simd == CK_AVX2 ? 16 : 8; }

void ck_product_f32(ck_product p, const float *a, const float *b, float *c) {
#if defined(__x86_64__)
  if (p.simd >= CK_AVX512) return avx512_product(&p, a, b, c);
  if (p.simd == CK_AVX2) return avx2_product(&p, a, b, c);
#endif
  plain_product(&p, a, b, c);
}

CK_CLONES void ck_transpose(const float *x, long rows, long columns, long ldx, int add, float *y, long ldy) {
  long i = 0;
  for (; i + 16 <= rows; i += 16) {
    long j = 0;
    for (; j + 16 <= columns; j += 16) {
      ck_f16v_aligned block[16];
      for (int l = 0; l < 16; l++) block[l] = CK_LOAD(x + (i + l) * ldx + j);
      ck_transpose16(block);
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
