// Block formats of GGUF tensors and float32, both ways.
//
// Every decoder forms the product of scales first and multiplies the small integer last, in the order
// of ggml's reference, so results are equal bit for bit; contraction is off for the same reason.
// Integer parts below are written q, stored halves d (scale) and m (minimum), results x.
#include "block_values.h"
#include "ck_blocks.h"

#pragma STDC FP_CONTRACT OFF

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "GGUF blocks are read as little-endian words");

// Plain loops: CK_CLONES compiles them once for each processor generation.

void ck_decode_f32(const uint8_t *restrict blocks, long count, float *restrict y) { memcpy(y, blocks, 4 * (size_t)count); }

void ck_encode_f32(const float *x, long count, uint8_t *blocks) { memcpy(blocks, x, 4 * (size_t)count); }

CK_CLONES void ck_decode_f16(const uint8_t *restrict blocks, long count, float *restrict y) {
  for (long i = 0; i < count; i++) y[i] = float_of_half(load16(blocks + 2 * i));
}

CK_CLONES void ck_encode_f16(const float *x, long count, uint8_t *blocks) {
  for (long i = 0; i < count; i++) store16(blocks + 2 * i, half_of_float(x[i]));
}

// A bfloat is the upper half of a float.
CK_CLONES void ck_decode_bf16(const uint8_t *restrict blocks, long count, float *restrict y) {
  for (long i = 0; i < count; i++) y[i] = float_of(load16(blocks + 2 * i) << 16);
}

CK_CLONES void ck_encode_bf16(const float *x, long count, uint8_t *blocks) {
  for (long i = 0; i < count; i++) {
    uint32_t bits = bits_of(x[i]);
    uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    uint32_t quiet = bits >> 16 | 0x40;
    store16(blocks + 2 * i, (bits & 0x7fffffff) > 0x7f800000 ? quiet : rounded);
  }
}

#define CK_DECODE_BLOCKS(type, bytes)                                                                    \
  CK_CLONES void ck_decode_##type(const uint8_t *restrict blocks, long count, float *restrict y) {       \
    for (long b = 0; b < count; b++, blocks += bytes, y += 32) {                                         \
      ck_block_values x = ck_values_##type(blocks);                                                      \
      CK_STORE(y, x.low);                                                                                \
      CK_STORE(y + 16, x.high);                                                                          \
    }                                                                                                    \
  }
CK_DECODE_BLOCKS(q8_0, CK_BYTES_Q8_0)
CK_DECODE_BLOCKS(q4_0, CK_BYTES_Q4_0)
CK_DECODE_BLOCKS(q4_1, CK_BYTES_Q4_1)

// Q8_0: d = max|x| / 127; q = x·(1/d) rounded half away from zero, with the unrounded d; d is stored as half.
// Where 1/d would overflow, the stored d is 0 and q is 0 too.
CK_CLONES void ck_encode_q8_0(const float *x, long count, uint8_t *blocks) {
  for (long b = 0; b < count; b++, x += 32, blocks += 34) {
    uint32_t largest = 0;  // magnitudes compare like their bits
    for (int j = 0; j < 32; j++) {
      uint32_t magnitude = bits_of(x[j]) & 0x7fffffff;
      largest = magnitude > largest ? magnitude : largest;
    }
    float d = float_of(largest) / 127.0f;
    float inverse = d >= 0x1p-126f ? 1.0f / d : 0.0f;
    store16(blocks, half_of_float(d));
    for (int j = 0; j < 32; j++) {
      float scaled = x[j] * inverse;
      float magnitude = scaled < 0 ? -scaled : scaled;
      magnitude = magnitude < 127.0f ? magnitude : 127.0f;
      int whole = (int)magnitude;
      whole += magnitude - (float)whole >= 0.5f;
      blocks[2 + j] = (uint8_t)(scaled < 0 ? -whole : whole);
    }
  }
}

// Q5_0: half d; 32 fifth bits (bit j for element j); 16 nibble bytes. x = d·(q − 16).
CK_CLONES void ck_decode_q5_0(const uint8_t *restrict blocks, long count, float *restrict y) {
  for (long b = 0; b < count; b++, blocks += 22, y += 32) {
    float d = float_of_half(load16(blocks));
    uint32_t fifth = load32(blocks + 2);
    for (int j = 0; j < 16; j++) {
      int low = (blocks[6 + j] & 15) | (int)(fifth >> j & 1) << 4;
      int high = blocks[6 + j] >> 4 | (int)(fifth >> (16 + j) & 1) << 4;
      y[j] = d * (float)(low - 16);
      y[16 + j] = d * (float)(high - 16);
    }
  }
}

// Q5_1: half d, half m; 32 fifth bits; 16 nibble bytes. x = d·q + m.
CK_CLONES void ck_decode_q5_1(const uint8_t *restrict blocks, long count, float *restrict y) {
  for (long b = 0; b < count; b++, blocks += 24, y += 32) {
    float d = float_of_half(load16(blocks)), m = float_of_half(load16(blocks + 2));
    uint32_t fifth = load32(blocks + 4);
    for (int j = 0; j < 16; j++) {
      int low = (blocks[8 + j] & 15) | (int)(fifth >> j & 1) << 4;
      int high = blocks[8 + j] >> 4 | (int)(fifth >> (16 + j) & 1) << 4;
      y[j] = d * (float)low + m;
      y[16 + j] = d * (float)high + m;
    }
  }
}

// Q4_K: half d, half m; 12 bytes of scales; 128 nibble bytes, 32 for each 64 elements (first 32 low,
// next 32 high). Eight sub-blocks of 32: x = (d·scale)·q − m·minimum.
CK_CLONES void ck_decode_q4_k(const uint8_t *restrict blocks, long count, float *restrict y) {
  for (long b = 0; b < count; b++, blocks += 144, y += 256) {
    float d = float_of_half(load16(blocks)), m = float_of_half(load16(blocks + 2));
    for (int j = 0; j < 8; j++) {
      const uint8_t *nibbles = blocks + 16 + 32 * (j / 2);
      float scale, minimum;
      scale_and_minimum(blocks + 4, j, &scale, &minimum);
      scale *= d, minimum *= m;
      int shift = 4 * (j & 1);
      for (int l = 0; l < 32; l++) y[32 * j + l] = scale * (float)(nibbles[l] >> shift & 15) - minimum;
    }
  }
}

// Q5_K: as Q4_K, with 32 bytes between scales and nibbles: bit j of byte l is the fifth bit of element l
// of sub-block j.
CK_CLONES void ck_decode_q5_k(const uint8_t *restrict blocks, long count, float *restrict y) {
  for (long b = 0; b < count; b++, blocks += 176, y += 256) {
    float d = float_of_half(load16(blocks)), m = float_of_half(load16(blocks + 2));
    const uint8_t *fifth = blocks + 16;
    for (int j = 0; j < 8; j++) {
      const uint8_t *nibbles = blocks + 48 + 32 * (j / 2);
      float scale, minimum;
      scale_and_minimum(blocks + 4, j, &scale, &minimum);
      scale *= d, minimum *= m;
      int shift = 4 * (j & 1);
      for (int l = 0; l < 32; l++) {
        int q = (nibbles[l] >> shift & 15) | (fifth[l] >> j & 1) << 4;
        y[32 * j + l] = scale * (float)q - minimum;
      }
    }
  }
}

// Q6_K: 128 nibble bytes, 64 bytes of upper two bits, 16 signed scales, half d. In each half of 128, run k
// (0–3) of 32 elements takes the low (k = 0, 1) or high (2, 3) nibbles of bytes 32·(k mod 2) + l, and bits
// 2k, 2k+1 of upper byte l. Sixteen sub-blocks of 16: x = (d·scale)·(q − 32).
CK_CLONES void ck_decode_q6_k(const uint8_t *restrict blocks, long count, float *restrict y) {
  for (long b = 0; b < count; b++, blocks += 210, y += 256) {
    float d = float_of_half(load16(blocks + 208));
    const int8_t *scales = (const int8_t *)(blocks + 192);
    for (int run = 0; run < 8; run++) {
      int half = run / 4, k = run & 3;
      const uint8_t *nibbles = blocks + 64 * half + 32 * (k & 1), *upper = blocks + 128 + 32 * half;
      for (int part = 0; part < 2; part++) {
        float scale = d * (float)scales[2 * run + part];
        for (int l = 16 * part; l < 16 * part + 16; l++) {
          int q = (nibbles[l] >> (4 * (k >> 1)) & 15) | (upper[l] >> (2 * k) & 3) << 4;
          y[32 * run + l] = scale * (float)(q - 32);
        }
      }
    }
  }
}
