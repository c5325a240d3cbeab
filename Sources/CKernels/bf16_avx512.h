// What processors do that round to bfloat16 by themselves: the forms of bf16_forms.h and the columns of
// attention_bf16_columns.h.
#pragma once
#include "ck.h"

void ck_avx512_rows(const float *x, long ldx, float factor, long rows, long columns, long padded, uint16_t *y, long ldy);
void ck_avx512_rows_transposed(const float *x, long ldx, float factor, long rows, long columns, long padded_rows,
                               uint16_t *y, long ldy);
void ck_avx512_pairs(const float *x, long ldx, float factor, long rows, long columns, long padded_rows,
                     long padded_columns, uint32_t *y, long ldy);
void ck_avx512_pairs_transposed(const float *x, long ldx, float factor, long rows, long columns, long padded_columns,
                                long padded_rows, uint32_t *y, long ldy);
void ck_avx512_online_pairs(float *x, long ld, long count, int masked, long start, const int32_t *low,
                            const int32_t *high, float *maximum, float *sum, float *shrink, uint32_t *pairs);
void ck_avx512_gradient_pairs(const float *x, const float *dx, long ldx, long count, int masked, long start,
                              const int32_t *low, const int32_t *high, const float *lse, const float *products, long ld,
                              uint16_t *p, uint16_t *ds, uint32_t *pairs, long ldp);
