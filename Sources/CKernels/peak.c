// The most a processor can do: multiply-adds on registers, and a sweep through memory.
#include "ck.h"
#include "ck_vector.h"

// Twelve independent chains hide the latency of four to six cycles on two ports; they and their factors fit the
// sixteen registers of AVX2.
enum { CHAINS = 12 };

#define CK_PEAK(name, width, attributes)                                            \
  attributes static float name(long rounds) {                                       \
    typedef float vector __attribute__((vector_size(4 * (width))));                 \
    vector sum[CHAINS], x = (vector){0} + 0.9990234375f, y = (vector){0} + 0.0625f; \
    for (int i = 0; i < CHAINS; i++) sum[i] = y * (float)i;                         \
    for (; rounds > 0; rounds--) {                                                  \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++) {         \
        sum[i] = sum[i] * x + y;                                                    \
      }                                                                             \
    }                                                                               \
    for (int i = 1; i < CHAINS; i++) sum[0] += sum[i];                              \
    return sum[0][0];                                                               \
  }

CK_PEAK(plain_f32, 4, )
#if defined(__x86_64__)
#include <immintrin.h>
CK_PEAK(avx2_f32, 8, CK_AVX2_TARGET)
CK_PEAK(avx512_f32, 16, CK_AVX512_TARGET)

CK_AVX512_BF16_TARGET static float avx512_bf16(long rounds) {
  __m512 sum[CHAINS];
  __m512bh x = (__m512bh)_mm512_set1_epi32(0x3f7f3f7f), y = (__m512bh)_mm512_set1_epi32(0x3c003c00);
  for (int i = 0; i < CHAINS; i++) sum[i] = _mm512_set1_ps((float)i);
  for (; rounds > 0; rounds--) {
#pragma clang loop unroll(full)
    for (int i = 0; i < CHAINS; i++) sum[i] = _mm512_dpbf16_ps(sum[i], x, y);
  }
  for (int i = 1; i < CHAINS; i++) sum[0] = _mm512_add_ps(sum[0], sum[i]);
  return _mm512_cvtss_f32(sum[0]);
}

// Six registers of sums, one of rows and one of columns.
CK_AMX_TARGET static float amx_bf16(long rounds) {
  struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
  } shapes = {.palette = 1};
  for (int t = 0; t < 8; t++) shapes.bytes[t] = 64, shapes.rows[t] = 16;
  _tile_loadconfig(&shapes);
  uint16_t values[16 * 32];
  for (int i = 0; i < 16 * 32; i++) values[i] = 0x3c00;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_loadd(6, values, 64);
  _tile_loadd(7, values, 64);
  for (; rounds > 0; rounds--) {
    _tile_dpbf16ps(0, 6, 7);
    _tile_dpbf16ps(1, 6, 7);
    _tile_dpbf16ps(2, 6, 7);
    _tile_dpbf16ps(3, 6, 7);
    _tile_dpbf16ps(4, 6, 7);
    _tile_dpbf16ps(5, 6, 7);
  }
  float sums[16 * 16];
  _tile_stored(0, sums, 64);
  _tile_release();
  return sums[0];
}
#endif

float ck_peak_f32(int simd, long rounds, double *operations) {
#if defined(__x86_64__)
  if (simd >= CK_AVX512) {
    *operations = 2.0 * CHAINS * 16 * (double)rounds;
    return avx512_f32(rounds);
  }
  if (simd == CK_AVX2) {
    *operations = 2.0 * CHAINS * 8 * (double)rounds;
    return avx2_f32(rounds);
  }
#else
  (void)simd;
#endif
  *operations = 2.0 * CHAINS * 4 * (double)rounds;
  return plain_f32(rounds);
}

float ck_peak_bf16(int simd, long rounds, double *operations) {
#if defined(__x86_64__)
  if (simd == CK_AMX) {
    long products = (rounds + 31) / 32;  // one takes as long as some dozens of vector instructions
    *operations = 6 * 2.0 * 16 * 16 * 32 * (double)products;
    return amx_bf16(products);
  }
  if (simd == CK_AVX512_BF16) {
    *operations = 4.0 * CHAINS * 16 * (double)rounds;
    return avx512_bf16(rounds);
  }
#endif
  return ck_peak_f32(simd, rounds, operations);
}

CK_CLONES void ck_triad(const float *a, const float *b, float factor, long n, float *y) {
  for (long i = 0; i < n; i++) y[i] = a[i] + factor * b[i];
}
