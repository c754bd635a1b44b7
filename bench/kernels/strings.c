/* Byte strings: length, comparison, search and case folding a byte at a time; block moves and
   clears of constant and variable length, which the compiler makes MVC, XC and EXECUTE of. */
#define NAME "strings"
#define ITERATIONS 5000
#include "runtime.h"

enum { WORDS = 512, WIDTH = 32, TEXT = WORDS * WIDTH };

static char words[WORDS][WIDTH];
static char text[TEXT + 1], copy[TEXT + 1];

static NOINLINE size_t length_of(const char *s) {
  const char *at = s;
  while (*at) at++;
  return at - s;
}

static NOINLINE int compare(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return (unsigned char)*a - (unsigned char)*b;
}

static NOINLINE const char *find(const char *s, const char *wanted) {
  for (; *s; s++) {
    const char *a = s, *b = wanted;
    while (*b && *a == *b) a++, b++;
    if (!*b) return s;
  }
  return 0;
}

static NOINLINE void fold_case(char *s) {
  for (; *s; s++) {
    if (*s >= 'a' && *s <= 'z') *s -= 'a' - 'A';
    else if (*s >= 'A' && *s <= 'Z') *s += 'a' - 'A';
  }
}

static NOINLINE void move(char *to, const char *from, size_t length) {
  __builtin_memcpy(to, from, length);
}

static NOINLINE void clear(char *to, size_t length) { __builtin_memset(to, 0, length); }

static uint64_t run(uint64_t iterations) {
  uint64_t seed = 4, sum = 0;
  for (int i = 0; i < WORDS; i++) {
    int length = 2 + next_random(&seed) % 12;
    for (int j = 0; j < length; j++) words[i][j] = 'a' + next_random(&seed) % 7;
  }
  for (uint64_t n = 0; n < iterations; n++) {
    char *at = text;
    for (int i = 0; i < WORDS; i++) {
      const char *word = words[(i * 7 + n) % WORDS];
      size_t length = length_of(word);
      move(at, word, length);
      at += length;
      *at++ = ' ';
    }
    *at = 0;
    size_t used = at - text;
    clear(copy, sizeof copy);
    move(copy, text, used);
    fold_case(copy + n % 16);
    sum = mix(sum, compare(text, copy) + used);
    const char *found = find(text, words[(n * 13 + 5) % WORDS]);
    if (found) sum = mix(sum, found - text);
    for (int i = 1; i < WORDS; i++) sum += compare(words[i - 1], words[i]) < 0;
    __builtin_memset(copy + n % 512, '-', 3 + n % 400);
    sum = mix(sum, (unsigned char)copy[n % 1024]);
    char block[WIDTH];
    __builtin_memcpy(block, copy + n % 64, WIDTH);
    __builtin_memset(block, ' ', 8);
    __builtin_memcpy(words[n % WORDS], block + 8, 4);
    if (!words[n % WORDS][0]) words[n % WORDS][0] = 'z';
  }
  return sum;
}
