// Floats to blocks by search: the K formats of 256 values, and the legacy formats where columns have importances.
//
// The layouts stand in blocks.c. The search is the one of ggml (quantize_search.h), for sixteen runs at a time. A NULL
// importance means that every column counts alike; otherwise row[i]'s error is weighted by importance[i] too, and by
// how large x is against its neighbours.
#include "block_bits.h"
#include "ck_blocks.h"
#include "ck_vector.h"
#include "quantize_search.h"

static inline int nearest(float x) {
  float shifted = x + 12582912.0f;  // 1.5·2^23: the sum's low bits are the whole number, ties to even
  return (int)(bits_of(shifted) & 0x7fffff) - 0x400000;
}

static inline int clamped(int x, int least, int most) { return x < least ? least : x > most ? most : x; }
static inline float magnitude_of(float x) { return x < 0 ? -x : x; }
/// 1/x; 0 for zeros and for what is so small that its inverse overflows.
static inline float inverse_of(float x) { return magnitude_of(x) > 0x1p-126f ? 1.0f / x : 0.0f; }

/// The scale with the least Σ w·(scale·q − x)² for non-negative x, 0 ≤ q ≤ top: nine ways to round, then single q that
/// are better one off. n ≤ 8.
static float search_positive_scale(const float *x, const float *w, int n, int top) {
  float most = 0, best_inverse, best_error = INFINITY, qx = 0, qq = 0;
  int q[8];
  for (int i = 0; i < n; i++) most = x[i] > most ? x[i] : most;
  if (!(most > 1e-15f)) return 0;
  best_inverse = (float)top / most;
  for (int trial = 0; trial < 9; trial++) {
    int k = trial == 0 ? 0 : trial <= 4 ? trial - 5 : trial - 4;
    float inverse = (0.1f * (float)k + (float)top) / most, scale = 1.0f / inverse, error = 0;
    for (int i = 0; i < n; i++) {
      float difference = x[i] - scale * (float)clamped(nearest(inverse * x[i]), 0, top);
      error += w[i] * difference * difference;
    }
    if (error < best_error) best_error = error, best_inverse = inverse;
  }
  for (int i = 0; i < n; i++) {
    q[i] = clamped(nearest(best_inverse * x[i]), 0, top);
    qx += w[i] * x[i] * (float)q[i];
    qq += w[i] * (float)(q[i] * q[i]);
  }
  for (int pass = 0, changes = 1; pass < 5 && changes > 0; pass++) {
    changes = 0;
    for (int i = 0; i < n; i++) {
      float others_qx = qx - w[i] * x[i] * (float)q[i], others_qq = qq - w[i] * (float)(q[i] * q[i]);
      if (!(others_qx > 0 && others_qq > 0)) continue;
      float ideal = x[i] * others_qq / others_qx;
      int other = clamped(nearest(ideal < 1000.0f ? ideal : 1000.0f), 0, top);
      if (other == q[i]) continue;
      others_qx += w[i] * x[i] * (float)other;
      others_qq += w[i] * (float)(other * other);
      if (others_qx * others_qx * qq > qx * qx * others_qq) qx = others_qx, qq = others_qq, q[i] = other, changes++;
    }
  }
  return qq > 0 ? qx / qq : 1.0f / best_inverse;
}

/// Weights of a K format's values: without importance the run's root mean square + |x|.
CK_INLINE void weights_of_runs(const lanes *x, const float *importance, long first, long columns, lanes *w) {
  lanes squares = {};
  for (int i = 0; i < 32; i++) squares += x[i] * x[i];
  if (!importance) {
    lanes root = lanes_square_root(squares / 32.0f);
    for (int i = 0; i < 32; i++) w[i] = root + lanes_magnitude(x[i]);
    return;
  }
  lanes variance;  // twice the mean square of the block of 256, which is eight lanes
  for (int half = 0; half < 16; half += 8) {
    float sum = 0;
    for (int lane = half; lane < half + 8; lane++) sum += squares[lane];
    for (int lane = half; lane < half + 8; lane++) variance[lane] = sum / 128.0f;
  }
  lanes_gather(importance, first, columns, 32, w);
  for (int i = 0; i < 32; i++) w[i] *= lanes_square_root(variance + x[i] * x[i]);
}

/// The scales and minima of eight runs as 6-bit numbers, packed, and the two halves they are multiplied by.
static void store_scales(const float *scale, const float *minimum, const float *weight, int has_importance,
                         uint8_t *block) {
  float d, m;
  if (has_importance) {
    d = search_positive_scale(scale, weight, 8, 63);
    m = search_positive_scale(minimum, weight, 8, 63);
  } else {
    d = m = 0;
    for (int j = 0; j < 8; j++) d = scale[j] > d ? scale[j] : d, m = minimum[j] > m ? minimum[j] : m;
    d /= 63.0f, m /= 63.0f;
  }
  int scales[8], minima[8];
  for (int j = 0; j < 8; j++) {
    scales[j] = clamped(nearest(scale[j] * inverse_of(d)), 0, 63);
    minima[j] = clamped(nearest(minimum[j] * inverse_of(m)), 0, 63);
  }
  store16(block, half_of_float(d));
  store16(block + 2, half_of_float(m));
  uint8_t *packed = block + 4;
  for (int j = 0; j < 4; j++) {
    packed[j] = (uint8_t)(scales[j] | scales[j + 4] >> 4 << 6);
    packed[j + 4] = (uint8_t)(minima[j] | minima[j + 4] >> 4 << 6);
    packed[j + 8] = (uint8_t)((scales[j + 4] & 15) | (minima[j + 4] & 15) << 4);
  }
}

/// q of a block with the scales as they were stored; 256 numbers.
static inline void quantize_with_stored(const float *x, const uint8_t *block, int top, uint8_t *q) {
  float d = float_of_half(load16(block)), m = float_of_half(load16(block + 2));
  for (int j = 0; j < 8; j++) {
    float scale, minimum;
    scale_and_minimum(block + 4, j, &scale, &minimum);
    float inverse = inverse_of(d * scale), least = m * minimum;
    for (int l = 32 * j; l < 32 * j + 32; l++) {
      float scaled = (x[l] + least) * inverse;
      scaled = scaled < 0 ? 0 : scaled > (float)top ? (float)top : scaled;
      q[l] = (uint8_t)nearest(scaled);
    }
  }
}

/// The scales of up to two blocks from `first` on in a row.
CK_INLINE void store_searched_scales(const float *row, const float *importance, long first, long columns, float top,
                                     float start, float step, int trials, long bytes, uint8_t *blocks) {
  lanes x[32], w[32], scale, minimum, weight = {};
  float scales[16], minima[16], weights[16];
  lanes_gather(row, first, columns, 32, x);
  weights_of_runs(x, importance, first, columns, w);
  search_scale_and_minimum(x, w, 32, top, start, step, trials, &scale, &minimum);
  for (int i = 0; i < 32; i++) weight += w[i];
  memcpy(scales, &scale, sizeof scales);
  memcpy(minima, &minimum, sizeof minima);
  memcpy(weights, &weight, sizeof weights);
  for (int half = 0; half < 2 && first + 256 * half < columns; half++)
    store_scales(scales + 8 * half, minima + 8 * half, weights + 8 * half, importance != 0, blocks + bytes * half);
}

/// Four or five bits with a scale and a minimum for each run; the search begins and ends as ggml's for the format does.
CK_INLINE void quantize_runs(const float *x, const float *importance, long rows, long columns, int bits, float start,
                             int trials, long bytes, uint8_t *blocks) {
  float step = importance ? 0.05f : 0.1f;
  int top = (1 << bits) - 1;
  if (importance) start = -0.9f, trials = 36;
  for (long row = 0; row < rows; row++, x += columns) {
    for (long first = 0; first < columns; first += 256, blocks += bytes) {
      if (first % 512 == 0)
        store_searched_scales(x, importance, first, columns, (float)top, start, step, trials, bytes, blocks);
      uint8_t q[256], *nibbles = blocks + bytes - 128;
      quantize_with_stored(x + first, blocks, top, q);
      if (bits == 5) {
        memset(blocks + 16, 0, 32);
        for (int l = 0; l < 256; l++) blocks[16 + l % 32] |= (uint8_t)(q[l] >> 4 << (l / 32));
      }
      for (int l = 0; l < 128; l++) {
        const uint8_t *low = q + 64 * (l / 32) + l % 32;
        nibbles[l] = (uint8_t)((low[0] & 15) | (low[32] & 15) << 4);
      }
    }
  }
}

CK_CLONES void ck_quantize_q4_k(const float *x, const float *importance, long rows, long columns, uint8_t *blocks) {
  quantize_runs(x, importance, rows, columns, 4, -1.0f, 20, 144, blocks);
}
CK_CLONES void ck_quantize_q5_k(const float *x, const float *importance, long rows, long columns, uint8_t *blocks) {
  quantize_runs(x, importance, rows, columns, 5, -0.5f, 15, 176, blocks);
}

CK_CLONES void ck_quantize_q6_k(const float *x, const float *importance, long rows, long columns, uint8_t *blocks) {
  for (long row = 0; row < rows; row++, x += columns) {
    for (long first = 0; first < columns; first += 256, blocks += 210) {
      lanes values[16], w[16];
      float scales[16], extreme = 0;
      lanes_gather(x, first, columns, 16, values);
      if (importance) lanes_gather(importance, first, columns, 16, w);
      for (int i = 0; !importance && i < 16; i++) w[i] = values[i] * values[i];
      lanes found = search_scale(values, w, 16, 32);
      memcpy(scales, &found, sizeof scales);
      for (int j = 0; j < 16; j++) extreme = magnitude_of(scales[j]) > magnitude_of(extreme) ? scales[j] : extreme;
      float inverse = -128.0f * inverse_of(extreme);
      uint32_t half = half_of_float(inverse != 0 ? 1.0f / inverse : 0.0f);
      float d = float_of_half(half);
      store16(blocks + 208, half);
      memset(blocks, 0, 192);
      for (int j = 0; j < 16; j++) {
        int scale = clamped(nearest(inverse * scales[j]), -128, 127);
        blocks[192 + j] = (uint8_t)scale;
        float divided = inverse_of(d * (float)scale);
        for (int l = 16 * j; l < 16 * j + 16; l++) {
          float scaled = x[first + l] * divided;
          scaled = scaled < -32.0f ? -32.0f : scaled > 31.0f ? 31.0f : scaled;
          int q = nearest(scaled) + 32, run = l / 32, k = run & 3;
          blocks[64 * (run / 4) + 32 * (k & 1) + l % 32] |= (uint8_t)((q & 15) << (4 * (k >> 1)));
          blocks[128 + 32 * (run / 4) + l % 32] |= (uint8_t)(q >> 4 << (2 * k));
        }
      }
    }
  }
}

// Legacy formats with importance: weight = importance·√(mean square of the row + x²).

CK_INLINE void gather_weighted(const float *row, const float *importance, long first, long columns, float variance,
                               lanes *x, lanes *w) {
  lanes_gather(row, first, columns, 32, x);
  lanes_gather(importance, first, columns, 32, w);
  for (int i = 0; i < 32; i++) w[i] *= lanes_square_root(variance + x[i] * x[i]);
}

static float mean_square(const float *x, long count) {
  double sum = 0;
  for (long i = 0; i < count; i++) sum += (double)x[i] * x[i];
  return (float)(sum / (double)count);
}

/// A block of 32 from its scale and least value: q = (x − least)/scale + centre, 0 ≤ q < 2^bits.
static inline void store_block(const float *x, float d, float least, int has_minimum, int centre, int bits,
                               uint8_t *block) {
  uint32_t half = half_of_float(d), half_least = half_of_float(least), fifth = 0;
  float inverse = inverse_of(float_of_half(half)), stored_least = has_minimum ? float_of_half(half_least) : 0.0f;
  int q[32], top = (1 << bits) - 1;
  for (int j = 0; j < 32; j++) {
    float scaled = (x[j] - stored_least) * inverse + (float)centre;
    q[j] = nearest(scaled < 0 ? 0 : scaled > (float)top ? (float)top : scaled);
    fifth |= (uint32_t)(q[j] >> 4) << j;
  }
  store16(block, half);
  block += 2;
  if (has_minimum) store16(block, half_least), block += 2;
  if (bits == 5) store16(block, fifth), store16(block + 2, fifth >> 16), block += 4;
  for (int j = 0; j < 16; j++) block[j] = (uint8_t)((q[j] & 15) | (q[j + 16] & 15) << 4);
}

CK_INLINE void quantize_legacy(const float *x, const float *importance, long rows, long columns, int has_minimum,
                               int bits, long bytes, uint8_t *blocks) {
  for (long row = 0; row < rows; row++, x += columns) {
    float variance = mean_square(x, columns);
    for (long first = 0; first < columns; first += 512) {
      lanes values[32], w[32], scale, minimum = {};
      float scales[16], minima[16];
      gather_weighted(x, importance, first, columns, variance, values, w);
      if (has_minimum) {
        search_scale_and_minimum(values, w, 32, (float)((1 << bits) - 1), -0.9f, 0.05f, 36, &scale, &minimum);
      } else {
        scale = search_scale(values, w, 32, (float)(1 << (bits - 1)));
      }
      memcpy(scales, &scale, sizeof scales);
      memcpy(minima, &minimum, sizeof minima);
      for (int lane = 0; lane < 16 && first + 32 * lane < columns; lane++, blocks += bytes)
        store_block(x + first + 32 * lane, scales[lane], -minima[lane], has_minimum,
                    has_minimum ? 0 : 1 << (bits - 1), bits, blocks);
    }
  }
}

CK_CLONES void ck_quantize_q4_0(const float *x, const float *importance, long rows, long columns, uint8_t *blocks) {
  quantize_legacy(x, importance, rows, columns, 0, 4, 18, blocks);
}
CK_CLONES void ck_quantize_q4_1(const float *x, const float *importance, long rows, long columns, uint8_t *blocks) {
  quantize_legacy(x, importance, rows, columns, 1, 4, 20, blocks);
}
CK_CLONES void ck_quantize_q5_0(const float *x, const float *importance, long rows, long columns, uint8_t *blocks) {
  quantize_legacy(x, importance, rows, columns, 0, 5, 22, blocks);
}
CK_CLONES void ck_quantize_q5_1(const float *x, const float *importance, long rows, long columns, uint8_t *blocks) {
  quantize_legacy(x, importance, rows, columns, 1, 5, 24, blocks);
}
