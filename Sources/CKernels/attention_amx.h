// Attention's forward tiles on matrix registers (AMX): while one tile's scores become weights on the vectors, the scores
// of the next are formed and the values of the one before are summed.
#pragma once
#include "ck.h"

enum { CK_AMX_KEYS = 128, CK_AMX_COLUMNS = 32, CK_AMX_TILES = 64 };

static inline int ck_amx_interleaves(const ck_attention_shape *s) {
  return s->simd == CK_AMX && s->head_size % 32 == 0 && s->head_size <= 128;
}

/// 128 keys that every query of a block sees: rows [128, head_size], and their values [head_size, 128].
typedef struct {
  const uint16_t *keys, *values;
} ck_amx_tile;

/// A query block: `width` columns, a multiple of 32, of rows `ld` apart, and what the tiles add to. The factors `shrink`
/// are scratch, as are 2 × 128 × 32 scores and 2 × 64 × 32 weights.
typedef struct {
  long head_size, width, ld, value_stride;
  const uint32_t *queries;
  float *sums, *maxima, *totals, *shrink, *scores;
  uint32_t *weights;
} ck_amx_columns;

/// The tiles in order, 1 … CK_AMX_TILES; between ck_products_begin and ck_products_end. The bits are those of the
/// products and columns one after the other.
void ck_amx_attention(const ck_amx_columns *c, const ck_amx_tile *tiles, long count);
