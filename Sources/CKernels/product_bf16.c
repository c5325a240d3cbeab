// Matrix products of bfloat16 values with sums in single precision, and the forms their operands take: rows of A
// with k running along, pairs of B (two neighbours of k in one word, the lower one in the lower half).
#include "ck.h"
#include "ck_vector.h"

// x [rows, columns] of at most 32 × 16 → 16 rows of pairs, 16 words each, zero outside.
CK_INLINE void ck_pairs_inline(const float *x, long ldx, float factor, long rows, long columns, uint32_t *y) {
  for (long r = 0; r < 32; r += 2, y += 16) {
    const float *low = x + r * ldx, *high = low + ldx;
    if (columns == 16 && r + 2 <= rows) {
      *(ck_words16 *)y = ck_pair(ck_to_bf16(factor * CK_LOAD(low)), ck_to_bf16(factor * CK_LOAD(high)));
      continue;
    }
    for (long i = 0; i < 16; i++) {
      uint32_t l = r < rows && i < columns ? ck_to_bf16_1(factor * low[i]) : 0;
      uint32_t h = r + 1 < rows && i < columns ? ck_to_bf16_1(factor * high[i]) : 0;
      y[i] = l | h << 16;
    }
  }
}

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

CK_AMX_TARGET static void amx_product(const ck_product *p, const uint16_t *a, const uint32_t *b, float *c) {
  tile_shapes shapes = {.palette = 1};
  for (int t = 0; t < 8; t++) shapes.bytes[t] = 64, shapes.rows[t] = 16;
  _tile_loadconfig(&shapes);
  long next = p->panel ? p->panel : 32;
  for (long j = 0; j < p->n; j += 32, b += next)
    for (long i = 0; i < p->m; i += 32) {
      long m = p->m - i, n = p->n - j;
      const uint16_t *rows = a + i * p->lda;
      float *out = c + i * p->ldc + j;
      if (m >= 32 && n >= 32) amx_block(p, rows, b, out, p->ldc, 2, 2, p->accumulate);
      else amx_edge(p, rows, b, out, m < 32 ? m : 32, n < 32 ? n : 32);
    }
  _tile_release();
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

void ck_product_bf16(ck_product p, const uint16_t *a, const uint32_t *b, float *c) {
#if defined(__x86_64__)
  if (p.simd == CK_AMX) return amx_product(&p, a, b, c);
  if (p.simd == CK_AVX512_BF16) return avx512_product(&p, a, b, c);
#endif
  plain_product(&p, a, b, c);
}

// ── Forms ──

CK_CLONES void ck_rows_bf16(const float *x, long ldx, float factor, long rows, long columns, long padded,
                                 uint16_t *y, long ldy) {
  for (long r = 0; r < rows; r++, x += ldx, y += ldy) {
    long i = 0;
    for (; i + 16 <= columns; i += 16) *(ck_half16 *)(y + i) = ck_to_bf16(factor * CK_LOAD(x + i));
    for (; i < columns; i++) y[i] = ck_to_bf16_1(factor * x[i]);
    for (; i < padded; i++) y[i] = 0;
  }
}

CK_CLONES void ck_pairs_bf16(const float *x, long ldx, float factor, long rows, long columns, long padded_rows,
                                  long padded_columns, uint32_t *y, long ldy) {
  for (long r = 0; r < padded_rows; r += 2, y += ldy) {
    const float *low = x + r * ldx, *high = low + ldx;
    int has_low = r < rows, has_high = r + 1 < rows;
    long i = 0;
    if (has_low)
      for (; i + 16 <= columns; i += 16)
        *(ck_words16 *)(y + i) = ck_pair(ck_to_bf16(factor * CK_LOAD(low + i)),
                                         has_high ? ck_to_bf16(factor * CK_LOAD(high + i)) : (ck_half16){0});
    for (; i < padded_columns; i++) {
      uint32_t l = has_low && i < columns ? ck_to_bf16_1(factor * low[i]) : 0;
      uint32_t h = has_high && i < columns ? ck_to_bf16_1(factor * high[i]) : 0;
      y[i] = l | h << 16;
    }
  }
}

// Sixteen rows of 32 values: neighbours become one word, and the 16 × 16 words are transposed.
CK_INLINE void words_of_rows(const float *x, long ldx, float factor, ck_f16v_aligned *words) {
  for (int r = 0; r < 16; r++) {
    typedef uint16_t all __attribute__((vector_size(64)));
    ck_half16 low = ck_to_bf16(factor * CK_LOAD(x + r * ldx)), high = ck_to_bf16(factor * CK_LOAD(x + r * ldx + 16));
    all both = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
                                       20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
    words[r] = (ck_f16v_aligned)both;
  }
  ck_transpose16(words);
}

CK_CLONES void ck_pairs_transposed_bf16(const float *x, long ldx, float factor, long rows, long columns,
                                             long padded_columns, long padded_rows, uint32_t *y, long ldy) {
  for (long c = 0; c < padded_columns; c += 32)
    for (long r = 0; r < padded_rows; r += 16) {
      ck_f16v_aligned words[16];
      if (r + 16 <= rows && c + 32 <= columns) {
        words_of_rows(x + r * ldx + c, ldx, factor, words);
      } else {
        float edge[16 * 32] = {0};
        for (long i = 0; i < 16 && r + i < rows; i++)
          for (long j = 0; j < 32 && c + j < columns; j++) edge[i * 32 + j] = x[(r + i) * ldx + c + j];
        words_of_rows(edge, 32, factor, words);
      }
      for (long w = 0; w < 16 && c / 2 + w < padded_columns / 2; w++)
        *(ck_f16v *)(void *)(y + (c / 2 + w) * ldy + r) = words[w];
    }
}

CK_CLONES void ck_rows_transposed_bf16(const float *x, long ldx, float factor, long rows, long columns,
                                            long padded_rows, uint16_t *y, long ldy) {
  // Pairs of rows become words, and those are transposed: y [columns, rows].
  for (long c = 0; c < columns; c += 16)
    for (long r = 0; r < padded_rows; r += 32) {
      ck_f16v_aligned words[16];
      uint32_t pairs[16 * 16];
      long here = rows - r < 0 ? 0 : rows - r, wide = columns - c < 16 ? columns - c : 16;
      ck_pairs_inline(x + r * ldx + c, ldx, factor, here < 32 ? here : 32, wide, pairs);
      for (int w = 0; w < 16; w++) words[w] = *(const ck_f16v *)(const void *)(pairs + 16 * w);
      ck_transpose16(words);
      for (long j = 0; j < wide; j++) memcpy(y + (c + j) * ldy + r, &words[j], 64);
    }
}
