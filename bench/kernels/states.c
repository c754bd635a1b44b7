/* A state machine: a scanner of numbers, one switch over the state for each byte of text. */
#define NAME "states"
#define ITERATIONS 3000
#include "runtime.h"

enum { SIZE = 16384 };
enum state { START, SIGN, WHOLE, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, SCALE, HEX, BAD, STATES };

static char text[SIZE];
static uint32_t final[STATES], moves[STATES];

static inline int is_digit(char c) { return (unsigned char)(c - '0') < 10; }

static NOINLINE enum state scan(const char **at, const char *end) {
  enum state state = START;
  const char *p = *at;
  for (; p < end && *p != ','; p++) {
    char c = *p;
    enum state next = BAD;
    switch (state) {
      case START:
        if (is_digit(c)) next = WHOLE;
        else if (c == '+' || c == '-') next = SIGN;
        else if (c == '.') next = POINT;
        else if (c == 'x') next = HEX;
        break;
      case SIGN:
        if (is_digit(c)) next = WHOLE;
        else if (c == '.') next = POINT;
        break;
      case WHOLE:
        if (is_digit(c)) next = WHOLE;
        else if (c == '.') next = FRACTION;
        else if (c == 'e') next = EXPONENT;
        break;
      case POINT:
        if (is_digit(c)) next = FRACTION;
        break;
      case FRACTION:
        if (is_digit(c)) next = FRACTION;
        else if (c == 'e') next = EXPONENT;
        break;
      case EXPONENT:
        if (is_digit(c)) next = SCALE;
        else if (c == '+' || c == '-') next = EXPONENT_SIGN;
        break;
      case EXPONENT_SIGN:
      case SCALE:
        if (is_digit(c)) next = SCALE;
        break;
      case HEX:
        if (is_digit(c) || (c >= 'a' && c <= 'f')) next = HEX;
        break;
      default:
        break;
    }
    if (next != state) moves[state]++;
    state = next;
  }
  *at = p < end ? p + 1 : p;
  return state;
}

static uint64_t run(uint64_t iterations) {
  static const char alphabet[] = "0123456789012345678901234567890123456789..e+-xa,,,,";
  uint64_t seed = 7, sum = 0;
  for (int i = 0; i < SIZE; i++) text[i] = alphabet[next_random(&seed) % (sizeof alphabet - 1)];
  for (uint64_t n = 0; n < iterations; n++) {
    const char *at = text;
    while (at < text + SIZE) final[scan(&at, text + SIZE)]++;
    /* A different text each time. */
    text[n % SIZE] = alphabet[next_random(&seed) % (sizeof alphabet - 1)];
  }
  for (int i = 0; i < STATES; i++) sum = mix(mix(sum, final[i]), moves[i]);
  return sum;
}
