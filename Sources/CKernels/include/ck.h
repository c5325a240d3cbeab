// Arithmetic kernels in C11. No allocation, no globals, no input or output.
// Inputs stand first, sizes next, outputs last; a *_gradient kernel ADDS to its output.
// Matrices are row-major. Row ranges let the caller split the work over threads.
#pragma once
#include <stdint.h>

#include "ck_blocks.h"  // quantised blocks
#include "ck_inference.h"  // stored matrices, cached keys and values
#include "ck_peak.h"    // what the processor can do at most

// ── elementwise.c ──
void ck_add(const float *a, const float *b, long n, float *y);
void ck_multiply(const float *a, const float *b, long n, float *y);
void ck_multiply_gradient(const float *dy, const float *b, long n, float *da);  // da += dy·b
void ck_scale(const float *x, float factor, long n, float *y);
void ck_axpy(const float *x, float factor, long n, float *y);  // y += factor·x
double ck_sum(const float *x, long n);
double ck_sum_of_squares(const float *x, long n);

// ── product.c ──
/// Instruction sets with kernels of their own, each containing those before it.
typedef enum { CK_PLAIN, CK_AVX2, CK_AVX512, CK_AVX512_BF16, CK_AMX } ck_simd;
ck_simd ck_simd_best(void);
/// c [m, n] = alpha·a·b, or += when `accumulate`. Row p of b begins at b + p·ldb and must be readable up to the
/// next multiple of 16 columns; a is [m, k] with rows lda apart, or [k, m] with `by_columns`. With `panel`, b stands
/// in panels of ck_panel_width columns that begin `panel` floats apart.
typedef struct {
  ck_simd simd;
  long m, n, k, lda, ldb, ldc, panel;
  int by_columns, accumulate, configured;
  float alpha;
} ck_product;
void ck_product_f32(ck_product p, const float *a, const float *b, float *c);
long ck_panel_width(ck_simd simd);
/// `count` columns of b ([k, n], or [n, k] when transposed) → panel [k, width], zeros after them.
void ck_pack_panel(const float *b, long ldb, int transposed, long k, long count, long width, float *panel);
/// y [columns, rows] = xᵀ, or += with `add`.
void ck_transpose(const float *x, long rows, long columns, long ldx, int add, float *y, long ldy);

// ── product_bf16.c ──
/// Whether the processor multiplies bfloat16 matrices and the system lets this process use the registers for it.
int ck_amx_permitted(void);
/// As ck_product_f32, alpha = 1, for bfloat16 operands: a [m, k] in rows; b in rows of pairs, k / 2 of n words, the
/// value of even k in the lower half. k is a multiple of 32; b must be readable to the next 16 columns, a (for
/// CK_AMX) to the next 16 rows. lda counts values, ldb and panel count words.
void ck_product_bf16(ck_product p, const uint16_t *a, const uint32_t *b, float *c);
/// Around many small products: sets the matrix registers up once, for products that are `configured`.
void ck_products_begin(ck_simd simd);
void ck_products_end(ck_simd simd);
/// Columns of a panel of pairs, a multiple of 16.
long ck_pair_panel_width(ck_simd simd);
// ── bf16_forms.c ──
/// factor·x [rows, columns] → y [rows, columns], zeros up to `padded` columns.
void ck_rows_bf16(ck_simd simd, const float *x, long ldx, float factor, long rows, long columns, long padded, uint16_t *y, long ldy);
/// → y [columns, rows], zeros up to `padded_rows`, a multiple of 32.
void ck_rows_transposed_bf16(ck_simd simd, const float *x, long ldx, float factor, long rows, long columns, long padded_rows,
                             uint16_t *y, long ldy);
/// → pairs of rows, y [padded_rows / 2, padded_columns] words, zeros outside x.
void ck_pairs_bf16(ck_simd simd, const float *x, long ldx, float factor, long rows, long columns, long padded_rows,
                   long padded_columns, uint32_t *y, long ldy);
/// → pairs of columns of x, y [padded_columns / 2, padded_rows] words (multiples of 32 and 16), zeros outside x.
void ck_pairs_transposed_bf16(ck_simd simd, const float *x, long ldx, float factor, long rows, long columns, long padded_columns,
                              long padded_rows, uint32_t *y, long ldy);

// ── rows.c: embedding ──
void ck_gather(const float *table, const int32_t *rows, long count, long width, float *y);
void ck_scatter_add(const float *dy, const int32_t *rows, long count, long width, long first, long last, float *dtable);

// ── rmsnorm.c ──
void ck_rms_norm(const float *x, const float *w, float epsilon, long rows, long width, float *y, float *inverse_rms);
void ck_rms_norm_input_gradient(const float *dy, const float *x, const float *w, const float *inverse_rms, long rows,
                                long width, float *dx);
void ck_rms_norm_weight_gradient(const float *dy, const float *x, const float *inverse_rms, long rows, long width,
                                 long first, long last, float *dw);

// ── rotate.c ── pairs (i, i + head_size/2) of every head; direction −1 is the inverse rotation; y is set
void ck_rotate(const float *x, const float *cosine, const float *sine, float direction, long rows, long heads,
               long head_size, float *y);

// ── swiglu.c ── y = silu(gate)·up; the gradients are set
void ck_swiglu(const float *gate, const float *up, long n, float *y);
void ck_swiglu_gradient(const float *dy, const float *gate, const float *up, long n, float *dgate, float *dup);

// ── softmax.c ──
void ck_softmax(const float *x, long rows, long width, float *y);
void ck_softmax_gradient(const float *dy, const float *y, long rows, long width, float *dx);
/// Per row: loss = logsumexp(logits) − logits[label]; logits become softmax − one-hot when `form_gradient`.
void ck_cross_entropy(const int32_t *labels, long rows, long width, int form_gradient, float *logits, double *loss);

// ── attention.c ──
/// Query t of `query_count` sees the keys first_key[t] … query_offset + t; first_key never decreases.
typedef struct {
  ck_simd simd;
  long query_count, key_count, query_offset, heads, kv_heads, head_size;
  float scale;
  const int32_t *first_key;
} ck_attention_shape;
enum { CK_KEY_BLOCK = 256, CK_QUERY_ROWS = 192, CK_BACKWARD_BLOCKS = 4 };
/// Queries in a block: the columns of one tile are the block's queries times the heads that share a key head.
long ck_attention_query_block(ck_attention_shape shape);
/// Floats of scratch one forward or one backward task needs.
long ck_attention_scratch(ck_attention_shape shape);
/// One query block of one key head: output [query, heads·head_size], lse [heads, query].
void ck_attention_forward(ck_attention_shape shape, const float *q, const float *k, const float *v, long kv_head,
                          long block, float *scratch, float *output, float *lse);
/// Floats of one packed query block: queries and output gradients both ways round, their products, lse.
long ck_attention_packed(ck_attention_shape shape);
/// Σ dO∘O of every head of the queries [first, last): products [heads, queries].
void ck_attention_row_products(const float *output, const float *d_output, long queries, long heads, long head_size,
                               long first, long last, float *products);
void ck_attention_pack(ck_attention_shape shape, const float *q, const float *products, const float *lse,
                       const float *d_output, long kv_head, long block, float *packed);
/// The key blocks that the query blocks [block, stop) see: [*first, *last).
void ck_attention_key_blocks(ck_attention_shape shape, long block, long stop, long *first, long *last);
/// dk, dv of key blocks [first, last) gain the shares of the query blocks [block, stop), which lie packed one after the
/// other; their dq_partial (ck_attention_partial floats each) are set. A key block meets all of them, at most
/// CK_BACKWARD_BLOCKS, before the next: its gradients stay in the cache meanwhile.
long ck_attention_partial(ck_attention_shape shape);
void ck_attention_backward(ck_attention_shape shape, const float *k, const float *v, float *packed, long kv_head,
                           long block, long stop, long first, long last, float *scratch, float *dk, float *dv,
                           float *dq_partial);
/// dq of the block gains factor × the sum of `parts` partials, `part_stride` floats apart, in order; they are used up.
void ck_attention_unpack_add(ck_attention_shape shape, float *dq_partials, long parts, long part_stride, float factor,
                             long kv_head, long block, float *dq);

// ── attention_bf16.c ── the same with bfloat16 operands and sums in single precision
/// Values of the prepared keys (or values) of one key head, in rows and transposed.
long ck_attention_key_rows_bf16(ck_attention_shape shape);
long ck_attention_key_columns_bf16(ck_attention_shape shape);
/// One key block of one key head of k or v into the arrays for all key heads; either may be null.
void ck_attention_prepare_bf16(ck_attention_shape shape, const float *x, long kv_head, long block, uint16_t *rows,
                               uint16_t *columns);
long ck_attention_scratch_bf16(ck_attention_shape shape);
void ck_attention_forward_bf16(ck_attention_shape shape, const float *q, const uint16_t *key_rows,
                               const uint16_t *value_columns, long kv_head, long block, float *scratch, float *output,
                               float *lse);
long ck_attention_packed_bf16(ck_attention_shape shape);
void ck_attention_pack_bf16(ck_attention_shape shape, const float *q, const float *products, const float *lse,
                            const float *d_output, long kv_head, long block, float *packed);
void ck_attention_backward_bf16(ck_attention_shape shape, const uint16_t *key_rows, const uint16_t *key_columns,
                                const uint16_t *value_rows, float *packed, long kv_head, long block, long stop,
                                long first, long last, float *scratch, float *dk, float *dv, float *dq_partial);

// ── adamw.c ── decoupled weight decay (Loshchilov & Hutter 2019); corrections are 1 − β^t
typedef struct {
  float learning_rate, beta1, beta2, epsilon, weight_decay, correction1, correction2, gradient_scale;
} ck_adamw;
void ck_adamw_update(ck_adamw c, const float *gradient, long n, float *weight, float *m, float *v);

// ── adamw8.c ── the same with moments in eight bits: codes of a table of 256 ascending values, one scale a block
enum { CK_MOMENT_BLOCK = 256 };
void ck_adamw8_update(ck_adamw c, const float *signed_table, const float *unsigned_table, const float *gradient, long n,
                      float *weight, uint8_t *m_code, float *m_scale, uint8_t *v_code, float *v_scale);
/// Codes below `least` are for zeros alone.
void ck_moments_encode(const float *table, int least, const float *x, long n, uint8_t *code, float *scale);
void ck_moments_decode(const float *table, const uint8_t *code, const float *scale, long n, float *x);
