/* Pointer chasing: a linked list in shuffled order, walked, counted and reversed. */
#define NAME "list"
#define ITERATIONS 4000
#include "runtime.h"

enum { NODES = 16384 };

struct node {
  struct node *next;
  uint32_t value, visits;
};

static struct node nodes[NODES];
static uint32_t order[NODES];

static NOINLINE uint64_t walk(struct node *at, uint32_t limit) {
  uint64_t sum = 0;
  for (; at; at = at->next) {
    at->visits++;
    if (at->value > limit) sum += at->value;
    else sum ^= at->visits;
  }
  return sum;
}

static NOINLINE struct node *reverse(struct node *at) {
  struct node *before = 0;
  while (at) {
    struct node *next = at->next;
    at->next = before;
    before = at;
    at = next;
  }
  return before;
}

static uint64_t run(uint64_t iterations) {
  uint64_t seed = 3, sum = 0;
  for (uint32_t i = 0; i < NODES; i++) order[i] = i;
  for (uint32_t i = NODES - 1; i > 0; i--) {
    uint32_t j = next_random(&seed) % (i + 1), kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
  for (uint32_t i = 0; i < NODES; i++) {
    nodes[order[i]].value = next_random(&seed);
    nodes[order[i]].next = i + 1 < NODES ? &nodes[order[i + 1]] : 0;
  }
  struct node *head = &nodes[order[0]];
  for (uint64_t n = 0; n < iterations; n++) {
    sum = mix(sum, walk(head, 0x40000000 + (uint32_t)n * 99991));
    if (n % 4 == 3) head = reverse(head);
  }
  return sum;
}
