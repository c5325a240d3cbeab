// The forms operands of bfloat16 products take; included in one file per way of rounding, with
//   CK_SET(name)   the functions' names
//   CK_TARGET      attributes that let the compiler use the instructions
//   CK_HALF(x)     sixteen floats → sixteen halves
//   CK_PAIR(x, y)  sixteen words, x in the lower and y in the upper half
//   CK_BOTH(x, y)  the halves of x, then those of y

// x [rows, columns] of at most 32 × 16 → 16 rows of pairs, 16 words each, zero outside.
CK_INLINE void CK_SET(pairs_inline)(const float *x, long ldx, float factor, long rows, long columns, uint32_t *y) {
  for (long r = 0; r < 32; r += 2, y += 16) {
    const float *low = x + r * ldx, *high = low + ldx;
    if (columns == 16 && r + 2 <= rows) {
      *(ck_words16 *)y = CK_PAIR(factor * CK_LOAD(low), factor * CK_LOAD(high));
      continue;
    }
    for (long i = 0; i < 16; i++) {
      uint32_t l = r < rows && i < columns ? ck_to_bf16_1(factor * low[i]) : 0;
      uint32_t h = r + 1 < rows && i < columns ? ck_to_bf16_1(factor * high[i]) : 0;
      y[i] = l | h << 16;
    }
  }
}

CK_TARGET void CK_SET(rows)(const float *x, long ldx, float factor, long rows, long columns, long padded,
                                 uint16_t *y, long ldy) {
  for (long r = 0; r < rows; r++, x += ldx, y += ldy) {
    long i = 0;
    for (; i + 16 <= columns; i += 16) *(ck_half16 *)(y + i) = CK_HALF(factor * CK_LOAD(x + i));
    for (; i < columns; i++) y[i] = ck_to_bf16_1(factor * x[i]);
    for (; i < padded; i++) y[i] = 0;
  }
}

CK_TARGET void CK_SET(pairs)(const float *x, long ldx, float factor, long rows, long columns, long padded_rows,
                                  long padded_columns, uint32_t *y, long ldy) {
  for (long r = 0; r < padded_rows; r += 2, y += ldy) {
    const float *low = x + r * ldx, *high = low + ldx;
    int has_low = r < rows, has_high = r + 1 < rows;
    long i = 0;
    if (has_low)
      for (; i + 16 <= columns; i += 16)
        *(ck_words16 *)(y + i) =
            CK_PAIR(factor * CK_LOAD(low + i), has_high ? factor * CK_LOAD(high + i) : CK_SPLAT(0.0f));
    for (; i < padded_columns; i++) {
      uint32_t l = has_low && i < columns ? ck_to_bf16_1(factor * low[i]) : 0;
      uint32_t h = has_high && i < columns ? ck_to_bf16_1(factor * high[i]) : 0;
      y[i] = l | h << 16;
    }
  }
}

// Sixteen rows of 32 values: neighbours become one word, and the 16 × 16 words are transposed.
CK_INLINE void CK_SET(words_of_rows)(const float *x, long ldx, float factor, ck_f16v_aligned *words) {
  for (int r = 0; r < 16; r++)
    words[r] = CK_BOTH(factor * CK_LOAD(x + r * ldx), factor * CK_LOAD(x + r * ldx + 16));
  ck_transpose16(words);
}

CK_TARGET void CK_SET(pairs_transposed)(const float *x, long ldx, float factor, long rows, long columns,
                                             long padded_columns, long padded_rows, uint32_t *y, long ldy) {
  for (long c = 0; c < padded_columns; c += 32)
    for (long r = 0; r < padded_rows; r += 16) {
      ck_f16v_aligned words[16];
      if (r + 16 <= rows && c + 32 <= columns) {
        CK_SET(words_of_rows)(x + r * ldx + c, ldx, factor, words);
      } else {
        float edge[16 * 32] = {0};
        for (long i = 0; i < 16 && r + i < rows; i++)
          for (long j = 0; j < 32 && c + j < columns; j++) edge[i * 32 + j] = x[(r + i) * ldx + c + j];
        CK_SET(words_of_rows)(edge, 32, factor, words);
      }
      for (long w = 0; w < 16 && c / 2 + w < padded_columns / 2; w++)
        *(ck_f16v *)(void *)(y + (c / 2 + w) * ldy + r) = words[w];
    }
}

CK_TARGET void CK_SET(rows_transposed)(const float *x, long ldx, float factor, long rows, long columns,
                                            long padded_rows, uint16_t *y, long ldy) {
  // Pairs of rows become words, and those are transposed: y [columns, rows].
  for (long c = 0; c < columns; c += 16)
    for (long r = 0; r < padded_rows; r += 32) {
      ck_f16v_aligned words[16];
      uint32_t pairs[16 * 16];
      long here = rows - r < 0 ? 0 : rows - r, wide = columns - c < 16 ? columns - c : 16;
      CK_SET(pairs_inline)(x + r * ldx + c, ldx, factor, here < 32 ? here : 32, wide, pairs);
      for (int w = 0; w < 16; w++) words[w] = *(const ck_f16v *)(const void *)(pairs + 16 * w);
      ck_transpose16(words);
      for (long j = 0; j < wide; j++) memcpy(y + (c + j) * ldy + r, &words[j], 64);
    }
}
