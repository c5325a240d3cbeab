// Pages of cached keys and values, and the attention of single queries over them (Dao et al. 2023, "Flash-Decoding":
// parts of the keys are treated apart and joined by their log-sum-exp).
//
// Heads of a page follow one another. Keys stand in groups of sixteen tokens, [token / 16][i][token % 16], so that the
// scores of sixteen keys are the lanes of a vector. Values stand in rows, [token][i], of a multiple of sixteen. For 8
// bits a scale for each token comes after the integers: x = scale·q, scale = max|x| / 127.
#include "ck.h"
#include "ck_bf16.h"

CK_INLINE long wide(long head_size) { return (head_size + 15) / 16 * 16; }
CK_INLINE long width_of(ck_cache_form form) { return form == CK_CACHE_F32 ? 4 : form == CK_CACHE_BF16 ? 2 : 1; }

long ck_cache_head_bytes(ck_cache_form form, long head_size) {
  return CK_PAGE * wide(head_size) * width_of(form) + (form == CK_CACHE_Q8 ? CK_PAGE * (long)sizeof(float) : 0);
}

typedef uint16_t halves16 __attribute__((vector_size(32), aligned(1), may_alias));
typedef int8_t bytes16 __attribute__((vector_size(16), aligned(1), may_alias));
typedef float floats16 __attribute__((vector_size(64), aligned(1), may_alias));

// Sixteen stored numbers; of 8 bits the integers.
CK_INLINE ck_f16v_aligned load16(ck_cache_form form, const uint8_t *p) {
  typedef uint32_t words __attribute__((vector_size(64)));
  if (form == CK_CACHE_F32) return (ck_f16v_aligned) * (const floats16 *)p;
  if (form == CK_CACHE_BF16) return (ck_f16v_aligned)(__builtin_convertvector(*(const halves16 *)p, words) << 16);
  return __builtin_convertvector(*(const bytes16 *)p, ck_f16v_aligned);
}

// Sixteen floats as they are stored.
CK_INLINE void store16(ck_cache_form form, ck_f16v_aligned x, float inverse, uint8_t *p) {
  if (form == CK_CACHE_F32) {
    *(floats16 *)p = x;
  } else if (form == CK_CACHE_BF16) {
    *(halves16 *)p = (halves16)ck_to_bf16(x);
  } else {
    ck_f16v_aligned whole = (x * inverse + 12582912.0f) - 12582912.0f;  // to nearest
    *(bytes16 *)p = __builtin_convertvector(__builtin_convertvector(whole, ck_i16v), bytes16);
  }
}

// Not finite where a number is not.
CK_INLINE float scale_of(const float *x, long n) {
  float most = 0, poison = 0;
  for (long i = 0; i < n; i++) most = fabsf(x[i]) > most ? fabsf(x[i]) : most, poison += x[i] * 0;
  return most / 127 + poison;
}

CK_INLINE void store_head(ck_cache_form form, const float *x, long token, long d, int isKey, uint8_t *head) {
  long w = wide(d), bytes = width_of(form);
  float scale = 1;
  if (form == CK_CACHE_Q8) {
    scale = scale_of(x, d);
    memcpy(head + CK_PAGE * w + token * 4, &scale, 4);
  }
  float inverse = scale > 0 ? 1 / scale : 0;
  for (long i = 0; i < w; i += 16) {
    ck_f16v_aligned some = {0};
    uint8_t stored[64], *first = head + (token / 16 * 16 * w + i * 16 + token % 16) * bytes;
    memcpy(&some, x + i, (size_t)(d - i < 16 ? d - i : 16) * sizeof(float));
    if (!isKey) {
      store16(form, some, inverse, head + (token * w + i) * bytes);
      continue;
    }
    store16(form, some, inverse, stored);
    for (long j = 0; j < 16; j++) memcpy(first + 16 * j * bytes, stored + j * bytes, (size_t)bytes);
  }
}

CK_INLINE void load_head(ck_cache_form form, const uint8_t *head, long token, long d, int isKey, float *x) {
  long w = wide(d), bytes = width_of(form);
  float scale = 1;
  if (form == CK_CACHE_Q8) memcpy(&scale, head + CK_PAGE * w + token * 4, 4);
  for (long i = 0; i < d; i += 16) {
    uint8_t stored[64];
    const uint8_t *first = head + (token / 16 * 16 * w + i * 16 + token % 16) * bytes;
    for (long j = 0; isKey && j < 16; j++) memcpy(stored + j * bytes, first + 16 * j * bytes, (size_t)bytes);
    ck_f16v_aligned some = load16(form, isKey ? stored : head + (token * w + i) * bytes);
    if (form == CK_CACHE_Q8) some *= scale;
    memcpy(x + i, &some, (size_t)(d - i < 16 ? d - i : 16) * sizeof(float));
  }
}

CK_INLINE void store_all(ck_cache_form form, const float *k, const float *v, long count, long kv_heads, long d, long at,
                         uint8_t *keys, uint8_t *values) {
  long each = ck_cache_head_bytes(form, d);
  for (long t = 0; t < count; t++)
    for (long h = 0; h < kv_heads; h++) {
      long from = (t * kv_heads + h) * d;
      store_head(form, k + from, at + t, d, 1, keys + h * each);
      store_head(form, v + from, at + t, d, 0, values + h * each);
    }
}

CK_CLONES void ck_cache_store(ck_cache_form form, const float *k, const float *v, long count, long kv_heads,
                              long head_size, long at, uint8_t *keys, uint8_t *values) {
  switch (form) {
    case CK_CACHE_F32: return store_all(CK_CACHE_F32, k, v, count, kv_heads, head_size, at, keys, values);
    case CK_CACHE_BF16: return store_all(CK_CACHE_BF16, k, v, count, kv_heads, head_size, at, keys, values);
    case CK_CACHE_Q8: return store_all(CK_CACHE_Q8, k, v, count, kv_heads, head_size, at, keys, values);
  }
}

CK_INLINE void load_all(ck_cache_form form, const uint8_t *keys, const uint8_t *values, long count, long kv_heads, long d,
                        float *k, float *v) {
  long each = ck_cache_head_bytes(form, d);
  for (long h = 0; h < kv_heads; h++)
    for (long t = 0; t < count; t++) {
      long to = (t * kv_heads + h) * d;
      load_head(form, keys + h * each, t, d, 1, k + to);
      load_head(form, values + h * each, t, d, 0, v + to);
    }
}

CK_CLONES void ck_cache_load(ck_cache_form form, const uint8_t *keys, const uint8_t *values, long count, long kv_heads,
                             long head_size, float *k, float *v) {
  switch (form) {
    case CK_CACHE_F32: return load_all(CK_CACHE_F32, keys, values, count, kv_heads, head_size, k, v);
    case CK_CACHE_BF16: return load_all(CK_CACHE_BF16, keys, values, count, kv_heads, head_size, k, v);
    case CK_CACHE_Q8: return load_all(CK_CACHE_Q8, keys, values, count, kv_heads, head_size, k, v);
  }
}

// A state: maxima [group], sums of weights [group], sums of values [group, wide].
long ck_cache_state(long group, long head_size) { return group * (2 + wide(head_size)); }

void ck_cache_begin(long group, long head_size, float *state) {
  for (long g = 0; g < group; g++) state[g] = -INFINITY;
  memset(state + group, 0, (size_t)(group * (1 + wide(head_size))) * sizeof(float));
}

// Queries treated together, so that a key or value is converted once for all of them.
enum { TOGETHER = 4 };

// scores [TOGETHER, CK_PAGE] of the keys of the groups of sixteen that hold [first, last); −∞ outside.
CK_INLINE void scores_of(ck_cache_form form, const uint8_t *keys, long first, long last, long d, const float *q, long count,
                         float scale, float *scores) {
  long w = wide(d), bytes = width_of(form);
  for (long t = first / 16 * 16; t < last; t += 16) {
    const uint8_t *group = keys + t * w * bytes;
    ck_f16v_aligned sums[TOGETHER] = {{0}}, odd[TOGETHER] = {{0}};
    for (long i = 0; i + 2 <= d; i += 2) {
      ck_f16v_aligned x = load16(form, group + i * 16 * bytes), y = load16(form, group + (i + 1) * 16 * bytes);
      for (long g = 0; g < count; g++) sums[g] += x * q[g * d + i], odd[g] += y * q[g * d + i + 1];
    }
    ck_f16v_aligned factor = CK_SPLAT(scale);
    if (form == CK_CACHE_Q8) factor = (ck_f16v_aligned) * (const floats16 *)(keys + CK_PAGE * w + t * 4) * scale;
    for (long g = 0; g < count; g++) CK_STORE(scores + g * CK_PAGE + t, (sums[g] + odd[g]) * factor);
  }
  for (long g = 0; g < count; g++) {
    for (long t = first / 16 * 16; t < first; t++) scores[g * CK_PAGE + t] = -INFINITY;
    for (long t = last; t < (last + 15) / 16 * 16; t++) scores[g * CK_PAGE + t] = -INFINITY;
  }
}

// Scores become weights; the state's maximum, sum and values shrink to the new maximum.
CK_INLINE void weigh(float *scores, long first, long last, float *maximum, float *total, float *values, long w) {
  ck_f16v_aligned most = CK_SPLAT(*maximum), sum = {0};
  for (long t = first / 16 * 16; t < last; t += 16) {
    ck_f16v_aligned x = CK_LOAD(scores + t);
    ck_i16v where = x > most;
    most = (ck_f16v_aligned)(((ck_i16v)x & where) | ((ck_i16v)most & ~where));
  }
  float greatest = most[0];
  for (int i = 1; i < 16; i++) greatest = most[i] > greatest ? most[i] : greatest;
  if (greatest == -INFINITY) greatest = 0;  // every score is −∞ or no number; the weights will show it
  float shrink = ck_exp1(*maximum - greatest);
  for (long t = first / 16 * 16; t < last; t += 16) {
    ck_f16v_aligned e = ck_exp16(CK_LOAD(scores + t) - greatest);
    CK_STORE(scores + t, e);
    sum += e;
  }
  if (shrink != 1)
    for (long i = 0; i < w; i++) values[i] *= shrink;
  *total = *total * shrink + ck_reduce_add(sum);
  *maximum = greatest;
}

CK_INLINE void add_values(ck_cache_form form, const uint8_t *values, long first, long last, long d, float *weights,
                          long count, float *sums) {
  long w = wide(d), bytes = width_of(form);
  if (form == CK_CACHE_Q8)
    for (long t = first / 16 * 16; t < last; t += 16) {
      ck_f16v_aligned scale = (ck_f16v_aligned) * (const floats16 *)(values + CK_PAGE * w + t * 4);
      for (long g = 0; g < count; g++) CK_STORE(weights + g * CK_PAGE + t, CK_LOAD(weights + g * CK_PAGE + t) * scale);
    }
  for (long i = 0; i < w; i += 16) {
    ck_f16v_aligned a[TOGETHER] = {{0}}, b[TOGETHER] = {{0}};
    long t = first;
    for (; t + 2 <= last; t += 2) {
      ck_f16v_aligned x = load16(form, values + (t * w + i) * bytes), y = load16(form, values + ((t + 1) * w + i) * bytes);
      for (long g = 0; g < count; g++) a[g] += x * weights[g * CK_PAGE + t], b[g] += y * weights[g * CK_PAGE + t + 1];
    }
    if (t < last) {
      ck_f16v_aligned x = load16(form, values + (t * w + i) * bytes);
      for (long g = 0; g < count; g++) a[g] += x * weights[g * CK_PAGE + t];
    }
    for (long g = 0; g < count; g++) CK_STORE(sums + g * w + i, CK_LOAD(sums + g * w + i) + (a[g] + b[g]));
  }
}

CK_INLINE void attend_some(ck_cache_form form, const uint8_t *keys, const uint8_t *values, long first, long last, long d,
                           const float *q, float scale, long count, float *maxima, float *totals, float *sums) {
  float scores[TOGETHER * CK_PAGE];
  scores_of(form, keys, first, last, d, q, count, scale, scores);
  for (long g = 0; g < count; g++)
    weigh(scores + g * CK_PAGE, first, last, maxima + g, totals + g, sums + g * wide(d), wide(d));
  add_values(form, values, first, last, d, scores, count, sums);
}

CK_INLINE void attend(ck_cache_form form, const uint8_t *keys, const uint8_t *values, long first, long last, long d,
                      const float *q, float scale, long group, float *state) {
  float *totals = state + group, *sums = totals + group;
  for (long g = 0; g < group;) {
    const float *queries = q + g * d;
    float *to = sums + g * wide(d);
    // Constant counts, so that the sums stay in registers.
    switch (group - g) {
      case 1: attend_some(form, keys, values, first, last, d, queries, scale, 1, state + g, totals + g, to); g += 1; break;
      case 2: attend_some(form, keys, values, first, last, d, queries, scale, 2, state + g, totals + g, to); g += 2; break;
      case 3: attend_some(form, keys, values, first, last, d, queries, scale, 3, state + g, totals + g, to); g += 3; break;
      default: attend_some(form, keys, values, first, last, d, queries, scale, 4, state + g, totals + g, to); g += 4;
    }
  }
}

CK_CLONES void ck_cache_attend(ck_cache_form form, const uint8_t *keys, const uint8_t *values, long first, long last,
                               long head_size, const float *q, float scale, long group, float *state) {
  switch (form) {
    case CK_CACHE_F32: return attend(CK_CACHE_F32, keys, values, first, last, head_size, q, scale, group, state);
    case CK_CACHE_BF16: return attend(CK_CACHE_BF16, keys, values, first, last, head_size, q, scale, group, state);
    case CK_CACHE_Q8: return attend(CK_CACHE_Q8, keys, values, first, last, head_size, q, scale, group, state);
  }
}

void ck_cache_finish(const float *states, long parts, long stride, long group, long head_size, float *output) {
  long w = wide(head_size);
  for (long g = 0; g < group; g++) {
    float most = -INFINITY, total = 0, *to = output + g * head_size;
    for (long p = 0; p < parts; p++) most = states[p * stride + g] > most ? states[p * stride + g] : most;
    memset(to, 0, (size_t)head_size * sizeof(float));
    for (long p = 0; p < parts; p++) {
      const float *state = states + p * stride, *sums = state + 2 * group + g * w;
      float factor = ck_exp1(state[g] - most);
      total += state[group + g] * factor;
      for (long i = 0; i < head_size; i++) to[i] += sums[i] * factor;
    }
    for (long i = 0; i < head_size; i++) to[i] /= total;
  }
}
