// Causal attention as in attention.c with bfloat16 operands: queries, keys, values, P and dS are rounded, every sum,
// maximum and exponential stays in single precision (Dao 2023). Keys and values are prepared once for all queries.
#include "attention_block.h"

CK_INLINE long round32(long n) { return (n + 31) / 32 * 32; }
enum { COLUMNS = CK_KEY_BLOCK + 32 };  // length of a row of a transposed key block, with room for zeros

long ck_attention_key_rows_bf16(ck_attention_shape s) {
  return (s.key_count + CK_KEY_BLOCK - 1) / CK_KEY_BLOCK * CK_KEY_BLOCK * round32(s.head_size);
}

long ck_attention_key_columns_bf16(ck_attention_shape s) {
  return (s.key_count + CK_KEY_BLOCK - 1) / CK_KEY_BLOCK * COLUMNS * round16(s.head_size);
}

void ck_attention_prepare_bf16(ck_attention_shape s, const float *x, long kv_head, long block, uint16_t *rows,
                               uint16_t *columns) {
  long d = s.head_size, stride = s.kv_heads * d, first = block * CK_KEY_BLOCK, wide = round32(d);
  long count = s.key_count - first < CK_KEY_BLOCK ? s.key_count - first : CK_KEY_BLOCK;
  x += first * stride + kv_head * d;
  if (rows) {
    rows += kv_head * ck_attention_key_rows_bf16(s) + first * wide;
    ck_rows_bf16(x, stride, 1, count, d, wide, rows, wide);
    memset(rows + count * wide, 0, (size_t)((CK_KEY_BLOCK - count) * wide) * sizeof *rows);
  }
  if (columns) {
    columns += kv_head * ck_attention_key_columns_bf16(s) + block * COLUMNS * round16(d);
    memset(columns, 0, (size_t)(COLUMNS * round16(d)) * sizeof *columns);
    ck_rows_transposed_bf16(x, stride, 1, count, d, round32(count), columns, COLUMNS);
  }
}

long ck_attention_scratch_bf16(ck_attention_shape s) {
  return tile_stride(&s) * (4 * CK_KEY_BLOCK + round32(s.head_size) / 2 + s.head_size + 5);
}

// Queries (times a factor) as the right operand: pairs of neighbours of the head, a column per query.
static void gather_pairs(const ck_attention_shape *s, const query_block *b, const float *x, long kv_head, float factor,
                         uint32_t *pairs) {
  long d = s->head_size, stride = s->heads * d;
  memset(pairs, 0, (size_t)(b->ld * round32(d) / 2) * sizeof *pairs);
  for (long h = 0; h < b->group; h++)
    ck_pairs_transposed_bf16(x + b->first * stride + (kv_head * b->group + h) * d, stride, factor, b->count, d,
                             round32(d), round16(b->count), pairs + h * b->count, b->ld);
}

// As online_columns of attention.c; the weights go to pairs of keys, zeros after the last key.
CK_CLONES static void online_pairs(float *x, long ld, long count, int masked, long start, const int32_t *low,
                                   const int32_t *high, float *maximum, float *sum, float *shrink, uint32_t *pairs) {
  lanes before = CK_LOAD(maximum), most = column_maxima(x, ld, count, masked, start, low, high, before);
  lanes base = subtrahend(most);
  lanes factor = ck_exp16(before - base), total = CK_SPLAT(0.0f), other = total;
  long j = 0;
  for (; j + 2 <= count; j += 2, pairs += ld) {
    lanes e = ck_exp16(CK_LOAD(x + j * ld) - base), f = ck_exp16(CK_LOAD(x + (j + 1) * ld) - base);
    *(ck_words16 *)pairs = ck_pair(ck_to_bf16(e), ck_to_bf16(f));
    total += e;
    other += f;
  }
  if (j < count) {
    lanes e = ck_exp16(CK_LOAD(x + j * ld) - base);
    *(ck_words16 *)pairs = ck_pair(ck_to_bf16(e), (ck_half16){0});
    total += e;
    j += 2;
    pairs += ld;
  }
  for (; j < round32(count); j += 2, pairs += ld) *(ck_words16 *)pairs = (ck_words16){0};
  CK_STORE(shrink, factor);
  CK_STORE(sum, CK_LOAD(sum) * factor + (total + other));
  CK_STORE(maximum, most);
}

void ck_attention_forward_bf16(ck_attention_shape s, const float *q, const uint16_t *key_rows,
                               const uint16_t *value_columns, long kv_head, long block, float *scratch, float *output,
                               float *lse) {
  query_block b = block_of(&s, block);
  long d = s.head_size, wide = round32(d), ld = b.ld, width = round32(b.rows), first, last;
  float *scores = scratch, *sums = scores + ld * CK_KEY_BLOCK, *maxima = sums + ld * d, *totals = maxima + ld;
  float *shrink = totals + ld;
  int32_t *low = (int32_t *)(shrink + ld), *high = low + ld;
  uint32_t *queries = (uint32_t *)(high + ld), *weights = queries + ld * wide / 2;
  key_rows += kv_head * ck_attention_key_rows_bf16(s);
  value_columns += kv_head * ck_attention_key_columns_bf16(s);
  gather_pairs(&s, &b, q, kv_head, s.scale, queries);
  limits(&s, &b, low, high);
  memset(sums, 0, (size_t)(d * ld) * sizeof(float));
  for (long r = 0; r < width; r++) maxima[r] = -INFINITY, totals[r] = 0;
  ck_attention_key_blocks(s, block, &first, &last);
  for (long j = first; j < last; j++) {
    long start, count = visible_keys(&s, &b, j, &start);
    ck_product_bf16((ck_product){.simd = s.simd, .m = count, .n = width, .k = wide, .lda = wide, .ldb = ld, .ldc = ld},
                    key_rows + start * wide, queries, scores);
    int masked = !all_visible(&s, &b, start, count);
    for (long r = 0; r < width; r += 16)
      online_pairs(scores + r, ld, count, masked, start, low + r, high + r, maxima + r, totals + r, shrink + r,
                   weights + r);
    shrink_columns(sums, ld, d, width, shrink);
    ck_product_bf16((ck_product){.simd = s.simd, .m = d, .n = width, .k = round32(count), .lda = COLUMNS, .ldb = ld,
                                 .ldc = ld, .accumulate = 1},
                    value_columns + j * COLUMNS * round16(d) + (start - j * CK_KEY_BLOCK), weights, sums);
  }
  finish_rows(&s, &b, kv_head, sums, maxima, totals, shrink, output, lse);
}

typedef struct {
  uint32_t *queries, *d_columns, *query_pairs, *d_pairs;
  float *lse, *products, *rows;
} packed_block;

CK_INLINE packed_block packed_at(const ck_attention_shape *s, float *x) {
  long ld = tile_stride(s), wide = ld * round32(s->head_size) / 2, tall = ld * round16(s->head_size) / 2;
  uint32_t *words = (uint32_t *)x;
  float *rest = x + 2 * wide + 2 * tall;
  return (packed_block){words, words + wide, words + 2 * wide, words + 2 * wide + tall, rest, rest + ld, rest + 2 * ld};
}

long ck_attention_packed_bf16(ck_attention_shape s) {
  return tile_stride(&s) * (round32(s.head_size) + round16(s.head_size) + 2 + s.head_size);
}

void ck_attention_pack_bf16(ck_attention_shape s, const float *q, const float *output, const float *lse,
                            const float *d_output, long kv_head, long block, float *packed) {
  query_block b = block_of(&s, block);
  packed_block p = packed_at(&s, packed);
  long d = s.head_size, tall = round16(d), stride = s.heads * d;
  gather_pairs(&s, &b, q, kv_head, s.scale, p.queries);
  gather_pairs(&s, &b, d_output, kv_head, 1, p.d_columns);
  for (int side = 0; side < 2; side++) {
    for (long r = 0; r < b.rows; r++)
      memcpy(p.rows + r * d,
             (side ? d_output : q) + (b.first + r % b.count) * stride + (kv_head * b.group + r / b.count) * d,
             (size_t)d * sizeof(float));
    ck_pairs_bf16(p.rows, d, side ? 1 : s.scale, b.rows, d, round32(b.rows), tall, side ? p.d_pairs : p.query_pairs,
                  tall);
  }
  memset(p.lse, 0, (size_t)(2 * b.ld) * sizeof(float));
  row_products(&s, &b, output, lse, d_output, kv_head, p.products, p.lse);
}

// As gradient_columns of attention.c: P and dS as left operands (rows of keys), dS as right operand too (pairs).
CK_CLONES static void gradient_pairs(const float *x, const float *dx, long ld, long count, int masked, long start,
                                     const int32_t *low, const int32_t *high, const float *lse, const float *products,
                                     uint16_t *p, uint16_t *ds, uint32_t *pairs) {
  lanes base = CK_LOAD(lse), product = CK_LOAD(products);
  long j = 0;
  for (; j < round32(count); j += 2, pairs += ld) {
    ck_half16 halves[2] = {{0}, {0}};
    for (long i = 0; i < 2 && j + i < count; i++) {
      lanes e = ck_exp16(CK_LOAD(x + (j + i) * ld) - base);
      if (masked) e = keep(sees(low, high, start + j + i), e);
      *(ck_half16 *)(p + (j + i) * ld) = ck_to_bf16(e);
      halves[i] = ck_to_bf16(e * (CK_LOAD(dx + (j + i) * ld) - product));
      *(ck_half16 *)(ds + (j + i) * ld) = halves[i];
    }
    *(ck_words16 *)pairs = ck_pair(halves[0], halves[1]);
  }
}

void ck_attention_backward_bf16(ck_attention_shape s, const uint16_t *key_rows, const uint16_t *key_columns,
                                const uint16_t *value_rows, float *packed, long kv_head, long block, long first,
                                long last, float *scratch, float *dk, float *dv, float *dq_partial) {
  query_block b = block_of(&s, block);
  packed_block p = packed_at(&s, packed);
  long d = s.head_size, wide = round32(d), tall = round16(d), stride = s.kv_heads * d, ld = b.ld;
  long width = round32(b.rows);
  float *scores = scratch, *d_scores = scores + ld * CK_KEY_BLOCK;
  uint32_t *ds_pairs = (uint32_t *)(d_scores + ld * CK_KEY_BLOCK);
  uint16_t *p_rows = (uint16_t *)(ds_pairs + ld * CK_KEY_BLOCK / 2), *ds_rows = p_rows + ld * CK_KEY_BLOCK;
  int32_t *low = (int32_t *)(ds_rows + ld * CK_KEY_BLOCK), *high = low + ld;
  key_rows += kv_head * ck_attention_key_rows_bf16(s);
  value_rows += kv_head * ck_attention_key_rows_bf16(s);
  key_columns += kv_head * ck_attention_key_columns_bf16(s);
  limits(&s, &b, low, high);
  memset(dq_partial, 0, (size_t)(d * ld) * sizeof(float));
  for (long j = first; j < last; j++) {
    long start, count = visible_keys(&s, &b, j, &start), offset = start * stride + kv_head * d;
    ck_product across = {.simd = s.simd, .m = count, .n = width, .k = wide, .lda = wide, .ldb = ld, .ldc = ld};
    ck_product_bf16(across, key_rows + start * wide, p.queries, scores);
    ck_product_bf16(across, value_rows + start * wide, p.d_columns, d_scores);
    int masked = !all_visible(&s, &b, start, count);
    for (long r = 0; r < width; r += 16)
      gradient_pairs(scores + r, d_scores + r, ld, count, masked, start, low + r, high + r, p.lse + r, p.products + r,
                     p_rows + r, ds_rows + r, ds_pairs + r);
    ck_product down = {.simd = s.simd, .m = count, .n = d, .k = width, .lda = ld, .ldb = tall, .ldc = stride,
                       .accumulate = 1};
    ck_product_bf16(down, p_rows, p.d_pairs, dv + offset);
    ck_product_bf16(down, ds_rows, p.query_pairs, dk + offset);
    ck_product_bf16((ck_product){.simd = s.simd, .m = d, .n = width, .k = round32(count), .lda = COLUMNS, .ldb = ld,
                                 .ldc = ld, .accumulate = 1},
                    key_columns + j * COLUMNS * tall + (start - j * CK_KEY_BLOCK), ds_pairs, dq_partial);
  }
}
