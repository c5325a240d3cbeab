// One instruction set's matrix product from register tiles, for single precision; included once per set with
//   CK_SET(name)  the name of a function in this set        CK_TARGET  its function attributes
//   CK_W          floats in a vector                        CK_MR, CK_NV  rows and vectors of a full tile
// A tile of C stays in registers while k runs: every step loads NV vectors of B and spreads MR values of A.
// Each element is one chain of multiply-adds over k, so its bits depend on neither tile shape nor threads.

#define CK_NR (CK_NV * CK_W)
typedef float CK_SET(vector) __attribute__((vector_size(4 * CK_W), aligned(4), may_alias));

CK_TARGET CK_INLINE void CK_SET(tile)(const int mr, const int nv, const int by_columns, const ck_product *p,
                                      const float *restrict a, const float *restrict b, float *restrict c, long n) {
  CK_SET(vector) sum[CK_MR][CK_NV];
#pragma clang loop unroll(full)
  for (int i = 0; i < mr; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < nv; j++) sum[i][j] = (CK_SET(vector)){0};
  // Three rows share a pointer (base, + stride, + 2·stride), hidden from the optimiser, which would otherwise
  // keep one pointer per row and run out of registers.
  const long lda = p->lda, ldb = p->ldb;
  const float *row[(CK_MR + 2) / 3];
  for (int g = 0; g < (mr + 2) / 3; g++) row[g] = a + 3 * g * lda;
#pragma clang loop unroll_count(2)
  for (long k = p->k; k > 0; k--) {
    CK_SET(vector) line[CK_NV];
#pragma clang loop unroll(full)
    for (int j = 0; j < nv; j++) line[j] = *(const CK_SET(vector) *)(b + j * CK_W);
    b += ldb;
    if (!by_columns)
#pragma clang loop unroll(full)
      for (int g = 0; g < (mr + 2) / 3; g++) __asm__("" : "+r"(row[g]));
#pragma clang loop unroll(full)
    for (int i = 0; i < mr; i++) {
      CK_SET(vector) x = (by_columns ? a[i] : row[i / 3][(i % 3) * lda]) - (CK_SET(vector)){0};
#pragma clang loop unroll(full)
      for (int j = 0; j < nv; j++) sum[i][j] += x * line[j];
    }
    if (by_columns) a += lda;
    else
#pragma clang loop unroll(full)
      for (int g = 0; g < (mr + 2) / 3; g++) row[g]++;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < mr; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < nv; j++) {
      float *out = c + i * p->ldc + j * CK_W;
      CK_SET(vector) x = p->alpha * sum[i][j];
      if (n >= (j + 1) * CK_W) {
        if (p->accumulate) x += *(CK_SET(vector) *)out;
        *(CK_SET(vector) *)out = x;
      } else {
        for (long l = 0; l < n - j * CK_W; l++) out[l] = p->accumulate ? out[l] + x[l] : x[l];
      }
    }
}

// The rows of one panel of columns; nv and by_columns are constants where this is inlined.
CK_TARGET CK_INLINE void CK_SET(panel)(const int nv, const int by_columns, const ck_product *p, const float *a,
                                       const float *b, float *c, long n) {
  long i = 0, step = by_columns ? 1 : p->lda;
  for (; i + CK_MR <= p->m; i += CK_MR) CK_SET(tile)(CK_MR, nv, by_columns, p, a + i * step, b, c + i * p->ldc, n);
  for (; i + 2 <= p->m; i += 2) CK_SET(tile)(2, nv, by_columns, p, a + i * step, b, c + i * p->ldc, n);
  if (i < p->m) CK_SET(tile)(1, nv, by_columns, p, a + i * step, b, c + i * p->ldc, n);
}

CK_TARGET static void CK_SET(product)(const ck_product *p, const float *a, const float *b, float *c) {
  long next = p->panel ? p->panel : CK_NR;
  for (long j = 0; j < p->n; j += CK_NR, b += next) {
    long n = p->n - j;
    int vectors = n >= CK_NR ? CK_NV : (int)((n + CK_W - 1) / CK_W);
#define CK_PANEL(nv)                                                       \
  case nv:                                                                 \
    if (p->by_columns) CK_SET(panel)(nv, 1, p, a, b, c + j, n);            \
    else CK_SET(panel)(nv, 0, p, a, b, c + j, n);                          \
    break;
    switch (vectors) {
      CK_PANEL(1)
      CK_PANEL(2)
#if CK_NV > 2
      CK_PANEL(3)
#endif
    }
#undef CK_PANEL
  }
}
#undef CK_NR
#undef CK_SET
#undef CK_TARGET
#undef CK_W
#undef CK_MR
#undef CK_NV
