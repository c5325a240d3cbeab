// The search for the scales of sixteen short runs of values at once, one run in each lane, so that nothing is ever
// summed across lanes: x[i] holds value i of every run, w[i] its weight in the squared error.
#pragma once
#include "ck_vector.h"

typedef ck_f16v_aligned lanes;

CK_INLINE lanes lanes_choose(ck_i16v mask, lanes a, lanes b) {
  return (lanes)(((ck_i16v)a & mask) | ((ck_i16v)b & ~mask));
}
// Of a NaN and a number, the number in `b`.
CK_INLINE lanes lanes_least(lanes a, lanes b) { return lanes_choose(a < b, a, b); }
CK_INLINE lanes lanes_most(lanes a, lanes b) { return lanes_choose(a > b, a, b); }
CK_INLINE lanes lanes_magnitude(lanes x) { return (lanes)((ck_i16v)x & 0x7fffffff); }

CK_INLINE lanes lanes_square_root(lanes x) {
  for (int i = 0; i < 16; i++) x[i] = __builtin_sqrtf(x[i]);
  return x;
}

/// To nearest, ties to even, for magnitudes below 2^22.
CK_INLINE lanes lanes_rounded(lanes x) { return (x + 12582912.0f) - 12582912.0f; }
CK_INLINE lanes lanes_clamped(lanes x, float least, float most) {
  return lanes_least(lanes_most(lanes_rounded(x), CK_SPLAT(least)), CK_SPLAT(most));
}

/// Runs of `n` values, from `first` on in rows of `columns`; beyond the row's end zeros.
CK_INLINE void lanes_gather(const float *row, long first, long columns, int n, lanes *x) {
  for (int lane = 0; lane < 16; lane++)
    for (int i = 0; i < n; i++) {
      long place = first + (long)lane * n + i;
      x[i][lane] = place < columns ? row[place] : 0.0f;
    }
}

/// The scale and the minimum ≥ 0 with the least Σ w·(scale·q − minimum − x)², 0 ≤ q ≤ top, among `trials` + 1 ways to
/// round: q is formed with steps of (top + first + step·k)/range from the best minimum so far, then both are solved
/// for by least squares.
CK_INLINE void search_scale_and_minimum(const lanes *x, const lanes *w, int n, float top, float first, float step,
                                        int trials, lanes *scale, lanes *minimum) {
  lanes least = x[0], most = x[0], sum_w = w[0], sum_wx = w[0] * x[0];
  for (int i = 1; i < n; i++) {
    least = lanes_least(x[i], least);
    most = lanes_most(x[i], most);
    sum_w += w[i];
    sum_wx += w[i] * x[i];
  }
  least = lanes_least(least, CK_SPLAT(0.0f));
  lanes range = most - least;
  ck_i16v varies = range > 1e-30f;
  range = lanes_choose(varies, range, CK_SPLAT(1.0f));
  lanes best_scale = range / top, best_least = least, best_error = {}, inverse = top / range;
  for (int i = 0; i < n; i++) {
    lanes q = lanes_clamped(inverse * (x[i] - least), 0, top), error = best_scale * q + least - x[i];
    best_error += w[i] * error * error;
  }
  for (int trial = 0; trial <= trials; trial++) {
    lanes q[32], sum_q = {}, sum_qq = {}, sum_qx = {}, error_sum = {};
    inverse = (first + step * (float)trial + top) / range;
    for (int i = 0; i < n; i++) {
      q[i] = lanes_clamped(inverse * (x[i] - best_least), 0, top);
      lanes wq = w[i] * q[i];
      sum_q += wq;
      sum_qq += wq * q[i];
      sum_qx += wq * x[i];
    }
    lanes determinant = sum_w * sum_qq - sum_q * sum_q;
    ck_i16v solvable = determinant > 0.0f;
    lanes divisor = lanes_choose(solvable, determinant, CK_SPLAT(1.0f));
    lanes new_scale = (sum_w * sum_qx - sum_wx * sum_q) / divisor;
    lanes new_least = (sum_qq * sum_wx - sum_q * sum_qx) / divisor;
    ck_i16v above = new_least > 0.0f;  // a minimum cannot be stored with that sign
    new_scale = lanes_choose(above & solvable, sum_qx / lanes_choose(solvable, sum_qq, CK_SPLAT(1.0f)), new_scale);
    new_least = lanes_choose(above, CK_SPLAT(0.0f), new_least);
    for (int i = 0; i < n; i++) {
      lanes error = new_scale * q[i] + new_least - x[i];
      error_sum += w[i] * error * error;
    }
    ck_i16v better = solvable & (error_sum < best_error);
    best_error = lanes_choose(better, error_sum, best_error);
    best_scale = lanes_choose(better, new_scale, best_scale);
    best_least = lanes_choose(better, new_least, best_least);
    range = lanes_most(most - best_least, CK_SPLAT(1e-30f));
  }
  *scale = lanes_choose(varies, best_scale, CK_SPLAT(0.0f));
  *minimum = lanes_choose(varies, -best_least, -least);
}

/// The scale with the least Σ w·(scale·q − x)², −top ≤ q < top, among nineteen ways to round, by how much of it the
/// best scale of each explains. The scale's sign makes the value of largest magnitude negative.
CK_INLINE lanes search_scale(const lanes *x, const lanes *w, int n, float top) {
  lanes extreme = x[0];
  for (int i = 1; i < n; i++) extreme = lanes_choose(lanes_magnitude(x[i]) > lanes_magnitude(extreme), x[i], extreme);
  ck_i16v varies = lanes_magnitude(extreme) > 1e-15f;
  extreme = lanes_choose(varies, extreme, CK_SPLAT(1.0f));
  lanes best_scale = {}, best = {};
  for (int trial = 0; trial < 19; trial++) {
    // 0 first, then −9 … −1 and 1 … 9.
    int k = trial == 0 ? 0 : trial <= 9 ? trial - 10 : trial - 9;
    lanes inverse = -(top + 0.1f * (float)k) / extreme, sum_qx = {}, sum_qq = {};
    for (int i = 0; i < n; i++) {
      lanes q = lanes_clamped(inverse * x[i], -top, top - 1);
      lanes wq = w[i] * q;
      sum_qx += wq * x[i];
      sum_qq += wq * q;
    }
    ck_i16v some = sum_qq > 0.0f;
    lanes scale = sum_qx / lanes_choose(some, sum_qq, CK_SPLAT(1.0f));
    lanes explained = scale * sum_qx;
    ck_i16v better = some & (explained > best);
    best = lanes_choose(better, explained, best);
    best_scale = lanes_choose(better, scale, best_scale);
  }
  // Where no weight is positive nothing explains anything: the plain scale.
  best_scale = lanes_choose(best > 0.0f, best_scale, -extreme / top);
  return lanes_choose(varies, best_scale, CK_SPLAT(0.0f));
}
