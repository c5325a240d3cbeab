// Sums, products and scaling of whole arrays.
#include "ck.h"
#include "ck_vector.h"

CK_CLONES void ck_add(const float *a, const float *b, long n, float *y) {
  for (long i = 0; i < n; i++) y[i] = a[i] + b[i];
}

CK_CLONES void ck_multiply(const float *a, const float *b, long n, float *y) {
  for (long i = 0; i < n; i++) y[i] = a[i] * b[i];
}

CK_CLONES void ck_multiply_gradient(const float *dy, const float *b, long n, float *da) {
  for (long i = 0; i < n; i++) da[i] += dy[i] * b[i];
}

CK_CLONES void ck_scale(const float *x, float factor, long n, float *y) {
  for (long i = 0; i < n; i++) y[i] = factor * x[i];
}

CK_CLONES void ck_axpy(const float *x, float factor, long n, float *y) {
  for (long i = 0; i < n; i++) y[i] += factor * x[i];
}

// Reassociation is granted here only: eight running sums in a fixed order, in double.
CK_CLONES double ck_sum(const float *x, long n) {
  double lanes[8] = {0}, tail = 0;
  long i = 0;
  for (; i + 8 <= n; i += 8)
    for (int j = 0; j < 8; j++) lanes[j] += x[i + j];
  for (; i < n; i++) tail += x[i];
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7])) + tail;
}

CK_CLONES double ck_sum_of_squares(const float *x, long n) {
  double lanes[8] = {0}, tail = 0;
  long i = 0;
  for (; i + 8 <= n; i += 8)
    for (int j = 0; j < 8; j++) lanes[j] += (double)x[i + j] * x[i + j];
  for (; i < n; i++) tail += (double)x[i] * x[i];
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7])) + tail;
}
