// SwiGLU (Shazeer 2020): y = silu(g)·u, silu(g) = g·σ(g);  dσ = σ(1 − σ).
#include "ck.h"
#include "ck_vector.h"

CK_INLINE float sigmoid(float x) { return x >= 0 ? 1.0f / (1.0f + ck_exp1(-x)) : ck_exp1(x) / (1.0f + ck_exp1(x)); }

// e^−|x| never overflows: σ(x) = 1/(1+e) for x ≥ 0 and e/(1+e) below.
CK_INLINE ck_f16v_aligned sigmoid16(ck_f16v_aligned x) {
  ck_i16v negative = x < 0.0f;
  ck_f16v_aligned e = ck_exp16((ck_f16v_aligned)((ck_i16v)x | (int32_t)0x80000000)), positive = 1.0f / (1.0f + e);
  return (ck_f16v_aligned)(((ck_i16v)(e * positive) & negative) | ((ck_i16v)positive & ~negative));
}

// What is left of a vector is computed as one: a value has the same bits wherever it stands.
CK_CLONES void ck_swiglu(const float *gate, const float *up, long n, float *y) {
  long i = 0;
  for (; i + 16 <= n; i += 16) {
    ck_f16v_aligned g = CK_LOAD(gate + i), s = sigmoid16(g);
    CK_STORE(y + i, g * s * CK_LOAD(up + i));
  }
  if (i < n) {
    ck_f16v_aligned g = {0}, u = {0};
    memcpy(&g, gate + i, (size_t)(n - i) * sizeof(float));
    memcpy(&u, up + i, (size_t)(n - i) * sizeof(float));
    g = g * sigmoid16(g) * u;
    memcpy(y + i, &g, (size_t)(n - i) * sizeof(float));
  }
}

CK_CLONES void ck_swiglu_gradient(const float *dy, const float *gate, const float *up, long n, float *dgate,
                                  float *dup) {
  long i = 0;
  for (; i + 16 <= n; i += 16) {
    ck_f16v_aligned g = CK_LOAD(gate + i), d = CK_LOAD(dy + i), s = sigmoid16(g);
    CK_STORE(dgate + i, d * CK_LOAD(up + i) * s * (1.0f + g * (1.0f - s)));
    CK_STORE(dup + i, d * g * s);
  }
  for (; i < n; i++) {
    float g = gate[i], s = sigmoid(g);
    dgate[i] = dy[i] * up[i] * s * (1.0f + g * (1.0f - s));
    dup[i] = dy[i] * g * s;
  }
}
