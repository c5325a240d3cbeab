// bfloat16: rounded to nearest, ties to even; NaN stays NaN. In integer arithmetic for every processor, and with the
// instructions of those that round by themselves (they take subnormal numbers for zero).
#pragma once
#include "ck.h"
#include "ck_vector.h"

typedef uint16_t ck_half16 __attribute__((vector_size(32), aligned(2), may_alias));
typedef uint32_t ck_words16 __attribute__((vector_size(64), aligned(4), may_alias));

CK_INLINE ck_half16 ck_to_bf16(ck_f16v_aligned x) {
  typedef uint32_t words __attribute__((vector_size(64)));
  typedef uint16_t halves __attribute__((vector_size(32)));
  words bits = (words)x, rounded = bits + 0x7fff + ((bits >> 16) & 1), nan = (words)(x != x);
  return __builtin_convertvector(((rounded & ~nan) | ((bits | 0x400000) & nan)) >> 16, halves);
}

CK_INLINE uint16_t ck_to_bf16_1(float x) { return ck_to_bf16(CK_SPLAT(x))[0]; }

/// Words of a lower and an upper half.
CK_INLINE ck_words16 ck_pair(ck_half16 low, ck_half16 high) {
  typedef uint32_t words __attribute__((vector_size(64)));
  return __builtin_convertvector(low, words) | __builtin_convertvector(high, words) << 16;
}

/// The halves of `low`, then those of `high`.
CK_INLINE ck_f16v_aligned ck_both(ck_half16 low, ck_half16 high) {
  typedef uint16_t halves __attribute__((vector_size(64)));
  halves both = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
                                        20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
  return (ck_f16v_aligned)both;
}

/// Those as words: a half of the first sixteen below, one of the second above.
CK_INLINE ck_words16 ck_words(ck_f16v_aligned both) {
  typedef uint16_t halves __attribute__((vector_size(64)));
  halves z = (halves)both;
  return (ck_words16)__builtin_shufflevector(z, z, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9,
                                             25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
