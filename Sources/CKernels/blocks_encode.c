// Floats to the legacy block formats of 32 values, by the rules of ggml's reference and with its bytes: every step in
// single precision, nothing contracted. `q = trunc(x/d + offset)`, d not yet rounded to the half that is stored.
#include "block_bits.h"
#include "ck_blocks.h"
#include "ck_vector.h"

#pragma STDC FP_CONTRACT OFF

// 1/d, and 0 where that is not finite: then the stored half is 0 too, and q has no effect.
static inline float inverse_of(float d) {
  float inverse = d != 0.0f ? 1.0f / d : 0.0f;
  return (bits_of(inverse) & 0x7fffffff) < 0x7f800000 ? inverse : 0.0f;
}

// The value of largest magnitude, the first of several.
static inline float extreme_of(const float *x) {
  float extreme = x[0];
  for (int j = 1; j < 32; j++)
    if ((bits_of(x[j]) & 0x7fffffff) > (bits_of(extreme) & 0x7fffffff)) extreme = x[j];
  return extreme;
}

static inline void range_of(const float *x, float *least, float *most) {
  *least = *most = x[0];
  for (int j = 1; j < 32; j++) {
    *least = x[j] < *least ? x[j] : *least;
    *most = x[j] > *most ? x[j] : *most;
  }
}

// q = trunc(x·inverse + offset), at most `top`; the sum is never negative.
static inline void quantize(const float *x, float least, float inverse, float offset, int top, uint8_t *q) {
  for (int j = 0; j < 32; j++) {
    int whole = (int)((x[j] - least) * inverse + offset);
    q[j] = (uint8_t)(whole < top ? whole : top);
  }
}

static inline void store_nibbles(const uint8_t *q, uint8_t *bytes) {
  for (int j = 0; j < 16; j++) bytes[j] = (uint8_t)((q[j] & 15) | (q[j + 16] & 15) << 4);
}

static inline void store_fifth_bits(const uint8_t *q, uint8_t *bytes) {
  uint32_t fifth = 0;
  for (int j = 0; j < 32; j++) fifth |= (uint32_t)(q[j] >> 4) << j;
  store16(bytes, fifth);
  store16(bytes + 2, fifth >> 16);
}

// q of 32 values: the fifth bits, where there are five, then the low four.
CK_INLINE void store_numbers(const uint8_t *q, int bits, uint8_t *bytes) {
  if (bits == 5) store_fifth_bits(q, bytes), bytes += 4;
  store_nibbles(q, bytes);
}

// d = extreme/−2^(bits−1), so that the extreme value is exactly −2^(bits−1)·d.
CK_INLINE void encode_by_extreme(const float *x, long count, int bits, long bytes, uint8_t *blocks) {
  float centre = (float)(1 << (bits - 1));
  for (long b = 0; b < count; b++, x += 32, blocks += bytes) {
    uint8_t q[32];
    float d = extreme_of(x) / -centre;
    quantize(x, 0.0f, inverse_of(d), centre + 0.5f, (1 << bits) - 1, q);
    store16(blocks, half_of_float(d));
    store_numbers(q, bits, blocks + 2);
  }
}

// 2^bits − 1 steps from the least to the greatest value.
CK_INLINE void encode_by_range(const float *x, long count, int bits, long bytes, uint8_t *blocks) {
  int steps = (1 << bits) - 1;
  for (long b = 0; b < count; b++, x += 32, blocks += bytes) {
    uint8_t q[32];
    float least, most;
    range_of(x, &least, &most);
    float d = (most - least) / (float)steps;
    quantize(x, least, inverse_of(d), 0.5f, steps, q);
    store16(blocks, half_of_float(d));
    store16(blocks + 2, half_of_float(least));
    store_numbers(q, bits, blocks + 4);
  }
}

CK_CLONES void ck_encode_q4_0(const float *x, long count, uint8_t *blocks) {
  encode_by_extreme(x, count, 4, 18, blocks);
}
CK_CLONES void ck_encode_q4_1(const float *x, long count, uint8_t *blocks) {
  encode_by_range(x, count, 4, 20, blocks);
}
CK_CLONES void ck_encode_q5_0(const float *x, long count, uint8_t *blocks) {
  encode_by_extreme(x, count, 5, 22, blocks);
}
CK_CLONES void ck_encode_q5_1(const float *x, long count, uint8_t *blocks) {
  encode_by_range(x, count, 5, 24, blocks);
}
