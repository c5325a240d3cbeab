// Kernels of inference: matrices in the blocks of their files, and the cache of keys and values.
#pragma once
#include <stdint.h>

// ── row_products.c ──
/// The formats of blocks, by ggml's numbers.
typedef enum {
  CK_BLOCK_F32 = 0, CK_BLOCK_F16 = 1, CK_BLOCK_Q4_0 = 2, CK_BLOCK_Q4_1 = 3, CK_BLOCK_Q5_0 = 6, CK_BLOCK_Q5_1 = 7,
  CK_BLOCK_Q8_0 = 8, CK_BLOCK_Q4_K = 12, CK_BLOCK_Q5_K = 13, CK_BLOCK_Q6_K = 14, CK_BLOCK_BF16 = 30,
} ck_block_type;
/// `count` blocks → floats.
void ck_decode_block(ck_block_type type, const uint8_t *blocks, long count, float *y);
/// y[r, j] = Σ x[r, i]·w[j, i] for j in [first, last): w is stored in rows of k values in whole blocks, x [rows, k] lies
/// densely, rows of y are ldy apart. Each sum is formed the same way for any number of rows.
void ck_row_products(const uint8_t *w, ck_block_type type, long block_size, long block_bytes, long first, long last,
                     long k, const float *x, long rows, float *y, long ldy);

// ── cache.c ──
/// How keys and values are kept: as floats, rounded to bfloat16, or as 8-bit integers with a scale for each head of
/// each token.
typedef enum { CK_CACHE_F32, CK_CACHE_BF16, CK_CACHE_Q8 } ck_cache_form;
/// Tokens of a page.
enum { CK_PAGE = 256 };
/// Bytes of the keys, or of the values, of one page and one head.
long ck_cache_head_bytes(ck_cache_form form, long head_size);
/// Rows of keys and values [count, kv_heads·head_size] into a page, from token `at` on.
void ck_cache_store(ck_cache_form form, const float *k, const float *v, long count, long kv_heads, long head_size, long at,
                    uint8_t *keys, uint8_t *values);
/// The first `count` tokens of a page as rows [count, kv_heads·head_size].
void ck_cache_load(ck_cache_form form, const uint8_t *keys, const uint8_t *values, long count, long kv_heads,
                   long head_size, float *k, float *v);
/// Floats of the state of one task: for each of `group` queries its maximum, its sum of weights and its sum of values.
long ck_cache_state(long group, long head_size);
void ck_cache_begin(long group, long head_size, float *state);
/// Adds tokens [first, last) of one head of a page to the states of `group` queries [group, head_size] that share it.
void ck_cache_attend(ck_cache_form form, const uint8_t *keys, const uint8_t *values, long first, long last, long head_size,
                     const float *q, float scale, long group, float *state);
/// The states of `parts` tasks, each `stride` floats apart, in order → output [group, head_size].
void ck_cache_finish(const float *states, long parts, long stride, long group, long head_size, float *output);
