// Products of a few rows with a matrix whose rows are stored: one pass over the matrix, which memory bounds.
// A piece of a stored row is converted to floats and multiplied with every row of x while it is in the first-level
// cache, so that a quantised matrix is read as it is and never exists as floats.
#include "block_values.h"
#include "ck.h"

enum { PIECE = 256, MOST_ROWS = 8 };

typedef void decoder(const uint8_t *blocks, long count, float *y);

static decoder *const decoders[] = {
    [CK_BLOCK_F32] = ck_decode_f32,   [CK_BLOCK_F16] = ck_decode_f16,   [CK_BLOCK_Q4_0] = ck_decode_q4_0,
    [CK_BLOCK_Q4_1] = ck_decode_q4_1, [CK_BLOCK_Q5_0] = ck_decode_q5_0, [CK_BLOCK_Q5_1] = ck_decode_q5_1,
    [CK_BLOCK_Q8_0] = ck_decode_q8_0, [CK_BLOCK_Q4_K] = ck_decode_q4_k, [CK_BLOCK_Q5_K] = ck_decode_q5_k,
    [CK_BLOCK_Q6_K] = ck_decode_q6_k, [CK_BLOCK_BF16] = ck_decode_bf16,
};

void ck_decode_block(ck_block_type type, const uint8_t *blocks, long count, float *y) { decoders[type](blocks, count, y); }

// dots[r] += w·x_r over n values, sixteen sums each; n is a multiple of 64 but for the last piece of a row.
CK_CLONES static void add_products(const float *w, long n, const float *x, long ldx, long rows, float *sums) {
  for (long r = 0; r < rows; r++, x += ldx, sums += 16) {
    ck_f16v_aligned a = CK_LOAD(sums), b = {0}, c = {0}, d = {0};
    long i = 0;
    for (; i + 64 <= n; i += 64) {
      a += CK_LOAD(w + i) * CK_LOAD(x + i);
      b += CK_LOAD(w + i + 16) * CK_LOAD(x + i + 16);
      c += CK_LOAD(w + i + 32) * CK_LOAD(x + i + 32);
      d += CK_LOAD(w + i + 48) * CK_LOAD(x + i + 48);
    }
    for (; i + 16 <= n; i += 16) a += CK_LOAD(w + i) * CK_LOAD(x + i);
    a = (a + b) + (c + d);
    for (long lane = 0; i < n; i++, lane++) a[lane] += w[i] * x[i];
    CK_STORE(sums, a);
  }
}

// The common formats of 32 values a block go from the block into the sums of a single row, without a stop in memory. The
// values are rounded as the decoders round them, and summed in the order of add_products: the same bits.
#define CK_ADD_BLOCKS(type, bytes)                                                                       \
  CK_CLONES static void add_##type(const uint8_t *blocks, long n, const float *x, float *sums) {         \
    ck_f16v_aligned a = CK_LOAD(sums), b = {0}, c = {0}, d = {0};                                        \
    long i = 0;                                                                                          \
    for (; i + 64 <= n; i += 64, blocks += 2 * bytes) {                                                  \
      ck_block_values first = ck_values_##type(blocks), second = ck_values_##type(blocks + bytes);       \
      a += first.low * CK_LOAD(x + i);                                                                   \
      b += first.high * CK_LOAD(x + i + 16);                                                             \
      c += second.low * CK_LOAD(x + i + 32);                                                             \
      d += second.high * CK_LOAD(x + i + 48);                                                            \
    }                                                                                                    \
    if (i < n) {                                                                                         \
      ck_block_values last = ck_values_##type(blocks);                                                   \
      a += last.low * CK_LOAD(x + i);                                                                    \
      a += last.high * CK_LOAD(x + i + 16);                                                              \
    }                                                                                                    \
    CK_STORE(sums, (a + b) + (c + d));                                                                   \
  }
CK_ADD_BLOCKS(q8_0, CK_BYTES_Q8_0)
CK_ADD_BLOCKS(q4_0, CK_BYTES_Q4_0)
CK_ADD_BLOCKS(q4_1, CK_BYTES_Q4_1)

CK_CLONES static void finish_products(const float *sums, long rows, float *y, long ldy) {
  for (long r = 0; r < rows; r++) y[r * ldy] = ck_reduce_add(CK_LOAD(sums + 16 * r));
}

void ck_row_products(const uint8_t *w, ck_block_type type, long block_size, long block_bytes, long first, long last,
                     long k, const float *x, long rows, float *y, long ldy) {
  long row_bytes = k / block_size * block_bytes, blocks = PIECE / block_size;
  float piece[PIECE];
  for (long j = first; j < last; j++) {
    const uint8_t *row = w + j * row_bytes;
    // The row after next comes while this one is used: the processor's own prefetching ends with every page.
    if (j + 2 < last)
      for (long i = 0; i < row_bytes; i += 64) __builtin_prefetch(row + 2 * row_bytes + i);
    for (long r = 0; r < rows; r += MOST_ROWS) {
      float sums[16 * MOST_ROWS] = {0};
      long here = rows - r < MOST_ROWS ? rows - r : MOST_ROWS;
      // Floats in pieces too: sums are joined after each.
      for (long i = 0; i < k; i += PIECE) {
        long n = k - i < PIECE ? k - i : PIECE;
        const uint8_t *from = row + i / PIECE * blocks * block_bytes;
        if (type == CK_BLOCK_F32) {
          add_products((const float *)from, n, x + r * k + i, k, here, sums);
        } else if (here == 1 && type == CK_BLOCK_Q4_1) {
          add_q4_1(from, n, x + r * k + i, sums);
        } else if (here == 1 && type == CK_BLOCK_Q4_0) {
          add_q4_0(from, n, x + r * k + i, sums);
        } else if (here == 1 && type == CK_BLOCK_Q8_0) {
          add_q8_0(from, n, x + r * k + i, sums);
        } else {
          decoders[type](from, n / block_size, piece);
          add_products(piece, n, x + r * k + i, k, here, sums);
        }
      }
      finish_products(sums, here, y + r * ldy + j, ldy);
    }
  }
}
