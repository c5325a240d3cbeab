// Arithmetic kernels in C11. No allocation, no globals, no input or output.
// Inputs stand first, sizes next, outputs last; a *_gradient kernel ADDS to its output.
// Matrices are row-major. Row ranges let the caller split the work over threads.
#pragma once
#include <stdint.h>

#include "ck_blocks.h"  // quantised blocks

// ── elementwise.c ──
void ck_add(const float *a, const float *b, long n, float *y);
void ck_multiply(const float *a, const float *b, long n, float *y);
void ck_multiply_gradient(const float *dy, const float *b, long n, float *da);  // da += dy·b
void ck_scale(const float *x, float factor, long n, float *y);
void ck_axpy(const float *x, float factor, long n, float *y);  // y += factor·x
double ck_sum(const float *x, long n);
double ck_sum_of_squares(const float *x, long n);

// ── rows.c: embedding and transposition ──
void ck_gather(const float *table, const int32_t *rows, long count, long width, float *y);
void ck_scatter_add(const float *dy, const int32_t *rows, long count, long width, long first, long last, float *dtable);
void ck_transpose_add(const float *x, long rows, long columns, float *y);  // y[j,i] += x[i,j]

// ── rmsnorm.c ──
void ck_rms_norm(const float *x, const float *w, float epsilon, long rows, long width, float *y, float *inverse_rms);
void ck_rms_norm_input_gradient(const float *dy, const float *x, const float *w, const float *inverse_rms, long rows,
                                long width, float *dx);
void ck_rms_norm_weight_gradient(const float *dy, const float *x, const float *inverse_rms, long rows, long width,
                                 long first, long last, float *dw);

// ── rotate.c ── pairs (i, i + head_size/2) of every head; direction −1 is the inverse rotation
void ck_rotate_add(const float *x, const float *cosine, const float *sine, float direction, long rows, long heads,
                   long head_size, float *y);

// ── swiglu.c ── y = silu(gate)·up
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
  long query_count, key_count, query_offset, heads, kv_heads, head_size;
  float scale;
  const int32_t *first_key;
} ck_attention_shape;
enum { CK_KEY_BLOCK = 512, CK_QUERY_ROWS = 256 };
/// Queries in a block: the rows of one tile are the block's queries times the heads that share a key head.
long ck_attention_query_block(ck_attention_shape shape);
/// Floats of scratch one forward or one backward task needs.
long ck_attention_scratch(ck_attention_shape shape);
/// One query block of one key head: output [query, heads·head_size], lse [heads, query].
void ck_attention_forward(ck_attention_shape shape, const float *q, const float *k, const float *v, long kv_head,
                          long block, float *scratch, float *output, float *lse);
/// Floats of one packed query block: scaled queries, output gradients, row sums of dO∘O, and lse.
long ck_attention_packed(ck_attention_shape shape);
void ck_attention_pack(ck_attention_shape shape, const float *q, const float *output, const float *lse,
                       const float *d_output, long kv_head, long block, float *packed);
/// The key blocks a query block sees: [*first, *last).
void ck_attention_key_blocks(ck_attention_shape shape, long block, long *first, long *last);
/// dk, dv of key blocks [first, last) gain this query block's share; dq_partial [rows, head_size] is set.
void ck_attention_backward(ck_attention_shape shape, const float *k, const float *v, const float *packed, long kv_head,
                           long block, long first, long last, float *scratch, float *dk, float *dv, float *dq_partial);
/// dq of the block gains the sum of `parts` partials, in order.
void ck_attention_unpack_add(ck_attention_shape shape, const float *dq_partials, long parts, long kv_head, long block,
                             float *dq);

// ── adamw.c ── decoupled weight decay (Loshchilov & Hutter 2019); corrections are 1 − β^t
typedef struct {
  float learning_rate, beta1, beta2, epsilon, weight_decay, correction1, correction2, gradient_scale;
} ck_adamw;
void ck_adamw_update(ck_adamw c, const float *gradient, long n, float *weight, float *m, float *v);
