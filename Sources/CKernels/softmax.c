// Softmax by rows, and the cross-entropy that forms its gradient in place.
#include "ck.h"
#include "ck_vector.h"

CK_INLINE float row_maximum(const float *x, long n) {
  float m = -INFINITY;
  for (long i = 0; i < n; i++) m = x[i] > m ? x[i] : m;
  return m;
}

// y = e^(x − shift); returns the sum in double, in a fixed order.
CK_INLINE double row_exponentials(const float *x, long n, float shift, float *y) {
  double sum = 0;
  long i = 0;
  while (i + 16 <= n) {
    long stop = i + 1024 < n ? i + 1024 : n;
    ck_f16v_aligned partial = CK_SPLAT(0.0f);
    for (; i + 16 <= stop; i += 16) {
      ck_f16v_aligned e = ck_exp16(CK_LOAD(x + i) - shift);
      CK_STORE(y + i, e);
      partial += e;
    }
    sum += ck_reduce_add(partial);
  }
  for (; i < n; i++) sum += y[i] = ck_exp1(x[i] - shift);
  return sum;
}

CK_CLONES void ck_softmax(const float *x, long rows, long width, float *y) {
  for (long r = 0; r < rows; r++, x += width, y += width) {
    float inverse = (float)(1.0 / row_exponentials(x, width, row_maximum(x, width), y));
    for (long i = 0; i < width; i++) y[i] *= inverse;
  }
}

// dx = y∘(dy − Σ dy∘y)
CK_CLONES void ck_softmax_gradient(const float *dy, const float *y, long rows, long width, float *dx) {
  for (long r = 0; r < rows; r++, dy += width, y += width, dx += width) {
    double dot = 0;
    for (long i = 0; i < width; i++) dot += (double)dy[i] * y[i];
    for (long i = 0; i < width; i++) dx[i] += y[i] * (dy[i] - (float)dot);
  }
}

CK_CLONES void ck_cross_entropy(const int32_t *labels, long rows, long width, int form_gradient, float *logits,
                                double *loss) {
  for (long r = 0; r < rows; r++, logits += width) {
    float m = row_maximum(logits, width), target = logits[labels[r]];
    double sum = row_exponentials(logits, width, m, logits);
    loss[r] = log(sum) + (double)m - target;
    if (!form_gradient) continue;
    float inverse = (float)(1.0 / sum);
    for (long i = 0; i < width; i++) logits[i] *= inverse;
    logits[labels[r]] -= 1.0f;
  }
}
