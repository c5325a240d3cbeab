// AdamW whose moments stand in eight bits: one sweep over each block of values brings both moments back, updates them as
// adamw.c does, and rounds them again (Dettmers et al. 2022, arXiv 2110.02861).
#include <float.h>

#include "ck.h"
#include "ck_vector.h"

/// The nearest of 256 ascending values, for each of n. Whatever stands between two takes the upper one from the middle on.
CK_INLINE void nearest(const float *table, const float *x, long n, int32_t *index) {
  float middle[255];
  for (int i = 0; i < 255; i++) middle[i] = 0.5f * (table[i] + table[i + 1]);
  for (long j = 0; j < n; j++) index[j] = 0;
  for (int step = 128; step > 0; step /= 2)
    for (long j = 0; j < n; j++) index[j] += x[j] >= middle[index[j] + step - 1] ? step : 0;
}

/// x = scale · table[code], rounded to codes with the largest magnitude as scale. `least` is the lowest code of a value
/// above zero: a second moment that is not zero must not become zero, or its weight would leap.
CK_INLINE void encode(const float *table, float *x, long n, int least, uint8_t *code, float *scale) {
  int32_t index[CK_MOMENT_BLOCK], zero[CK_MOMENT_BLOCK];
  float most = 0;
  for (long j = 0; j < n; j++) most = fmaxf(most, fabsf(x[j]));
  *scale = most;
  float divisor = most > 0 ? most : 1;
  for (long j = 0; j < n; j++) {
    zero[j] = x[j] == 0;
    x[j] /= divisor;
  }
  nearest(table, x, n, index);
  for (long j = 0; j < n; j++) code[j] = (uint8_t)(!zero[j] && index[j] < least ? least : index[j]);
}

CK_CLONES void ck_adamw8_update(ck_adamw c, const float *signed_table, const float *unsigned_table,
                                const float *gradient, long n, float *weight, uint8_t *m_code, float *m_scale,
                                uint8_t *v_code, float *v_scale) {
  float step = c.learning_rate / c.correction1, root = 1.0f / sqrtf(c.correction2);
  float keep = 1.0f - c.learning_rate * c.weight_decay;
  float m[CK_MOMENT_BLOCK], v[CK_MOMENT_BLOCK];
  for (long begin = 0, block = 0; begin < n; begin += CK_MOMENT_BLOCK, block++) {
    long count = n - begin < CK_MOMENT_BLOCK ? n - begin : CK_MOMENT_BLOCK;
    for (long j = 0; j < count; j++) {
      float g = gradient[begin + j] * c.gradient_scale;
      float old_m = m_scale[block] * signed_table[m_code[begin + j]];
      float old_v = v_scale[block] * unsigned_table[v_code[begin + j]];
      m[j] = c.beta1 * old_m + (1.0f - c.beta1) * g;
      v[j] = fminf(c.beta2 * old_v + (1.0f - c.beta2) * g * g, FLT_MAX);
      weight[begin + j] = keep * weight[begin + j] - step * m[j] / (sqrtf(v[j]) * root + c.epsilon);
    }
    encode(signed_table, m, count, 0, m_code + begin, m_scale + block);
    encode(unsigned_table, v, count, 1, v_code + begin, v_scale + block);
  }
}

CK_CLONES void ck_moments_encode(const float *table, int least, const float *x, long n, uint8_t *code, float *scale) {
  float copy[CK_MOMENT_BLOCK];
  for (long begin = 0, block = 0; begin < n; begin += CK_MOMENT_BLOCK, block++) {
    long count = n - begin < CK_MOMENT_BLOCK ? n - begin : CK_MOMENT_BLOCK;
    memcpy(copy, x + begin, count * sizeof *copy);
    encode(table, copy, count, least, code + begin, scale + block);
  }
}

CK_CLONES void ck_moments_decode(const float *table, const uint8_t *code, const float *scale, long n, float *x) {
  for (long i = 0; i < n; i++) x[i] = scale[i / CK_MOMENT_BLOCK] * table[code[i]];
}
