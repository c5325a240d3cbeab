// The common formats of 32 values a block, as vectors: compilers unroll loops over them into single steps. Each block is
// bytes of nibbles (byte j holds elements j, low, and j+16, high) or of signed bytes, after its scale d and minimum m.
#pragma once
#include "block_bits.h"
#include "ck_vector.h"

typedef uint8_t ck_nibbles16 __attribute__((vector_size(16), aligned(1), may_alias));
typedef int8_t ck_bytes16 __attribute__((vector_size(16), aligned(1), may_alias));

/// Elements 0–15 and 16–31.
typedef struct {
  ck_f16v_aligned low, high;
} ck_block_values;

enum { CK_BYTES_Q8_0 = 34, CK_BYTES_Q4_0 = 18, CK_BYTES_Q4_1 = 20 };

/// Q8_0: half d; 32 signed bytes q. x = d·q.
CK_INLINE ck_block_values ck_values_q8_0(const uint8_t *block) {
#pragma STDC FP_CONTRACT OFF
  float d = float_of_half(load16(block));
  const ck_bytes16 *q = (const ck_bytes16 *)(block + 2);
  return (ck_block_values){__builtin_convertvector(q[0], ck_f16v_aligned) * d,
                           __builtin_convertvector(q[1], ck_f16v_aligned) * d};
}

/// Q4_0: half d; 16 nibble bytes. x = d·(q − 8).
CK_INLINE ck_block_values ck_values_q4_0(const uint8_t *block) {
#pragma STDC FP_CONTRACT OFF
  float d = float_of_half(load16(block));
  ck_nibbles16 q = *(const ck_nibbles16 *)(block + 2);
  return (ck_block_values){(__builtin_convertvector(q & 15, ck_f16v_aligned) - 8.0f) * d,
                           (__builtin_convertvector(q >> 4, ck_f16v_aligned) - 8.0f) * d};
}

/// Q4_1: half d, half m; 16 nibble bytes. x = d·q + m.
CK_INLINE ck_block_values ck_values_q4_1(const uint8_t *block) {
#pragma STDC FP_CONTRACT OFF
  float d = float_of_half(load16(block)), m = float_of_half(load16(block + 2));
  ck_nibbles16 q = *(const ck_nibbles16 *)(block + 4);
  return (ck_block_values){__builtin_convertvector(q & 15, ck_f16v_aligned) * d + m,
                           __builtin_convertvector(q >> 4, ck_f16v_aligned) * d + m};
}
