// Causal attention as in attention.c with bfloat16 operands: queries, keys, values, P and dS are rounded, every sum,
// maximum and exponential stays in single precision (Dao 2023). Keys and values are prepared once for all queries.
#include "attention_amx.h"
#include "attention_block.h"
#include "bf16_avx512.h"
#include "ck_bf16.h"

enum { COLUMNS = CK_KEY_BLOCK + 32 };  // length of a row of a transposed key block, with room for zeros
// Scores are formed for so many keys and columns at a time, which stay in the first-level cache until they are used.
enum { FORWARD_KEYS = CK_AMX_KEYS, BACKWARD_KEYS = 64, MOST_COLUMNS = 96 };
CK_INLINE long columns_at_once(const ck_attention_shape *s) { return s->simd == CK_AMX ? 32 : MOST_COLUMNS; }
CK_INLINE long least(long a, long b) { return a < b ? a : b; }

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
    ck_rows_bf16(s.simd, x, stride, 1, count, d, wide, rows, wide);
    memset(rows + count * wide, 0, (size_t)((CK_KEY_BLOCK - count) * wide) * sizeof *rows);
  }
  if (columns) {
    columns += kv_head * ck_attention_key_columns_bf16(s) + block * COLUMNS * round16(d);
    memset(columns, 0, (size_t)(COLUMNS * round16(d)) * sizeof *columns);
    ck_rows_transposed_bf16(s.simd, x, stride, 1, count, d, round32(count), columns, COLUMNS);
  }
}

long ck_attention_scratch_bf16(ck_attention_shape s) {
  return tile_stride(&s) * (2 * CK_KEY_BLOCK + round32(s.head_size) / 2 + s.head_size + 5) +
         2 * FORWARD_KEYS * MOST_COLUMNS + 16 * CK_KEY_BLOCK;
}

// Queries (times a factor) as the right operand: pairs of neighbours of the head, a column per query.
static void gather_pairs(const ck_attention_shape *s, const query_block *b, const float *x, long kv_head, float factor,
                         uint32_t *pairs) {
  long d = s->head_size, stride = s->heads * d;
  memset(pairs, 0, (size_t)(b->ld * round32(d) / 2) * sizeof *pairs);
  for (long h = 0; h < b->group; h++)
    ck_pairs_transposed_bf16(s->simd, x + b->first * stride + (kv_head * b->group + h) * d, stride, factor, b->count, d,
                             round32(d), round16(b->count), pairs + h * b->count, b->ld);
}

#define CK_SET(name) plain_##name
#define CK_TARGET CK_CLONES static
#define CK_BOTH(x, y) ck_both(ck_to_bf16(x), ck_to_bf16(y))
#include "attention_bf16_columns.h"

#if defined(__x86_64__)
#define CK_BY_SET(simd, name) (simd >= CK_AVX512_BF16 ? ck_avx512_##name : plain_##name)
#else
#define CK_BY_SET(simd, name) plain_##name
#endif

static void take_tiles(const ck_amx_columns *c, const ck_amx_tile *tiles, long *waiting) {
#if defined(__x86_64__)
  if (*waiting) ck_amx_attention(c, tiles, *waiting);
#else
  (void)c, (void)tiles;
#endif
  *waiting = 0;
}

void ck_attention_forward_bf16(ck_attention_shape s, const float *q, const uint16_t *key_rows,
                               const uint16_t *value_columns, long kv_head, long block, float *scratch, float *output,
                               float *lse) {
  query_block b = block_of(&s, block);
  long d = s.head_size, wide = round32(d), ld = b.ld, width = round32(b.rows), at_once = columns_at_once(&s);
  long first, last;
  float *scores = scratch, *sums = scores + FORWARD_KEYS * MOST_COLUMNS, *maxima = sums + ld * d;
  float *totals = maxima + ld, *shrink = totals + ld;
  int32_t *low = (int32_t *)(shrink + ld), *high = low + ld;
  uint32_t *queries = (uint32_t *)(high + ld), *weights = queries + ld * wide / 2;
  key_rows += kv_head * ck_attention_key_rows_bf16(s);
  value_columns += kv_head * ck_attention_key_columns_bf16(s);
  gather_pairs(&s, &b, q, kv_head, s.scale, queries);
  limits(&s, &b, low, high);
  memset(sums, 0, (size_t)(d * ld) * sizeof(float));
  for (long r = 0; r < width; r++) maxima[r] = -INFINITY, totals[r] = 0;
  ck_attention_key_blocks(s, block, block + 1, &first, &last);
  ck_amx_columns whole = {d, width, ld, COLUMNS, queries, sums, maxima, totals, shrink, scores, weights};
  ck_amx_tile tiles[CK_AMX_TILES];
  long waiting = 0;
  ck_products_begin(s.simd);
  for (long j = first; j < last; j++) {
    long start, count = visible_keys(&s, &b, j, &start);
    const uint16_t *columns = value_columns + j * COLUMNS * round16(d) + (start - j * CK_KEY_BLOCK);
    for (long k = 0; k < count; k += FORWARD_KEYS, start += FORWARD_KEYS) {
      long here = least(FORWARD_KEYS, count - k);
      int masked = !all_visible(&s, &b, start, here), whole_tile = !masked && here == FORWARD_KEYS;
      if (ck_amx_interleaves(&s)) {
        if (whole_tile) tiles[waiting++] = (ck_amx_tile){key_rows + start * wide, columns + k};
        if (waiting == CK_AMX_TILES || (waiting && !whole_tile)) take_tiles(&whole, tiles, &waiting);
        if (whole_tile) continue;
      }
      for (long r = 0; r < width; r += at_once) {
        long n = least(at_once, width - r);
        ck_product_bf16((ck_product){.simd = s.simd, .m = here, .n = n, .k = wide, .lda = wide, .ldb = ld,
                                     .ldc = at_once, .configured = 1},
                        key_rows + start * wide, queries + r, scores);
        for (long c = 0; c < n; c += 16)
          CK_BY_SET(s.simd, online_pairs)(scores + c, at_once, here, masked, start, low + r + c, high + r + c,
                                          maxima + r + c, totals + r + c, shrink + r + c, weights + c);
        shrink_columns(sums + r, ld, d, n, shrink + r);
        ck_product_bf16((ck_product){.simd = s.simd, .m = d, .n = n, .k = round32(here), .lda = COLUMNS,
                                     .ldb = at_once, .ldc = ld, .accumulate = 1, .configured = 1},
                        columns + k, weights, sums + r);
      }
    }
  }
  take_tiles(&whole, tiles, &waiting);
  ck_products_end(s.simd);
  finish_rows(&s, &b, kv_head, sums, maxima, totals, shrink, output, lse);
}

typedef struct {
  uint32_t *queries, *d_columns, *query_pairs, *d_pairs;
  float *lse, *products, *rows;
  int32_t *low, *high;
} packed_block;

CK_INLINE packed_block packed_at(const ck_attention_shape *s, float *x) {
  long ld = tile_stride(s), wide = ld * round32(s->head_size) / 2, tall = ld * round16(s->head_size) / 2;
  uint32_t *words = (uint32_t *)x;
  float *rest = x + 2 * wide + 2 * tall;
  return (packed_block){words, words + wide, words + 2 * wide, words + 2 * wide + tall, rest, rest + ld, rest + 4 * ld,
                        (int32_t *)(rest + 2 * ld), (int32_t *)(rest + 3 * ld)};
}

long ck_attention_packed_bf16(ck_attention_shape s) {
  return tile_stride(&s) * (round32(s.head_size) + round16(s.head_size) + 4 + s.head_size);
}

void ck_attention_pack_bf16(ck_attention_shape s, const float *q, const float *products, const float *lse,
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
    ck_pairs_bf16(s.simd, p.rows, d, side ? 1 : s.scale, b.rows, d, round32(b.rows), tall, side ? p.d_pairs : p.query_pairs,
                  tall);
  }
  memset(p.lse, 0, (size_t)(2 * b.ld) * sizeof(float));
  gather_values(&s, &b, products, kv_head, p.products);
  gather_values(&s, &b, lse, kv_head, p.lse);
  limits(&s, &b, p.low, p.high);
}

void ck_attention_backward_bf16(ck_attention_shape s, const uint16_t *key_rows, const uint16_t *key_columns,
                                const uint16_t *value_rows, float *packed, long kv_head, long block, long stop,
                                long first, long last, float *scratch, float *dk, float *dv, float *dq_partial) {
  long d = s.head_size, wide = round32(d), tall = round16(d), stride = s.kv_heads * d, ld = tile_stride(&s);
  long at_once = columns_at_once(&s);
  float *scores = scratch, *d_scores = scores + BACKWARD_KEYS * MOST_COLUMNS;
  uint32_t *ds_pairs = (uint32_t *)(d_scores + BACKWARD_KEYS * MOST_COLUMNS);
  long line = ld + 16;  // rows of halves that begin with cache lines
  uint16_t *p_rows = (uint16_t *)(ds_pairs + ld * CK_KEY_BLOCK / 2), *ds_rows = p_rows + line * CK_KEY_BLOCK;
  key_rows += kv_head * ck_attention_key_rows_bf16(s);
  value_rows += kv_head * ck_attention_key_rows_bf16(s);
  key_columns += kv_head * ck_attention_key_columns_bf16(s);
  memset(dq_partial, 0, (size_t)((stop - block) * ck_attention_partial(s)) * sizeof(float));
  ck_products_begin(s.simd);
  for (long j = first; j < last; j++)
    for (long i = block; i < stop; i++) {
      query_block b = block_of(&s, i);
      packed_block p = packed_at(&s, packed + (i - block) * ck_attention_packed_bf16(s));
      long start, count = visible_keys(&s, &b, j, &start), offset = start * stride + kv_head * d;
      long width = round32(b.rows);
      if (count <= 0) continue;
      for (long k = 0; k < count; k += BACKWARD_KEYS) {
        long here = least(BACKWARD_KEYS, count - k), key = start + k;
        int masked = !all_visible(&s, &b, key, here);
        for (long r = 0; r < width; r += at_once) {
          ck_product across = {.simd = s.simd, .m = here, .n = least(at_once, width - r), .k = wide, .lda = wide,
                               .ldb = ld, .ldc = at_once, .configured = 1};
          ck_product_bf16(across, key_rows + key * wide, p.queries + r, scores);
          ck_product_bf16(across, value_rows + key * wide, p.d_columns + r, d_scores);
          for (long c = 0, o = k * line + r; c < across.n; c += 16, o += 16)
            CK_BY_SET(s.simd, gradient_pairs)(scores + c, d_scores + c, at_once, here, masked, key, p.low + r + c,
                                              p.high + r + c, p.lse + r + c, p.products + r + c, line, p_rows + o,
                                              ds_rows + o, ds_pairs + k / 2 * ld + r + c, ld);
        }
      }
      ck_product down = {.simd = s.simd, .m = count, .n = d, .k = width, .lda = line, .ldb = tall, .ldc = stride,
                         .accumulate = 1, .configured = 1};
      ck_product_bf16(down, p_rows, p.d_pairs, dv + offset);
      ck_product_bf16(down, ds_rows, p.query_pairs, dk + offset);
      ck_product_bf16((ck_product){.simd = s.simd, .m = d, .n = width, .k = round32(count), .lda = COLUMNS, .ldb = ld,
                                   .ldc = ld, .accumulate = 1, .configured = 1},
                      key_columns + j * COLUMNS * tall + (start - j * CK_KEY_BLOCK), ds_pairs,
                      dq_partial + (i - block) * ck_attention_partial(s));
    }
  ck_products_end(s.simd);
}
