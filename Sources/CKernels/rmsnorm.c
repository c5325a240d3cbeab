// RMSNorm (Zhang & Sennrich 2019): y = x · r · w,  r = 1 / sqrt(mean(x²) + ε), one r per row.
#include "ck.h"
#include "ck_vector.h"

CK_CLONES void ck_rms_norm(const float *x, const float *w, float epsilon, long rows, long width, float *y,
                           float *inverse_rms) {
  for (long n = 0; n < rows; n++, x += width, y += width) {
    double lanes[8] = {0};
    long i = 0;
    for (; i + 8 <= width; i += 8)
      for (int j = 0; j < 8; j++) lanes[j] += (double)x[i + j] * x[i + j];
    for (; i < width; i++) lanes[0] += (double)x[i] * x[i];
    double sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    float r = (float)(1.0 / sqrt(sum / (double)width + epsilon));
    inverse_rms[n] = r;
    for (i = 0; i < width; i++) y[i] = x[i] * r * w[i];
  }
}

// dx = r·(dy∘w) − x · r³/D · Σ dy∘w∘x
CK_CLONES void ck_rms_norm_input_gradient(const float *dy, const float *x, const float *w, const float *inverse_rms,
                                          long rows, long width, float *dx) {
  for (long n = 0; n < rows; n++, x += width, dy += width, dx += width) {
    double lanes[8] = {0};
    long i = 0;
    for (; i + 8 <= width; i += 8)
      for (int j = 0; j < 8; j++) lanes[j] += (double)dy[i + j] * w[i + j] * x[i + j];
    for (; i < width; i++) lanes[0] += (double)dy[i] * w[i] * x[i];
    double dot = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    float r = inverse_rms[n], c = (float)(dot * r * r * r / (double)width);
    for (i = 0; i < width; i++) dx[i] += dy[i] * w[i] * r - x[i] * c;
  }
}

// dw = Σ over rows of dy∘x·r, columns [first, last) only; at most 64 columns a call.
CK_CLONES void ck_rms_norm_weight_gradient(const float *dy, const float *x, const float *inverse_rms, long rows,
                                           long width, long first, long last, float *dw) {
  double sums[64] = {0};
  for (long n = 0; n < rows; n++) {
    double r = inverse_rms[n];
    for (long i = first; i < last; i++) sums[i - first] += (double)dy[n * width + i] * x[n * width + i] * r;
  }
  for (long i = first; i < last; i++) dw[i] += (float)sums[i - first];
}
