// Products of bfloat16 pairs from register tiles, sums in single precision; included once per instruction set with
// CK_SET, CK_TARGET, CK_W, CK_MR and CK_NV as for product_tile.h, and
//   CK_DOT(sum, x, y)  sum + x.low·y.low + x.high·y.high in every lane
// A step takes two neighbours of k: a word of A, spread, against vectors of words of B.

#define CK_NR (CK_NV * CK_W)
typedef float CK_SET(vector) __attribute__((vector_size(4 * CK_W), aligned(4), may_alias));
typedef uint32_t CK_SET(words) __attribute__((vector_size(4 * CK_W), aligned(4), may_alias));

CK_TARGET CK_INLINE void CK_SET(tile)(const int mr, const int nv, const ck_product *p, const uint32_t *restrict a,
                                      const uint32_t *restrict b, float *restrict c, long n) {
  CK_SET(vector) sum[CK_MR][CK_NV];
#pragma clang loop unroll(full)
  for (int i = 0; i < mr; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < nv; j++) sum[i][j] = (CK_SET(vector)){0};
  const long lda = p->lda / 2, ldb = p->ldb;
  const uint32_t *row[(CK_MR + 2) / 3];
  for (int g = 0; g < (mr + 2) / 3; g++) row[g] = a + 3 * g * lda;
  for (long k = p->k; k > 0; k -= 2) {
    CK_SET(words) line[CK_NV];
#pragma clang loop unroll(full)
    for (int j = 0; j < nv; j++) line[j] = *(const CK_SET(words) *)(b + j * CK_W);
    b += ldb;
#pragma clang loop unroll(full)
    for (int g = 0; g < (mr + 2) / 3; g++) __asm__("" : "+r"(row[g]));
#pragma clang loop unroll(full)
    for (int i = 0; i < mr; i++) {
      CK_SET(words) x = row[i / 3][(i % 3) * lda] - (CK_SET(words)){0};
#pragma clang loop unroll(full)
      for (int j = 0; j < nv; j++) sum[i][j] = CK_DOT(sum[i][j], x, line[j]);
    }
#pragma clang loop unroll(full)
    for (int g = 0; g < (mr + 2) / 3; g++) row[g]++;
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < mr; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < nv; j++) {
      float *out = c + i * p->ldc + j * CK_W;
      if (n >= (j + 1) * CK_W) {
        CK_SET(vector) x = sum[i][j];
        if (p->accumulate) x += *(CK_SET(vector) *)out;
        *(CK_SET(vector) *)out = x;
      } else {
        for (long l = 0; l < n - j * CK_W; l++) out[l] = p->accumulate ? out[l] + sum[i][j][l] : sum[i][j][l];
      }
    }
}

CK_TARGET static void CK_SET(product)(const ck_product *p, const uint16_t *left, const uint32_t *b, float *c) {
  const uint32_t *a = (const uint32_t *)(const void *)left;
  long next = p->panel ? p->panel : CK_NR, lda = p->lda / 2;
  for (long j = 0; j < p->n; j += CK_NR, b += next) {
    long n = p->n - j, i = 0;
    int vectors = n >= CK_NR ? CK_NV : (int)((n + CK_W - 1) / CK_W);
#define CK_PANEL(nv)                                                                                             \
  case nv:                                                                                                       \
    for (; i + CK_MR <= p->m; i += CK_MR) CK_SET(tile)(CK_MR, nv, p, a + i * lda, b, c + i * p->ldc + j, n);     \
    for (; i < p->m; i++) CK_SET(tile)(1, nv, p, a + i * lda, b, c + i * p->ldc + j, n);                         \
    break;
    switch (vectors) {
      CK_PANEL(1)
      CK_PANEL(2)
      CK_PANEL(3)
#if CK_NV > 3
      CK_PANEL(4)
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
#undef CK_DOT
