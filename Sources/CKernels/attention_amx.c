// A whole file for one instruction set, inline functions of the headers too, as bf16_avx512.c.
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "attention_amx.h"

#pragma clang attribute push(__attribute__((target("amx-tile,amx-bf16,avx512bf16,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,bmi,bmi2"))), apply_to = function)

#include "attention_block.h"
#include "bf16_avx512.h"
#include "ck_bf16.h"

enum { KEYS = CK_AMX_KEYS, COLUMNS = CK_AMX_COLUMNS, SCORES = KEYS * COLUMNS, LINE = 4 * COLUMNS };

// 32 × 32 sums in registers 0–3 gain 32 terms of 32 rows of A (4, 5) and 32 columns of B (6, 7). Strides are in bytes.
CK_INLINE void step(const char *a, long lda, const uint32_t *b, long ldb) {
  _tile_loadd(4, a, lda);
  _tile_loadd(6, b, ldb);
  _tile_dpbf16ps(0, 4, 6);
  _tile_loadd(7, b + 16, ldb);
  _tile_dpbf16ps(1, 4, 7);
  _tile_loadd(5, a + 16 * lda, lda);
  _tile_dpbf16ps(2, 5, 6);
  _tile_dpbf16ps(3, 5, 7);
}

CK_INLINE void begin(void) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
}

CK_INLINE void load(const float *c, long ldc) {
  _tile_loadd(0, c, ldc);
  _tile_loadd(1, c + 16, ldc);
  _tile_loadd(2, c + 4 * ldc, ldc);  // 16 rows of ldc bytes
  _tile_loadd(3, c + 4 * ldc + 16, ldc);
}

CK_INLINE void store(float *c, long ldc) {
  _tile_stored(0, c, ldc);
  _tile_stored(1, c + 16, ldc);
  _tile_stored(2, c + 4 * ldc, ldc);
  _tile_stored(3, c + 4 * ldc + 16, ldc);
}

// Sixteen columns of a tile on their way from scores to weights, a few pairs of keys at a time.
typedef struct {
  lanes base, total, other, most, more;
  const float *scores;
  uint32_t *weights;
  int pairs;  // to go
} progress;

CK_INLINE progress columns_at(const ck_amx_columns *c, long column, const float *scores, uint32_t *weights) {
  lanes zero = CK_SPLAT(0.0f), most = CK_LOAD(c->maxima + column);
  return (progress){most * LOG2_E, zero, zero, most, most, scores, weights, KEYS / 2};
}

CK_INLINE void weigh(progress *p, int pairs) {
  if (pairs > p->pairs) pairs = p->pairs;
  for (int i = 0; i < pairs; i++) {
    lanes x = CK_LOAD(p->scores + 2 * i * COLUMNS), y = CK_LOAD(p->scores + (2 * i + 1) * COLUMNS);
    p->most = greater(p->most, x);
    p->more = greater(p->more, y);
    lanes e = ck_exp2_16(x * LOG2_E - p->base), f = ck_exp2_16(y * LOG2_E - p->base);
    *(ck_words16 *)(p->weights + i * COLUMNS) = ck_words((lanes)_mm512_cvtne2ps_pbh((__m512)f, (__m512)e));
    p->total += e;
    p->other += f;
  }
  p->scores += 2 * pairs * COLUMNS;
  p->weights += pairs * COLUMNS;
  p->pairs -= pairs;
}

// Adds to the totals. Where a score is too far above the base, everything once more from the scores, with another base.
CK_INLINE void finish(const ck_amx_columns *c, progress *p, long column) {
  mask above = greater(p->most, p->more) > CK_LOAD(c->maxima + column) + SLACK;
  if (__builtin_expect(_mm512_test_epi32_mask((__m512i)above, (__m512i)above) == 0, 1)) {
    CK_STORE(c->totals + column, CK_LOAD(c->totals + column) + (p->total + p->other));
    return;
  }
  ck_avx512_online_pairs((float *)p->scores - SCORES, COLUMNS, KEYS, 0, 0, 0, 0, c->maxima + column, c->totals + column,
                         c->shrink + column, p->weights - SCORES / 2);
  shrink_columns(c->sums + column, c->ld, c->head_size, 16, c->shrink + column);
}

// Scores of a tile under 32 columns; after each step, `pairs` pairs of those of another.
CK_INLINE void form_scores(const int parts, const ck_amx_columns *c, const uint16_t *keys, const uint32_t *queries,
                           float *scores, progress *other, const int pairs) {
  for (int i = 0; i < KEYS; i += 32) {
    begin();
#pragma clang loop unroll(full)
    for (int k = 0; k < parts; k++) {
      step((const char *)(keys + i * 32 * parts + 32 * k), 64 * parts, queries + 16 * k * c->ld, 4 * c->ld);
      if (other) weigh(other, pairs);
    }
    store(scores + i * COLUMNS, LINE);
  }
}

CK_INLINE void add_values(const int parts, const ck_amx_columns *c, const uint16_t *values, const uint32_t *weights,
                          float *sums, progress *other, const int pairs) {
  for (int i = 0; i < parts; i++) {
    load(sums + i * 32 * c->ld, 4 * c->ld);
#pragma clang loop unroll(full)
    for (int k = 0; k < KEYS / 32; k++) {
      step((const char *)(values + i * 32 * c->value_stride + 32 * k), 2 * c->value_stride, weights + 16 * k * COLUMNS,
           LINE);
      if (other) weigh(other, pairs);
    }
    store(sums + i * 32 * c->ld, 4 * c->ld);
  }
}

CK_INLINE void attention(const int parts, const ck_amx_columns *c, const ck_amx_tile *tiles, long count) {
  const int steps = KEYS / 32 * parts, pairs = (KEYS / 2 + steps - 1) / steps;
  const long across = c->width / COLUMNS, all = count * across;
  form_scores(parts, c, tiles[0].keys, c->queries, c->scores, 0, 0);
  for (long at = 0; at < all; at++) {
    long here = at & 1, column = at % across * COLUMNS;
    float *scores = c->scores + here * SCORES;
    uint32_t *weights = c->weights + here * (SCORES / 2);
    progress left = columns_at(c, column, scores, weights);
    progress right = columns_at(c, column + 16, scores + 16, weights + 16);
    // After the last there is nothing to form, and before the first nothing to sum.
    if (at + 1 < all)
      form_scores(parts, c, tiles[(at + 1) / across].keys, c->queries + (at + 1) % across * COLUMNS,
                  c->scores + (1 - here) * SCORES, &left, pairs);
    weigh(&left, left.pairs);
    if (at > 0)
      add_values(parts, c, tiles[(at - 1) / across].values, c->weights + (1 - here) * (SCORES / 2),
                 c->sums + (at - 1) % across * COLUMNS, &right, pairs);
    weigh(&right, right.pairs);
    // Only now: where there are no other columns, the sums of the tile before have just been added to the same.
    finish(c, &left, column);
    finish(c, &right, column + 16);
  }
  add_values(parts, c, tiles[count - 1].values, c->weights + ((all - 1) & 1) * (SCORES / 2),
             c->sums + (across - 1) * COLUMNS, 0, 0);
}

void ck_amx_attention(const ck_amx_columns *c, const ck_amx_tile *tiles, long count) {
  switch (c->head_size / 32) {
    case 1: return attention(1, c, tiles, count);
    case 2: return attention(2, c, tiles, count);
    case 3: return attention(3, c, tiles, count);
    default: return attention(4, c, tiles, count);
  }
}

#pragma clang attribute pop
#endif
