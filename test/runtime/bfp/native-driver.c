/*
 * Executes BFP operations for the tests on the machine the tests run on: short and long by its
 * own floating-point unit, extended by libgcc. Requests and responses as in s390x-driver.c, with
 * the host's byte order inside an operand. Rounding modes are the FPC's 0-3.
 */
#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

struct request {
  uint8_t op, format, m3, m4, brm, pad[11];
  uint8_t operand[3][16];
};

struct response {
  uint8_t bits[16];
  uint8_t flags, cc, pad[14];
};

static struct request in[4096];
static struct response out[4096];
static const int modes[4] = {FE_TONEAREST, FE_TOWARDZERO, FE_UPWARD, FE_DOWNWARD};

#define COMMON(name, type, root, fused)                                                            \
  __attribute__((noinline)) static void name(const struct request *q, struct response *r) {        \
    volatile type a, b, c, z = 0;                                                                  \
    memcpy((void *)&a, q->operand[0], sizeof a);                                                   \
    memcpy((void *)&b, q->operand[1], sizeof b);                                                   \
    memcpy((void *)&c, q->operand[2], sizeof c);                                                   \
    feclearexcept(FE_ALL_EXCEPT);                                                                  \
    switch (q->op) {                                                                               \
    case 0: z = a + b; break;                                                                      \
    case 1: z = a - b; break;                                                                      \
    case 2: z = a * b; break;                                                                      \
    case 3: z = a / b; break;                                                                      \
    case 4: z = root(a); break;                                                                    \
    case 38: z = fused(b, c, a); break;                                                            \
    }                                                                                              \
    memcpy(r->bits, (void *)&z, sizeof z);                                                         \
  }

#define NO_ROOT(a) (a)
#define NO_FUSED(a, b, c) (a)
COMMON(common_short, float, sqrtf, fmaf)
COMMON(common_long, double, sqrt, fma)
COMMON(common_extended, __float128, NO_ROOT, NO_FUSED)

__attribute__((noinline)) static void convert(const struct request *q, struct response *r) {
  volatile float e;
  volatile double d;
  volatile __float128 x;
  memcpy((void *)&e, q->operand[0], sizeof e);
  memcpy((void *)&d, q->operand[0], sizeof d);
  memcpy((void *)&x, q->operand[0], sizeof x);
  feclearexcept(FE_ALL_EXCEPT);
  switch (q->op) {
  case 32: d = e; memcpy(r->bits, (void *)&d, 8); break;
  case 33: x = d; memcpy(r->bits, (void *)&x, 16); break;
  case 34: x = e; memcpy(r->bits, (void *)&x, 16); break;
  case 35: e = d; memcpy(r->bits, (void *)&e, 4); break;
  case 36: d = x; memcpy(r->bits, (void *)&d, 8); break;
  case 37: e = x; memcpy(r->bits, (void *)&e, 4); break;
  }
}

static int fill(void) {
  size_t have = 0;
  ssize_t n;
  while (have < sizeof in && (n = read(0, (char *)in + have, sizeof in - have)) > 0)
    have += n;
  return have / sizeof in[0];
}

int main(void) {
  int n;
  while ((n = fill()) > 0) {
    for (int i = 0; i < n; i++) {
      const struct request *q = &in[i];
      struct response *r = &out[i];
      memset(r, 0, sizeof *r);
      fesetround(modes[q->brm]);
      if (q->op >= 32 && q->op <= 37)
        convert(q, r);
      else if (q->format == 0)
        common_short(q, r);
      else if (q->format == 1)
        common_long(q, r);
      else
        common_extended(q, r);
      int raised = fetestexcept(FE_ALL_EXCEPT);
      r->flags = (raised & FE_INVALID ? 0x80 : 0) | (raised & FE_DIVBYZERO ? 0x40 : 0) |
                 (raised & FE_OVERFLOW ? 0x20 : 0) | (raised & FE_UNDERFLOW ? 0x10 : 0) |
                 (raised & FE_INEXACT ? 0x08 : 0);
    }
    const char *p = (char *)out;
    size_t left = n * sizeof out[0];
    while (left > 0) {
      ssize_t done = write(1, p, left);
      if (done <= 0)
        return 1;
      p += done;
      left -= done;
    }
  }
  return 0;
}
