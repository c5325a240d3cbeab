// What happens to sixteen columns of scores between the bfloat16 products; included in one file per way of rounding, with
//   CK_SET(name)   the functions' names
//   CK_TARGET      attributes that let the compiler use the instructions
//   CK_BOTH(x, y)  sixteen floats and sixteen more → their halves, one after the other

// Two rows of keys of P and dS: both as left operands (rows of keys), dS as right operand too (pairs).
CK_INLINE void store_gradients(lanes p, lanes ds, long ld, uint16_t *p_rows, uint16_t *ds_rows, uint32_t *pairs) {
  ck_half16 rows[2];
  memcpy(rows, &p, sizeof rows);
  *(ck_half16 *)p_rows = rows[0];
  *(ck_half16 *)(p_rows + ld) = rows[1];
  memcpy(rows, &ds, sizeof rows);
  *(ck_half16 *)ds_rows = rows[0];
  *(ck_half16 *)(ds_rows + ld) = rows[1];
  *(ck_words16 *)pairs = ck_words(ds);
}

// As online_columns of attention.c, with the base as `maximum`; the weights go to pairs of keys, zeros after the last.
CK_TARGET void CK_SET(online_pairs)(float *x, long ld, long count, int masked, long start, const int32_t *low,
                                           const int32_t *high, float *maximum, float *sum, float *shrink,
                                           uint32_t *pairs) {
  lanes before = CK_LOAD(maximum), most = column_maxima(x, ld, count, masked, start, low, high, before);
  most = choose(most > before + SLACK, most, before);
  lanes base = subtrahend(most) * LOG2_E, zero = CK_SPLAT(0.0f), total = zero, other = zero;
  lanes factor = choose(most == before, CK_SPLAT(1.0f), ck_exp2_16(before * LOG2_E - base));
  long j = 0;
  for (; j + 2 <= count; j += 2, pairs += ld) {
    lanes e = ck_exp2_16(CK_LOAD(x + j * ld) * LOG2_E - base), f = ck_exp2_16(CK_LOAD(x + (j + 1) * ld) * LOG2_E - base);
    *(ck_words16 *)pairs = ck_words(CK_BOTH(e, f));
    total += e;
    other += f;
  }
  if (j < count) {
    lanes e = ck_exp2_16(CK_LOAD(x + j * ld) * LOG2_E - base);
    *(ck_words16 *)pairs = ck_words(CK_BOTH(e, zero));
    total += e;
    j += 2;
    pairs += ld;
  }
  for (; j < round32(count); j += 2, pairs += ld) *(ck_words16 *)pairs = (ck_words16){0};
  CK_STORE(shrink, factor);
  CK_STORE(sum, CK_LOAD(sum) * factor + (total + other));
  CK_STORE(maximum, most);
}

// P and dS as gradient_columns of attention.c has them.
CK_TARGET void CK_SET(gradient_pairs)(const float *x, const float *dx, long ldx, long count, int masked,
                                             long start, const int32_t *low, const int32_t *high, const float *lse,
                                             const float *products, long ld, uint16_t *p, uint16_t *ds,
                                             uint32_t *pairs, long ldp) {
  lanes base = CK_LOAD(lse) * LOG2_E, product = CK_LOAD(products);
  long j = 0;
  for (; !masked && j + 2 <= count; j += 2, x += 2 * ldx, dx += 2 * ldx, p += 2 * ld, ds += 2 * ld, pairs += ldp) {
    lanes p0 = ck_exp2_16(CK_LOAD(x) * LOG2_E - base), p1 = ck_exp2_16(CK_LOAD(x + ldx) * LOG2_E - base);
    lanes d0 = p0 * (CK_LOAD(dx) - product), d1 = p1 * (CK_LOAD(dx + ldx) - product);
    store_gradients(CK_BOTH(p0, p1), CK_BOTH(d0, d1), ld, p, ds, pairs);
  }
  for (; j < round32(count); j += 2, x += 2 * ldx, dx += 2 * ldx, p += 2 * ld, ds += 2 * ld, pairs += ldp) {
    lanes weight[2] = {{0}, {0}}, gradient[2] = {{0}, {0}};
    for (long i = 0; i < 2 && j + i < count; i++) {
      lanes e = ck_exp2_16(CK_LOAD(x + i * ldx) * LOG2_E - base);
      weight[i] = masked ? keep(sees(low, high, start + j + i), e) : e;
      gradient[i] = weight[i] * (CK_LOAD(dx + i * ldx) - product);
    }
    store_gradients(CK_BOTH(weight[0], weight[1]), CK_BOTH(gradient[0], gradient[1]), ld, p, ds, pairs);
  }
}
