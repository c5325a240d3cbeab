// Causal attention by tiles with an online softmax (Milakov & Gimelshein 2018; Dao 2023), forward and backward.
// No array grows with queries × keys. The heads that share a key head are rows of one tile:
// row h·B + t is query t of the block under head h, so one product serves all of them.
//   forward    S = scale·Q·Kᵀ;  P = e^(S − m);  O = ΣP·V / ΣP;  lse = m + log ΣP
//   backward   P = e^(S − lse);  D = rowsum(dO∘O);  dS = P∘(dO·Vᵀ − D)
//              dV += Pᵀ·dO;  dK += dSᵀ·(scale·Q);  dQ += scale·dS·K
#include <cblas.h>

#include "ck.h"
#include "ck_vector.h"

typedef struct {
  long group, first, count, rows;  // heads per key head; the block's queries; tile rows
} query_block;

CK_INLINE query_block block_of(const ck_attention_shape *s, long block) {
  long size = ck_attention_query_block(*s), first = block * size, rest = s->query_count - first;
  long count = rest < size ? rest : size, group = s->heads / s->kv_heads;
  return (query_block){group, first, count, group * count};
}

long ck_attention_query_block(ck_attention_shape s) {
  long size = CK_QUERY_ROWS / (s.heads / s.kv_heads) / 16 * 16;
  return size < 16 ? 16 : size;
}

CK_INLINE long tile_rows(const ck_attention_shape *s) { return ck_attention_query_block(*s) * (s->heads / s->kv_heads); }

long ck_attention_scratch(ck_attention_shape s) {
  return tile_rows(&s) * (2 * CK_KEY_BLOCK + 2 * s.head_size + 2);
}

long ck_attention_packed(ck_attention_shape s) { return tile_rows(&s) * (2 * s.head_size + 2); }

void ck_attention_key_blocks(ck_attention_shape s, long block, long *first, long *last) {
  query_block b = block_of(&s, block);
  *first = s.first_key[b.first] / CK_KEY_BLOCK;
  *last = (s.query_offset + b.first + b.count - 1) / CK_KEY_BLOCK + 1;
}

// Rows of the packed tile ⇄ rows of a [token, heads·head_size] matrix.
static void gather_rows(const ck_attention_shape *s, query_block b, const float *x, long kv_head, float factor,
                        float *tile) {
  long stride = s->heads * s->head_size;
  for (long h = 0; h < b.group; h++)
    for (long t = 0; t < b.count; t++, tile += s->head_size) {
      const float *row = x + (b.first + t) * stride + (kv_head * b.group + h) * s->head_size;
      for (long i = 0; i < s->head_size; i++) tile[i] = factor * row[i];
    }
}

// The keys of block [start, start + count) that query t sees, relative to start: [*low, *high).
CK_INLINE void visible(const ck_attention_shape *s, long t, long start, long count, long *low, long *high) {
  long lo = s->first_key[t] - start, hi = s->query_offset + t + 1 - start;
  *low = lo < 0 ? 0 : lo > count ? count : lo;
  *high = hi < *low ? *low : hi > count ? count : hi;
}

// One row of scores → e^(score − new maximum), zero where masked. Updates maximum and sum; returns the
// factor by which earlier sums shrink.
CK_CLONES static float online_row(float *x, long count, long low, long high, float *maximum, float *sum) {
  for (long i = 0; i < low; i++) x[i] = 0;
  for (long i = high; i < count; i++) x[i] = 0;
  if (low >= high) return 1;
  float m = *maximum;
  long i = low;
  if (i + 16 <= high) {
    ck_f16v_aligned best = CK_LOAD(x + i);
    for (i += 16; i + 16 <= high; i += 16) best = __builtin_elementwise_max(best, CK_LOAD(x + i));
    for (int j = 0; j < 16; j++) m = best[j] > m ? best[j] : m;
  }
  for (; i < high; i++) m = x[i] > m ? x[i] : m;
  float shrink = *maximum == -INFINITY ? 0 : ck_exp1(*maximum - m);
  ck_f16v_aligned partial = CK_SPLAT(0.0f);
  for (i = low; i + 16 <= high; i += 16) {
    ck_f16v_aligned e = ck_exp16(CK_LOAD(x + i) - m);
    CK_STORE(x + i, e);
    partial += e;
  }
  float total = ck_reduce_add(partial);
  for (; i < high; i++) total += x[i] = ck_exp1(x[i] - m);
  *sum = *sum * shrink + total;
  *maximum = m;
  return shrink;
}

void ck_attention_forward(ck_attention_shape s, const float *q, const float *k, const float *v, long kv_head,
                          long block, float *scratch, float *output, float *lse) {
  query_block b = block_of(&s, block);
  long d = s.head_size, kv_stride = s.kv_heads * d, rows_max = tile_rows(&s), first, last;
  float *scores = scratch, *queries = scores + rows_max * CK_KEY_BLOCK, *sums = queries + rows_max * d;
  float *maxima = sums + rows_max * d, *totals = maxima + rows_max;
  gather_rows(&s, b, q, kv_head, s.scale, queries);
  memset(sums, 0, (size_t)(b.rows * d) * sizeof(float));
  for (long r = 0; r < b.rows; r++) maxima[r] = -INFINITY, totals[r] = 0;
  ck_attention_key_blocks(s, block, &first, &last);
  for (long j = first; j < last; j++) {
    long start = j * CK_KEY_BLOCK, count = s.key_count - start < CK_KEY_BLOCK ? s.key_count - start : CK_KEY_BLOCK;
    const float *keys = k + start * kv_stride + kv_head * d, *values = v + start * kv_stride + kv_head * d;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)b.rows, (int)count, (int)d, 1, queries, (int)d, keys,
                (int)kv_stride, 0, scores, CK_KEY_BLOCK);
    for (long r = 0; r < b.rows; r++) {
      long low, high;
      visible(&s, b.first + r % b.count, start, count, &low, &high);
      float shrink = online_row(scores + r * CK_KEY_BLOCK, count, low, high, maxima + r, totals + r);
      if (shrink != 1)
        for (long i = 0; i < d; i++) sums[r * d + i] *= shrink;
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)b.rows, (int)d, (int)count, 1, scores, CK_KEY_BLOCK,
                values, (int)kv_stride, 1, sums, (int)d);
  }
  for (long r = 0; r < b.rows; r++) {
    long head = kv_head * b.group + r / b.count, t = b.first + r % b.count;
    float inverse = 1 / totals[r], *row = output + t * s.heads * d + head * d;
    for (long i = 0; i < d; i++) row[i] = sums[r * d + i] * inverse;
    lse[head * s.query_count + t] = maxima[r] + logf(totals[r]);
  }
}

void ck_attention_pack(ck_attention_shape s, const float *q, const float *output, const float *lse,
                       const float *d_output, long kv_head, long block, float *packed) {
  query_block b = block_of(&s, block);
  long d = s.head_size, rows_max = tile_rows(&s), stride = s.heads * d;
  float *d_rows = packed + rows_max * d, *products = d_rows + rows_max * d, *lse_rows = products + rows_max;
  gather_rows(&s, b, q, kv_head, s.scale, packed);
  gather_rows(&s, b, d_output, kv_head, 1, d_rows);
  for (long r = 0; r < b.rows; r++) {
    long head = kv_head * b.group + r / b.count, t = b.first + r % b.count;
    const float *o = output + t * stride + head * d;
    double dot = 0;
    for (long i = 0; i < d; i++) dot += (double)d_rows[r * d + i] * o[i];
    products[r] = (float)dot;
    lse_rows[r] = lse[head * s.query_count + t];
  }
}

// scores → P, d_scores (dO·Vᵀ) → dS, both zero where masked.
CK_CLONES static void gradient_row(float *p, float *ds, long count, long low, long high, float lse, float product) {
  for (long i = 0; i < low; i++) p[i] = ds[i] = 0;
  for (long i = high; i < count; i++) p[i] = ds[i] = 0;
  long i = low;
  for (; i + 16 <= high; i += 16) {
    ck_f16v_aligned e = ck_exp16(CK_LOAD(p + i) - lse);
    CK_STORE(p + i, e);
    CK_STORE(ds + i, e * (CK_LOAD(ds + i) - product));
  }
  for (; i < high; i++) {
    p[i] = ck_exp1(p[i] - lse);
    ds[i] = p[i] * (ds[i] - product);
  }
}

void ck_attention_backward(ck_attention_shape s, const float *k, const float *v, const float *packed, long kv_head,
                           long block, long first, long last, float *scratch, float *dk, float *dv,
                           float *dq_partial) {
  query_block b = block_of(&s, block);
  int rows = (int)b.rows, d = (int)s.head_size, stride = (int)(s.kv_heads * d);
  long rows_max = tile_rows(&s);
  const float *queries = packed, *d_rows = packed + rows_max * d, *products = d_rows + rows_max * d;
  const float *lse_rows = products + rows_max;
  float *scores = scratch, *d_scores = scores + rows_max * CK_KEY_BLOCK;
  memset(dq_partial, 0, (size_t)(b.rows * d) * sizeof(float));
  for (long j = first; j < last; j++) {
    long start = j * CK_KEY_BLOCK, offset = start * stride + kv_head * d;
    int count = (int)(s.key_count - start < CK_KEY_BLOCK ? s.key_count - start : CK_KEY_BLOCK);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, count, d, 1, queries, d, k + offset, stride, 0, scores,
                CK_KEY_BLOCK);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, count, d, 1, d_rows, d, v + offset, stride, 0, d_scores,
                CK_KEY_BLOCK);
    for (long r = 0; r < b.rows; r++) {
      long low, high;
      visible(&s, b.first + r % b.count, start, count, &low, &high);
      gradient_row(scores + r * CK_KEY_BLOCK, d_scores + r * CK_KEY_BLOCK, count, low, high, lse_rows[r], products[r]);
    }
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, count, d, rows, 1, scores, CK_KEY_BLOCK, d_rows, d, 1,
                dv + offset, stride);
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, count, d, rows, 1, d_scores, CK_KEY_BLOCK, queries, d, 1,
                dk + offset, stride);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, d, count, s.scale, d_scores, CK_KEY_BLOCK, k + offset,
                stride, 1, dq_partial, d);
  }
}

void ck_attention_unpack_add(ck_attention_shape s, const float *dq_partials, long parts, long kv_head, long block,
                             float *dq) {
  query_block b = block_of(&s, block);
  long d = s.head_size, size = tile_rows(&s) * d;
  for (long r = 0; r < b.rows; r++) {
    float *row = dq + (b.first + r % b.count) * s.heads * d + (kv_head * b.group + r / b.count) * d;
    for (long part = 0; part < parts; part++)
      for (long i = 0; i < d; i++) row[i] += dq_partials[part * size + r * d + i];
  }
}
