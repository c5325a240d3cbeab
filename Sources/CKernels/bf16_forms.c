// The forms operands of bfloat16 products take: rows with k running along, pairs of two neighbours of k in one word.
#include "bf16_avx512.h"
#include "ck_bf16.h"

#define CK_SET(name) plain_##name
#define CK_TARGET CK_CLONES static
#define CK_HALF(x) ck_to_bf16(x)
#define CK_PAIR(x, y) ck_pair(ck_to_bf16(x), ck_to_bf16(y))
#define CK_BOTH(x, y) ck_both(ck_to_bf16(x), ck_to_bf16(y))
#include "bf16_forms.h"

#if defined(__x86_64__)
#define CK_BY_SET(simd, name, ...) (simd >= CK_AVX512_BF16 ? ck_avx512_##name(__VA_ARGS__) : plain_##name(__VA_ARGS__))
#else
#define CK_BY_SET(simd, name, ...) plain_##name(__VA_ARGS__)
#endif

void ck_rows_bf16(ck_simd simd, const float *x, long ldx, float factor, long rows, long columns, long padded,
                  uint16_t *y, long ldy) {
  CK_BY_SET(simd, rows, x, ldx, factor, rows, columns, padded, y, ldy);
}

void ck_rows_transposed_bf16(ck_simd simd, const float *x, long ldx, float factor, long rows, long columns,
                             long padded_rows, uint16_t *y, long ldy) {
  CK_BY_SET(simd, rows_transposed, x, ldx, factor, rows, columns, padded_rows, y, ldy);
}

void ck_pairs_bf16(ck_simd simd, const float *x, long ldx, float factor, long rows, long columns, long padded_rows,
                   long padded_columns, uint32_t *y, long ldy) {
  CK_BY_SET(simd, pairs, x, ldx, factor, rows, columns, padded_rows, padded_columns, y, ldy);
}

void ck_pairs_transposed_bf16(ck_simd simd, const float *x, long ldx, float factor, long rows, long columns,
                              long padded_columns, long padded_rows, uint32_t *y, long ldy) {
  CK_BY_SET(simd, pairs_transposed, x, ldx, factor, rows, columns, padded_columns, padded_rows, y, ldy);
}
