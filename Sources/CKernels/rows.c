// Embedding look-up with its gradient, and transposition.
#include "ck.h"
#include "ck_vector.h"

void ck_gather(const float *table, const int32_t *rows, long count, long width, float *y) {
  for (long t = 0; t < count; t++) memcpy(y + t * width, table + rows[t] * width, (size_t)width * sizeof(float));
}

// Columns [first, last) only, so that threads never touch the same element and the order of sums is fixed.
CK_CLONES void ck_scatter_add(const float *dy, const int32_t *rows, long count, long width, long first, long last,
                              float *dtable) {
  for (long t = 0; t < count; t++) {
    const float *source = dy + t * width;
    float *target = dtable + rows[t] * width;
    for (long i = first; i < last; i++) target[i] += source[i];
  }
}
