/* 64-bit arithmetic: xorshift, 64 x 64 multiplies with 64- and 128-bit results, rotates. */
#define NAME "hash64"
#define ITERATIONS 1200
#include "runtime.h"

enum { ROUNDS = 50000 };

static inline uint64_t multiply_fold(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t rotate_left(uint64_t value, int count) {
  return value << count | value >> (64 - count);
}

static NOINLINE uint64_t rounds(uint64_t x) {
  uint64_t hash = 0x2d358dccaa6c78a5u;
  for (int i = 0; i < ROUNDS; i++) {
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    hash = multiply_fold(hash ^ x * 0x2545f4914f6cdd1du, 0x8bb84b93962eacc9u);
    hash = rotate_left(hash, 23) + x;
  }
  return hash;
}

static uint64_t run(uint64_t iterations) {
  uint64_t sum = 88172645463325252u;
  for (uint64_t n = 0; n < iterations; n++) sum = rounds(sum | 1);
  return sum;
}
