/* Sorting: recursive quicksort of 64-bit keys, heapsort of 32-bit keys; unpredictable branches. */
#define NAME "sort"
#define ITERATIONS 500
#include "runtime.h"

enum { COUNT = 4096 };

static int64_t wide[COUNT];
static uint32_t narrow[COUNT];

static NOINLINE void quicksort(int64_t *low, int64_t *high) {
  while (high - low > 12) {
    int64_t pivot = low[(high - low) / 2], *i = low, *j = high;
    while (i <= j) {
      while (*i < pivot) i++;
      while (*j > pivot) j--;
      if (i <= j) {
        int64_t kept = *i;
        *i++ = *j;
        *j-- = kept;
      }
    }
    if (j - low < high - i) {
      quicksort(low, j);
      low = i;
    } else {
      quicksort(i, high);
      high = j;
    }
  }
  for (int64_t *i = low + 1; i <= high; i++) {
    int64_t value = *i, *j = i;
    for (; j > low && j[-1] > value; j--) *j = j[-1];
    *j = value;
  }
}

static NOINLINE void sift(uint32_t *heap, int at, int count) {
  uint32_t value = heap[at];
  for (;;) {
    int child = 2 * at + 1;
    if (child >= count) break;
    if (child + 1 < count && heap[child + 1] > heap[child]) child++;
    if (heap[child] <= value) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = value;
}

static NOINLINE void heapsort(uint32_t *heap, int count) {
  for (int i = count / 2 - 1; i >= 0; i--) sift(heap, i, count);
  while (--count > 0) {
    uint32_t largest = heap[0];
    heap[0] = heap[count];
    heap[count] = largest;
    sift(heap, 0, count);
  }
}

static uint64_t run(uint64_t iterations) {
  uint64_t seed = 6, sum = 0;
  for (uint64_t n = 0; n < iterations; n++) {
    for (int i = 0; i < COUNT; i++) {
      wide[i] = (int64_t)((uint64_t)next_random(&seed) << 32 | next_random(&seed));
      narrow[i] = next_random(&seed);
    }
    quicksort(wide, wide + COUNT - 1);
    heapsort(narrow, COUNT);
    for (int i = 1; i < COUNT; i++) {
      if (wide[i - 1] > wide[i] || narrow[i - 1] > narrow[i]) return 0;
    }
    sum = mix(sum, wide[n % COUNT] ^ narrow[COUNT / 2]);
  }
  return sum;
}
