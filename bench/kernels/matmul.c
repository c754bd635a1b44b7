/* Integer matrix multiply: three nested loops, 32-bit multiply and add, two strides of loads. */
#define NAME "matmul"
#define ITERATIONS 400
#include "runtime.h"

enum { N = 64 };

static uint32_t a[N][N], b[N][N], c[N][N];

static NOINLINE void multiply(void) {
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      uint32_t sum = 0;
      for (int k = 0; k < N; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  }
}

static uint64_t run(uint64_t iterations) {
  uint64_t seed = 1, sum = 0;
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < N; j++) {
      a[i][j] = next_random(&seed);
      b[i][j] = next_random(&seed) | 1;
    }
  }
  for (uint64_t n = 0; n < iterations; n++) {
    multiply();
    /* The next product depends on this one. */
    for (int i = 0; i < N; i++) a[i][n % N] ^= c[i][(n + 7) % N];
    sum = mix(sum, c[n % N][(n * 5) % N]);
  }
  return sum;
}
