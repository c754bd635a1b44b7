/* The sieve of Eratosthenes over bits: strided read-modify-write of single bytes. */
#define NAME "sieve"
#define ITERATIONS 120
#include "runtime.h"

enum { LIMIT = 1 << 19 };

static uint8_t composite[LIMIT / 16];

static NOINLINE uint32_t count_primes(uint32_t limit) {
  uint32_t count = 1; /* 2, since only odd numbers have a bit */
  __builtin_memset(composite, 0, sizeof composite);
  for (uint32_t n = 3; n < limit; n += 2) {
    if (composite[n >> 4] >> (n >> 1 & 7) & 1) continue;
    count++;
    if (n >= 1 << 12) continue;
    for (uint32_t m = n * n; m < limit; m += 2 * n) composite[m >> 4] |= 1 << (m >> 1 & 7);
  }
  return count;
}

static uint64_t run(uint64_t iterations) {
  uint64_t sum = 0;
  for (uint64_t n = 0; n < iterations; n++) {
    sum = mix(sum, count_primes(LIMIT - (uint32_t)(n % 100) * 8));
    for (int i = 0; i < LIMIT / 16; i += 64) sum += composite[i];
  }
  return sum;
}
