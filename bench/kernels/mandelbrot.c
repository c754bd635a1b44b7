/* Double-precision floating point in registers: multiply, add, compare; no memory in the loop. */
#define NAME "mandelbrot"
#define ITERATIONS 80
#include "runtime.h"

enum { SIDE = 32, LIMIT = 200 };

static NOINLINE uint32_t escape(double cx, double cy) {
  double x = 0, y = 0;
  uint32_t n = 0;
  for (; n < LIMIT; n++) {
    double xx = x * x, yy = y * y;
    if (xx + yy > 4) break;
    y = 2 * x * y + cy;
    x = xx - yy + cx;
  }
  return n;
}

static uint64_t run(uint64_t iterations) {
  uint64_t sum = 0;
  for (uint64_t n = 0; n < iterations; n++) {
    double scale = 3.0 / SIDE, shift = n * 0.001;
    for (int i = 0; i < SIDE; i++) {
      for (int j = 0; j < SIDE; j++) {
        sum = sum * 31 + escape(j * scale - 2.25 + shift, i * scale - 1.5);
      }
    }
  }
  return sum;
}
