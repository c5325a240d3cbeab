// Block formats of GGUF tensors and float32, both ways.
//
// `blocks` holds `count` blocks one after another, without any alignment; `y` or `x` holds
// count × (elements of a block) floats. Layouts and rounding are those of ggml's reference code;
// blocks.c states each one above its function. Little-endian hosts only (checked when compiling).
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// One element a block: 4 bytes (a copy), 2 and 2 bytes.
void ck_decode_f32(const uint8_t *blocks, long count, float *y);
void ck_decode_f16(const uint8_t *blocks, long count, float *y);
void ck_decode_bf16(const uint8_t *blocks, long count, float *y);

// 32 elements a block: 34, 18, 20, 22 and 24 bytes.
void ck_decode_q8_0(const uint8_t *blocks, long count, float *y);
void ck_decode_q4_0(const uint8_t *blocks, long count, float *y);
void ck_decode_q4_1(const uint8_t *blocks, long count, float *y);
void ck_decode_q5_0(const uint8_t *blocks, long count, float *y);
void ck_decode_q5_1(const uint8_t *blocks, long count, float *y);

// 256 elements a block: 144, 176 and 210 bytes.
void ck_decode_q4_k(const uint8_t *blocks, long count, float *y);
void ck_decode_q5_k(const uint8_t *blocks, long count, float *y);
void ck_decode_q6_k(const uint8_t *blocks, long count, float *y);

// The reverse. Halves and bfloats round to nearest, ties to even.
void ck_encode_f32(const float *x, long count, uint8_t *blocks);
void ck_encode_f16(const float *x, long count, uint8_t *blocks);
void ck_encode_bf16(const float *x, long count, uint8_t *blocks);
void ck_encode_q8_0(const float *x, long count, uint8_t *blocks);
void ck_encode_q4_0(const float *x, long count, uint8_t *blocks);
void ck_encode_q4_1(const float *x, long count, uint8_t *blocks);
void ck_encode_q5_0(const float *x, long count, uint8_t *blocks);
void ck_encode_q5_1(const float *x, long count, uint8_t *blocks);

// By a search for the scales; x is [rows, columns], columns a multiple of the block, importance [columns] or, for the
// K formats, NULL. Values must be finite, importances finite and not negative.
void ck_quantize_q4_0(const float *x, const float *importance, long rows, long columns, uint8_t *blocks);
void ck_quantize_q4_1(const float *x, const float *importance, long rows, long columns, uint8_t *blocks);
void ck_quantize_q5_0(const float *x, const float *importance, long rows, long columns, uint8_t *blocks);
void ck_quantize_q5_1(const float *x, const float *importance, long rows, long columns, uint8_t *blocks);
void ck_quantize_q4_k(const float *x, const float *importance, long rows, long columns, uint8_t *blocks);
void ck_quantize_q5_k(const float *x, const float *importance, long rows, long columns, uint8_t *blocks);
void ck_quantize_q6_k(const float *x, const float *importance, long rows, long columns, uint8_t *blocks);

#ifdef __cplusplus
}
#endif
