/* Fused multiply and add: what GCC makes of most floating-point code for s390x unless told not to. */
#define NAME "horner"
#define ITERATIONS 300
#include "runtime.h"

enum { POINTS = 2000, DEGREE = 16 };

static double coefficient[DEGREE + 1];

static NOINLINE double evaluate(double x) {
  double value = coefficient[DEGREE];
  for (int i = DEGREE - 1; i >= 0; i--) value = __builtin_fma(value, x, coefficient[i]);
  return value;
}

static uint64_t run(uint64_t iterations) {
  uint64_t seed = 9, sum = 0;
  double total = 0;
  for (int i = 0; i <= DEGREE; i++) coefficient[i] = (int32_t)next_random(&seed) / 2147483648.0;
  for (uint64_t n = 0; n < iterations; n++) {
    for (int i = 0; i < POINTS; i++) total += evaluate((i - POINTS / 2) * (2.0 / POINTS));
    coefficient[n % DEGREE] += total * 0x1p-20;
    sum = mix(sum, double_bits(total));
  }
  return sum;
}
