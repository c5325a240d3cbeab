// Matrix products of bfloat16 values with sums in single precision.
#include "ck_bf16.h"

#define CK_SET(name) plain_##name
#define CK_TARGET
#define CK_W 4
#define CK_MR 3
#define CK_NV 4
#define CK_DOT(sum, x, y) \
  ((sum) + (plain_vector)((x) << 16) * (plain_vector)((y) << 16) + \
   (plain_vector)((x) & 0xffff0000u) * (plain_vector)((y) & 0xffff0000u))
#include "product_bf16_tile.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CK_SET(name) avx512_##name
#define CK_TARGET CK_AVX512_BF16_TARGET
#define CK_W 16
#define CK_MR 8
#define CK_NV 3
#define CK_DOT(sum, x, y) ((avx512_vector)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(x), (__m512bh)(y)))
#include "product_bf16_tile.h"

// Matrix registers: 0–3 hold a block of 32 × 32 sums, 4–5 its rows of A, 6–7 its columns of B.
typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t bytes[16];
  uint8_t rows[16];
} tile_shapes;

CK_AMX_TARGET CK_INLINE void amx_block(const ck_product *p, const uint16_t *a, const uint32_t *b, float *c, long ldc,
                                const int rows, const int columns, int accumulate) {
  const long lda = p->lda * 2, ldb = p->ldb * 4;
  ldc *= 4;
  float *below = (float *)((char *)c + 16 * ldc);
  if (accumulate) {
    _tile_loadd(0, c, ldc);
    if (columns > 1) _tile_loadd(1, c + 16, ldc);
    if (rows > 1) _tile_loadd(2, below, ldc);
    if (rows > 1 && columns > 1) _tile_loadd(3, below + 16, ldc);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (long k = 0; k < p->k; k += 32, a += 32, b += 16 * p->ldb) {
    _tile_loadd(4, a, lda);
    _tile_loadd(6, b, ldb);
    _tile_dpbf16ps(0, 4, 6);
    if (columns > 1) {
      _tile_loadd(7, b + 16, ldb);
      _tile_dpbf16ps(1, 4, 7);
    }
    if (rows > 1) {
      _tile_loadd(5, a + 16 * p->lda, lda);
      _tile_dpbf16ps(2, 5, 6);
      if (columns > 1) _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, c, ldc);
  if (columns > 1) _tile_stored(1, c + 16, ldc);
  if (rows > 1) _tile_stored(2, below, ldc);
  if (rows > 1 && columns > 1) _tile_stored(3, below + 16, ldc);
}

// At the edges of c the block is summed beside it and only what belongs to c is copied.
CK_AMX_TARGET static void amx_edge(const ck_product *p, const uint16_t *a, const uint32_t *b, float *c, long m, long n) {
  _Alignas(64) float block[32 * 32];
  int rows = m > 16 ? 2 : 1, columns = n > 16 ? 2 : 1;
  if (rows > 1 && columns > 1) amx_block(p, a, b, block, 32, 2, 2, 0);
  else if (rows > 1) amx_block(p, a, b, block, 32, 2, 1, 0);
  else if (columns > 1) amx_block(p, a, b, block, 32, 1, 2, 0);
  else amx_block(p, a, b, block, 32, 1, 1, 0);
  for (long i = 0; i < m; i++)
    for (long j = 0; j < n; j++) {
      float *out = c + i * p->ldc + j;
      *out = p->accumulate ? *out + block[i * 32 + j] : block[i * 32 + j];
    }
}

CK_AMX_TARGET static void amx_begin(void) {
  tile_shapes shapes = {.palette = 1};
  for (int t = 0; t < 8; t++) shapes.bytes[t] = 64, shapes.rows[t] = 16;
  _tile_loadconfig(&shapes);
}

CK_AMX_TARGET static void amx_end(void) { _tile_release(); }

CK_AMX_TARGET static void amx_product(const ck_product *p, const uint16_t *a, const uint32_t *b, float *c) {
  if (!p->configured) amx_begin();
  long next = p->panel ? p->panel : 32;
  for (long j = 0; j < p->n; j += 32, b += next)
    for (long i = 0; i < p->m; i += 32) {
      long m = p->m - i, n = p->n - j;
      const uint16_t *rows = a + i * p->lda;
      float *out = c + i * p->ldc + j;
      if (m >= 32 && n >= 32) amx_block(p, rows, b, out, p->ldc, 2, 2, p->accumulate);
      else amx_edge(p, rows, b, out, m < 32 ? m : 32, n < 32 ? n : 32);
    }
  if (!p->configured) amx_end();
}
#endif

int ck_amx_permitted(void) {
#if defined(__x86_64__)
  enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
  return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") &&
         syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
#else
  return 0;
#endif
}

long ck_pair_panel_width(ck_simd simd) { return simd == CK_AMX ? 32 : simd == CK_AVX512_BF16 ? 48 : 16; }

void ck_products_begin(ck_simd simd) {
#if defined(__x86_64__)
  if (simd == CK_AMX) amx_begin();
#endif
}

void ck_products_end(ck_simd simd) {
#if defined(__x86_64__)
  if (simd == CK_AMX) amx_end();
#endif
}

void ck_product_bf16(ck_product p, const uint16_t *a, const uint32_t *b, float *c) {
#if defined(__x86_64__)
  if (p.simd == CK_AMX) return amx_product(&p, a, b, c);
  if (p.simd == CK_AVX512_BF16) return avx512_product(&p, a, b, c);
#endif
  plain_product(&p, a, b, c);
}
