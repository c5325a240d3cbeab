// Rotary position embedding (Su et al. 2021), pairs (i, i + head_size/2) as in Hugging Face:
//   y_i = x_i·cos − x_{i+H}·sin,   y_{i+H} = x_i·sin + x_{i+H}·cos.   direction −1 is the transpose.
#include "ck.h"
#include "ck_vector.h"

CK_CLONES void ck_rotate(const float *x, const float *cosine, const float *sine, float direction, long rows, long heads,
                         long head_size, float *y) {
  long half = head_size / 2;
  for (long n = 0; n < rows; n++) {
    const float *c = cosine + n * half, *s = sine + n * half;
    for (long h = 0; h < heads; h++, x += head_size, y += head_size) {
      for (long i = 0; i < half; i++) {
        float a = x[i], b = x[i + half], sd = s[i] * direction;
        y[i] = a * c[i] - b * sd;
        y[i + half] = a * sd + b * c[i];
      }
    }
  }
}
