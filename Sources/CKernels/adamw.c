// AdamW in one sweep: m ← β1·m + (1−β1)g;  v ← β2·v + (1−β2)g²;  w ← w − η·λ·w − η·m̂ / (√v̂ + ε).
#include "ck.h"
#include "ck_vector.h"

CK_CLONES void ck_adamw_update(ck_adamw c, const float *gradient, long n, float *weight, float *m, float *v) {
  float step = c.learning_rate / c.correction1, root = 1.0f / sqrtf(c.correction2);
  float keep = 1.0f - c.learning_rate * c.weight_decay;
  for (long i = 0; i < n; i++) {
    float g = gradient[i] * c.gradient_scale;
    m[i] = c.beta1 * m[i] + (1.0f - c.beta1) * g;
    v[i] = c.beta2 * v[i] + (1.0f - c.beta2) * g * g;
    weight[i] = keep * weight[i] - step * m[i] / (sqrtf(v[i]) * root + c.epsilon);
  }
}
