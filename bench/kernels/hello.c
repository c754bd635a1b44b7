/* The smallest program: start-up cost, and the demo's first guest. */
#define NAME "hello"
#define ITERATIONS 1
#include "runtime.h"

static uint64_t run(uint64_t iterations) {
  static const char text[] = "Hello from s390x!\n";
  for (uint64_t i = 0; i < iterations; i++) put(text, sizeof(text) - 1);
  return iterations;
}
