/* Calls and returns: Fibonacci, Ackermann and Hanoi, with saved registers and stack frames. */
#define NAME "recursion"
#define ITERATIONS 80
#include "runtime.h"

static NOINLINE uint64_t fibonacci(uint32_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static NOINLINE uint64_t ackermann(uint64_t m, uint64_t n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

static uint64_t moved[3];

static NOINLINE void hanoi(int discs, int from, int to) {
  if (discs == 0) return;
  hanoi(discs - 1, from, 3 - from - to);
  moved[to] += discs;
  hanoi(discs - 1, 3 - from - to, to);
}

static uint64_t run(uint64_t iterations) {
  uint64_t sum = 0;
  for (uint64_t n = 0; n < iterations; n++) {
    sum = mix(sum, fibonacci(24 + n % 2));
    sum = mix(sum, ackermann(2, 300 + n % 3));
    hanoi(15, n % 3, (n + 1) % 3);
    sum = mix(sum, moved[n % 3]);
  }
  return sum;
}
