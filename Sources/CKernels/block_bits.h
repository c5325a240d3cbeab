// Words, halves and the bits of floats, as block formats store them.
#pragma once
#include <stdint.h>
#include <string.h>

static inline float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

static inline uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}

static inline uint32_t load16(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }

static inline uint32_t load32(const uint8_t *p) { return load16(p) | load16(p + 2) << 16; }

static inline void store16(uint8_t *p, uint32_t value) {
  p[0] = (uint8_t)value;
  p[1] = (uint8_t)(value >> 8);
}

// Half to float, exactly. The 15 magnitude bits moved into float position are 2^-112 times too small,
// for subnormals too; infinities and NaNs (exponent 31) get float's full exponent instead.
static inline float float_of_half(uint32_t half) {
  uint32_t sign = (half & 0x8000) << 16, magnitude = (half & 0x7fff) << 13;
  uint32_t finite = bits_of(float_of(magnitude) * 0x1p112f);
  uint32_t special = magnitude | 0x7f800000;
  return float_of(sign | ((half & 0x7fff) >= 0x7c00 ? special : finite));
}

// Float to half, to nearest, ties to even; from 65520 on infinity. NaNs stay NaNs and become quiet.
static inline uint32_t half_of_float(float x) {
  uint32_t bits = bits_of(x), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7fffffff;
  // Above 2^-14: rebias the exponent (127 to 15) and round off 13 bits.
  uint32_t normal = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
  // Below: adding 0.5 rounds to a multiple of 2^-24, the spacing of half's subnormals.
  uint32_t subnormal = bits_of(float_of(magnitude) + 0.5f) - 0x3f000000;
  uint32_t result = magnitude < 0x38800000 ? subnormal : normal;
  result = magnitude >= 0x477ff000 ? 0x7c00 : result;
  result = magnitude > 0x7f800000 ? (0x7e00 | (magnitude >> 13 & 0x1ff)) : result;
  return sign | result;
}

// The 6-bit (scale, minimum) of sub-block j of Q4_K and Q5_K, from their 12 packed bytes: sub-blocks 0–3
// have bytes 0–3 (scale) and 4–7 (minimum) to themselves; 4–7 have the nibbles of bytes 8–11 and, as
// upper two bits, the two top bits of the former.
static inline void scale_and_minimum(const uint8_t *packed, int j, float *scale, float *minimum) {
  if (j < 4) {
    *scale = (float)(packed[j] & 63);
    *minimum = (float)(packed[j + 4] & 63);
  } else {
    *scale = (float)((packed[j + 4] & 15) | packed[j - 4] >> 6 << 4);
    *minimum = (float)(packed[j + 4] >> 4 | packed[j] >> 6 << 4);
  }
}
