// What attention in single precision and in bfloat16 share: the shape of a tile and who sees whom.
#pragma once
#include "ck.h"
#include "ck_vector.h"

typedef struct {
  long group, first, count, rows, ld;  // heads per key head; the block's queries; tile columns; their stride
} query_block;

CK_INLINE long round16(long n) { return (n + 15) / 16 * 16; }
CK_INLINE long round32(long n) { return (n + 31) / 32 * 32; }

// A stride of whole cache lines that is no multiple of a large power of two.
CK_INLINE long tile_stride(const ck_attention_shape *s) {
  return round16(ck_attention_query_block(*s) * (s->heads / s->kv_heads)) + 16;
}

CK_INLINE query_block block_of(const ck_attention_shape *s, long block) {
  long size = ck_attention_query_block(*s), first = block * size, rest = s->query_count - first;
  long count = rest < size ? rest : size, group = s->heads / s->kv_heads;
  return (query_block){group, first, count, group * count, tile_stride(s)};
}

// The keys of key block j that some query of the block sees: [start, start + count).
CK_INLINE long visible_keys(const ck_attention_shape *s, const query_block *b, long j, long *start) {
  long low = s->first_key[b->first], end = s->query_offset + b->first + b->count, last = (j + 1) * CK_KEY_BLOCK;
  *start = low > j * CK_KEY_BLOCK ? low : j * CK_KEY_BLOCK;
  return (end < last ? end : last) - *start;
}

// Whether every query of the block sees all keys of [start, start + count).
CK_INLINE int all_visible(const ck_attention_shape *s, const query_block *b, long start, long count) {
  return s->first_key[b->first + b->count - 1] <= start && s->query_offset + b->first + 1 >= start + count;
}

// For every column of the tile, the keys it sees: [low, high), absolute. Columns beyond the last see none.
CK_INLINE void limits(const ck_attention_shape *s, const query_block *b, int32_t *low, int32_t *high) {
  for (long r = 0; r < b->ld; r++) {
    long t = b->first + r % b->count;
    low[r] = r < b->rows ? s->first_key[t] : 0;
    high[r] = r < b->rows ? (int32_t)(s->query_offset + t + 1) : 0;
  }
}

// In bfloat16 a column's weights are 2^(score·log2 e − base). The base follows its greatest score only when that is above
// it by more than the slack: until then weights reach up to e^5.5 = 245, and no sum need be multiplied anew.
#define LOG2_E 1.44269504088896341f
#define SLACK 5.5f

typedef ck_f16v_aligned lanes;
typedef ck_i16v mask;
CK_INLINE lanes keep(mask where, lanes x) { return (lanes)((mask)x & where); }
CK_INLINE lanes choose(mask where, lanes x, lanes y) { return (lanes)(((mask)x & where) | ((mask)y & ~where)); }

// Which of sixteen columns see a key.
CK_INLINE mask sees(const int32_t *low, const int32_t *high, long key) {
  mask k = (mask){} + (int32_t)key;
  return (k >= *(const ck_i16v_unaligned *)low) & (k < *(const ck_i16v_unaligned *)high);
}

// The greater of two; `x` where y is NaN, which the weights will show.
CK_INLINE lanes greater(lanes x, lanes y) { return choose(y > x, y, x); }

// The greatest score of sixteen columns, from `most` on; what is masked becomes −∞ in x too.
CK_INLINE lanes column_maxima(float *x, long ld, long count, int masked, long start, const int32_t *low,
                              const int32_t *high, lanes most) {
  if (masked) {
    for (long j = 0; j < count; j++) {
      lanes y = choose(sees(low, high, start + j), CK_LOAD(x + j * ld), CK_SPLAT(-INFINITY));
      CK_STORE(x + j * ld, y);
      most = greater(most, y);
    }
    return most;
  }
  lanes more = most;  // two chains hide the latency
  long j = 0;
  for (; j + 2 <= count; j += 2) {
    most = greater(most, CK_LOAD(x + j * ld));
    more = greater(more, CK_LOAD(x + (j + 1) * ld));
  }
  if (j < count) most = greater(most, CK_LOAD(x + j * ld));
  return greater(most, more);
}

// What to subtract before e^x: the maxima; 0 in a column that has seen no key yet, whose scores are all −∞.
CK_INLINE lanes subtrahend(lanes maxima) { return keep(maxima != CK_SPLAT(-INFINITY), maxima); }

// Each column of y times its factor, unless all are one.
CK_INLINE void shrink_columns(float *y, long ld, long rows, long columns, const float *factor) {
  int same = 1;
  for (long r = 0; r < columns; r++) same &= factor[r] == 1;
  if (same) return;
  for (long i = 0; i < rows; i++)
    for (long r = 0; r < columns; r++) y[i * ld + r] *= factor[r];
}

// Sums → output rows and log-sum-exp; sums and shrink are used up.
CK_INLINE void finish_rows(const ck_attention_shape *s, const query_block *b, long kv_head, float *sums,
                           const float *maxima, const float *totals, float *shrink, float *output, float *lse) {
  long d = s->head_size, stride = s->heads * d;
  for (long r = 0; r < b->rows; r++) {
    shrink[r] = 1 / totals[r];
    lse[(kv_head * b->group + r / b->count) * s->query_count + b->first + r % b->count] = maxima[r] + logf(totals[r]);
  }
  shrink_columns(sums, b->ld, d, b->rows, shrink);
  for (long h = 0; h < b->group; h++)
    ck_transpose(sums + h * b->count, d, b->count, b->ld, 0, output + b->first * stride + (kv_head * b->group + h) * d,
                 stride);
}

// For every column a value of its query and head, of values [heads, query].
CK_INLINE void gather_values(const ck_attention_shape *s, const query_block *b, const float *values, long kv_head,
                             float *columns) {
  for (long h = 0; h < b->group; h++)
    memcpy(columns + h * b->count, values + (kv_head * b->group + h) * s->query_count + b->first,
           (size_t)b->count * sizeof(float));
}
