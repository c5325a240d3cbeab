// What a processor can do at most: loops that touch registers only, and one that touches memory only.
#pragma once

/// Multiply-adds on registers, `rounds` times over independent chains; sets `operations` to how many floating-point
/// operations that was (a multiply-add counts as two). The result has no meaning; it keeps the loop alive.
/// `simd` is a ck_simd. Without instructions for bfloat16, the bfloat16 loop is the one of single precision.
float ck_peak_f32(int simd, long rounds, double *operations);
float ck_peak_bf16(int simd, long rounds, double *operations);

/// y = a + factor·b, the triad of the STREAM benchmark (McCalpin 1995): 12 bytes an element.
void ck_triad(const float *a, const float *b, float factor, long n, float *y);
