// Causal attention by tiles with an online softmax (Milakov & Gimelshein 2018; Dao 2023), forward and backward.
// No array grows with queries × keys. The heads that share a key head are columns of one tile: column h·B + t is
// query t of the block under head h. Tiles stand keys × queries, so maxima and sums run down the lanes of vectors,
// and every product finds its operands where they lie: nothing of K or V is copied.
//   forward    Sᵀ = scale·K·Qᵀ;  Pᵀ = e^(Sᵀ − m);  Oᵀ += Vᵀ·Pᵀ, divided by ΣP at the end;  lse = m + log ΣP
//   backward   Pᵀ = e^(Sᵀ − lse);  D = Σ dO∘O;  dSᵀ = Pᵀ∘(V·dOᵀ − D)
//              dV += Pᵀ·dO;  dK += scale·dSᵀ·Q;  dQᵀ += scale·Kᵀ·dSᵀ
#include "attention_block.h"

long ck_attention_query_block(ck_attention_shape s) {
  long size = CK_QUERY_ROWS / (s.heads / s.kv_heads) / 16 * 16;
  return size < 16 ? 16 : size;
}

long ck_attention_scratch(ck_attention_shape s) {
  return tile_stride(&s) * (2 * CK_KEY_BLOCK + 2 * s.head_size + 5);
}

long ck_attention_packed(ck_attention_shape s) {
  return tile_stride(&s) * (2 * s.head_size + 2 * round16(s.head_size) + 4);
}

void ck_attention_key_blocks(ck_attention_shape s, long block, long stop, long *first, long *last) {
  query_block b = block_of(&s, block), e = block_of(&s, stop - 1);
  *first = s.first_key[b.first] / CK_KEY_BLOCK;
  *last = (s.query_offset + e.first + e.count - 1) / CK_KEY_BLOCK + 1;
}

// Rows of a [token, heads·head_size] matrix → columns of a tile; columns beyond the last are zero.
static void gather_columns(const ck_attention_shape *s, const query_block *b, const float *x, long kv_head,
                           float *tile) {
  long d = s->head_size, stride = s->heads * d, pad = round16(b->rows) - b->rows;
  for (long h = 0; h < b->group; h++)
    ck_transpose(x + b->first * stride + (kv_head * b->group + h) * d, b->count, d, stride, 0, tile + h * b->count,
                 b->ld);
  if (pad)
    for (long i = 0; i < d; i++) memset(tile + i * b->ld + b->rows, 0, (size_t)pad * sizeof(float));
}

// Sixteen columns of scores → e^(score − new maximum), zero where masked. Updates maximum and sum of each
// column and gives the factor by which its earlier sums shrink.
CK_CLONES static void online_columns(float *x, long ld, long count, int masked, long start, const int32_t *low,
                                     const int32_t *high, float *maximum, float *sum, float *shrink) {
  lanes before = CK_LOAD(maximum), most = column_maxima(x, ld, count, masked, start, low, high, before);
  lanes base = subtrahend(most);
  lanes factor = ck_exp16(before - base), total = CK_SPLAT(0.0f), other = total;
  long j = 0;
  for (; j + 2 <= count; j += 2) {
    lanes e = ck_exp16(CK_LOAD(x + j * ld) - base), f = ck_exp16(CK_LOAD(x + (j + 1) * ld) - base);
    CK_STORE(x + j * ld, e);
    CK_STORE(x + (j + 1) * ld, f);
    total += e;
    other += f;
  }
  if (j < count) {
    lanes e = ck_exp16(CK_LOAD(x + j * ld) - base);
    CK_STORE(x + j * ld, e);
    total += e;
  }
  CK_STORE(shrink, factor);
  CK_STORE(sum, CK_LOAD(sum) * factor + (total + other));
  CK_STORE(maximum, most);
}

// scores = factor·keys·tile, summed 64 steps at a time: a longer chain of roundings would show in e^score.
static void scores_of(const ck_attention_shape *s, const query_block *b, const float *keys, long count,
                      const float *tile, float factor, float *scores) {
  for (long i = 0; i < s->head_size; i += 64)
    ck_product_f32((ck_product){.simd = s->simd, .m = count, .n = round16(b->rows),
                                .k = s->head_size - i < 64 ? s->head_size - i : 64, .lda = s->kv_heads * s->head_size,
                                .ldb = b->ld, .ldc = b->ld, .alpha = factor, .accumulate = i > 0},
                   keys + i, tile + i * b->ld, scores);
}

void ck_attention_forward(ck_attention_shape s, const float *q, const float *k, const float *v, long kv_head,
                          long block, float *scratch, float *output, float *lse) {
  query_block b = block_of(&s, block);
  long d = s.head_size, kv_stride = s.kv_heads * d, ld = b.ld, width = round16(b.rows), first, last;
  float *scores = scratch, *queries = scores + ld * CK_KEY_BLOCK, *sums = queries + ld * d, *maxima = sums + ld * d;
  float *totals = maxima + ld, *shrink = totals + ld;
  int32_t *low = (int32_t *)(shrink + ld), *high = low + ld;
  gather_columns(&s, &b, q, kv_head, queries);
  limits(&s, &b, low, high);
  memset(sums, 0, (size_t)(d * ld) * sizeof(float));
  for (long r = 0; r < width; r++) maxima[r] = -INFINITY, totals[r] = 0;
  ck_attention_key_blocks(s, block, block + 1, &first, &last);
  for (long j = first; j < last; j++) {
    long start, count = visible_keys(&s, &b, j, &start), offset = start * kv_stride + kv_head * d;
    scores_of(&s, &b, k + offset, count, queries, s.scale, scores);
    int masked = !all_visible(&s, &b, start, count);
    for (long r = 0; r < width; r += 16)
      online_columns(scores + r, ld, count, masked, start, low + r, high + r, maxima + r, totals + r, shrink + r);
    shrink_columns(sums, ld, d, width, shrink);
    ck_product_f32((ck_product){.simd = s.simd, .m = d, .n = width, .k = count, .lda = kv_stride, .by_columns = 1,
                                .ldb = ld, .ldc = ld, .alpha = 1, .accumulate = 1}, v + offset, scores, sums);
  }
  finish_rows(&s, &b, kv_head, sums, maxima, totals, shrink, output, lse);
}

typedef struct {
  float *queries, *d_columns, *query_rows, *d_rows, *lse, *products;
  int32_t *low, *high;
} packed_block;

CK_INLINE packed_block packed_at(const ck_attention_shape *s, float *x) {
  long ld = tile_stride(s), d = s->head_size, wide = round16(d);
  float *rest = x + ld * (2 * d + 2 * wide);
  return (packed_block){x, x + ld * d, x + 2 * ld * d, x + ld * (2 * d + wide), rest, rest + ld,
                        (int32_t *)(rest + 2 * ld), (int32_t *)(rest + 3 * ld)};
}

void ck_attention_row_products(const float *output, const float *d_output, long queries, long heads, long d, long first,
                               long last, float *products) {
  for (long t = first; t < last; t++)
    for (long head = 0; head < heads; head++) {
      long from = (t * heads + head) * d, i = 0;
      lanes dot = CK_SPLAT(0.0f);
      float rest = 0;
      for (; i + 16 <= d; i += 16) dot += CK_LOAD(d_output + from + i) * CK_LOAD(output + from + i);
      for (; i < d; i++) rest += d_output[from + i] * output[from + i];
      products[head * queries + t] = ck_reduce_add(dot) + rest;
    }
}

void ck_attention_pack(ck_attention_shape s, const float *q, const float *products, const float *lse,
                       const float *d_output, long kv_head, long block, float *packed) {
  query_block b = block_of(&s, block);
  packed_block p = packed_at(&s, packed);
  long d = s.head_size, wide = round16(d), stride = s.heads * d;
  gather_columns(&s, &b, q, kv_head, p.queries);
  gather_columns(&s, &b, d_output, kv_head, p.d_columns);
  memset(p.query_rows, 0, (size_t)(2 * b.ld * wide + 2 * b.ld) * sizeof(float));
  gather_values(&s, &b, products, kv_head, p.products);
  gather_values(&s, &b, lse, kv_head, p.lse);
  limits(&s, &b, p.low, p.high);
  for (long r = 0; r < b.rows; r++) {
    long from = (b.first + r % b.count) * stride + (kv_head * b.group + r / b.count) * d;
    memcpy(p.query_rows + r * wide, q + from, (size_t)d * sizeof(float));
    memcpy(p.d_rows + r * wide, d_output + from, (size_t)d * sizeof(float));
  }
}

// Sixteen columns: scores → P, dO·V → dS, both zero where masked.
CK_CLONES static void gradient_columns(float *x, float *dx, long ld, long count, int masked, long start,
                                       const int32_t *low, const int32_t *high, const float *lse,
                                       const float *products) {
  lanes base = CK_LOAD(lse), product = CK_LOAD(products);
  for (long j = 0; j < count; j++) {
    lanes e = ck_exp16(CK_LOAD(x + j * ld) - base);
    if (masked) e = keep(sees(low, high, start + j), e);
    CK_STORE(x + j * ld, e);
    CK_STORE(dx + j * ld, e * (CK_LOAD(dx + j * ld) - product));
  }
}

void ck_attention_backward(ck_attention_shape s, const float *k, const float *v, float *packed, long kv_head,
                           long block, long stop, long first, long last, float *scratch, float *dk, float *dv,
                           float *dq_partial) {
  long d = s.head_size, wide = round16(d), stride = s.kv_heads * d, ld = tile_stride(&s);
  float *scores = scratch, *d_scores = scores + ld * CK_KEY_BLOCK;
  memset(dq_partial, 0, (size_t)((stop - block) * ck_attention_partial(s)) * sizeof(float));
  for (long j = first; j < last; j++)
    for (long i = block; i < stop; i++) {
      query_block b = block_of(&s, i);
      packed_block p = packed_at(&s, packed + (i - block) * ck_attention_packed(s));
      long start, count = visible_keys(&s, &b, j, &start), offset = start * stride + kv_head * d;
      long width = round16(b.rows);
      if (count <= 0) continue;
      scores_of(&s, &b, k + offset, count, p.queries, s.scale, scores);
      scores_of(&s, &b, v + offset, count, p.d_columns, 1, d_scores);
      int masked = !all_visible(&s, &b, start, count);
      for (long r = 0; r < width; r += 16)
        gradient_columns(scores + r, d_scores + r, ld, count, masked, start, p.low + r, p.high + r, p.lse + r,
                         p.products + r);
      ck_product down = {.simd = s.simd, .m = count, .n = d, .k = width, .lda = ld, .ldb = wide, .ldc = stride,
                         .alpha = 1, .accumulate = 1};
      ck_product_f32(down, scores, p.d_rows, dv + offset);
      down.alpha = s.scale;
      ck_product_f32(down, d_scores, p.query_rows, dk + offset);
      ck_product_f32((ck_product){.simd = s.simd, .m = d, .n = width, .k = count, .lda = stride, .by_columns = 1,
                                  .ldb = ld, .ldc = ld, .alpha = 1, .accumulate = 1},
                     k + offset, d_scores, dq_partial + (i - block) * ck_attention_partial(s));
    }
}

long ck_attention_partial(ck_attention_shape s) { return tile_stride(&s) * s.head_size; }

CK_CLONES void ck_attention_unpack_add(ck_attention_shape s, float *dq_partials, long parts, long part_stride,
                                       float factor, long kv_head, long block, float *dq) {
  query_block b = block_of(&s, block);
  long d = s.head_size, size = ck_attention_partial(s);
  for (long part = 1; part < parts; part++)
    for (long i = 0; i < size; i++) dq_partials[i] += dq_partials[part * part_stride + i];
  for (long i = 0; i < size; i++) dq_partials[i] *= factor;
  for (long h = 0; h < b.group; h++)
    ck_transpose(dq_partials + h * b.count, d, b.count, b.ld, 1,
                 dq + b.first * s.heads * d + (kv_head * b.group + h) * d, s.heads * d);
}
