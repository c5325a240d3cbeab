// Arithmetic kernels. No allocation, no globals, no input or output.
// Outputs stand last; every *_gradient kernel adds to its output.
#pragma once
#include "ck_blocks.h"
