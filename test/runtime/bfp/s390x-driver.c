/*
 * Executes BFP instructions for the tests, under qemu-s390x. Standard input is a sequence of
 * 64-byte requests, standard output one of 32-byte responses; see oracle.ts.
 */
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
static int cc;

#define CC "ipm %[cc]\n\tsrl %[cc],28"
#define WITH_CC [cc] "=d"(cc)

#define EACH_M34(text, ...)                                                                        \
  switch (q->m3 * 16 + q->m4) {                                                                    \
  case 0x00: asm volatile(text("0", "0") __VA_ARGS__); break;                                      \
  case 0x10: asm volatile(text("1", "0") __VA_ARGS__); break;                                      \
  case 0x30: asm volatile(text("3", "0") __VA_ARGS__); break;                                      \
  case 0x40: asm volatile(text("4", "0") __VA_ARGS__); break;                                      \
  case 0x50: asm volatile(text("5", "0") __VA_ARGS__); break;                                      \
  case 0x60: asm volatile(text("6", "0") __VA_ARGS__); break;                                      \
  case 0x70: asm volatile(text("7", "0") __VA_ARGS__); break;                                      \
  case 0x04: asm volatile(text("0", "4") __VA_ARGS__); break;                                      \
  case 0x14: asm volatile(text("1", "4") __VA_ARGS__); break;                                      \
  case 0x34: asm volatile(text("3", "4") __VA_ARGS__); break;                                      \
  case 0x44: asm volatile(text("4", "4") __VA_ARGS__); break;                                      \
  case 0x54: asm volatile(text("5", "4") __VA_ARGS__); break;                                      \
  case 0x64: asm volatile(text("6", "4") __VA_ARGS__); break;                                      \
  case 0x74: asm volatile(text("7", "4") __VA_ARGS__); break;                                      \
  }

/* Everything that exists in all three formats; x is e, d or x. */
#define COMMON(name, type, x, mul)                                                                 \
  static int name(const struct request *q, struct response *r) {                                   \
    type a, b, c;                                                                                  \
    long g;                                                                                        \
    memcpy(&a, q->operand[0], sizeof a);                                                           \
    memcpy(&b, q->operand[1], sizeof b);                                                           \
    memcpy(&c, q->operand[2], sizeof c);                                                           \
    memcpy(&g, q->operand[0], sizeof g);                                                           \
    int integer = 0;                                                                               \
    switch (q->op) {                                                                               \
    case 0: asm volatile("a" #x "br %0,%2\n\t" CC : "+f"(a), WITH_CC : "f"(b) : "cc"); break;      \
    case 1: asm volatile("s" #x "br %0,%2\n\t" CC : "+f"(a), WITH_CC : "f"(b) : "cc"); break;      \
    case 2: asm volatile(mul " %0,%1" : "+f"(a) : "f"(b)); break;                                  \
    case 3: asm volatile("d" #x "br %0,%1" : "+f"(a) : "f"(b)); break;                             \
    case 4: asm volatile("sq" #x "br %0,%1" : "=f"(a) : "f"(a)); break;                            \
    case 5: asm volatile("c" #x "br %1,%2\n\t" CC : WITH_CC : "f"(a), "f"(b) : "cc"); break;       \
    case 6: asm volatile("k" #x "br %1,%2\n\t" CC : WITH_CC : "f"(a), "f"(b) : "cc"); break;       \
    case 7: asm volatile("lt" #x "br %0,%2\n\t" CC : "=f"(a), WITH_CC : "f"(a) : "cc"); break;     \
    case 8: asm volatile("lc" #x "br %0,%2\n\t" CC : "=f"(a), WITH_CC : "f"(a) : "cc"); break;     \
    case 9: asm volatile("ln" #x "br %0,%2\n\t" CC : "=f"(a), WITH_CC : "f"(a) : "cc"); break;     \
    case 10: asm volatile("lp" #x "br %0,%2\n\t" CC : "=f"(a), WITH_CC : "f"(a) : "cc"); break;    \
    case 11:                                                                                       \
      memcpy(&g, q->operand[1], sizeof g);                                                         \
      asm volatile("tc" #x "b %1,0(%2)\n\t" CC : WITH_CC : "f"(a), "a"(g) : "cc");                 \
      break;                                                                                       \
    case 12:                                                                                       \
      EACH_M34(FI_##x, : "=f"(a) : "f"(a)) break;                                                  \
    case 16: EACH_M34(FROM_I32_##x, : "=f"(a) : "d"(g)) break;                                     \
    case 17: EACH_M34(FROM_I64_##x, : "=f"(a) : "d"(g)) break;                                     \
    case 18: EACH_M34(FROM_U32_##x, : "=f"(a) : "d"(g)) break;                                     \
    case 19: EACH_M34(FROM_U64_##x, : "=f"(a) : "d"(g)) break;                                     \
    case 20: integer = 1; EACH_M34(TO_I32_##x, : "+d"(g), WITH_CC : "f"(a) : "cc") break;          \
    case 21: integer = 1; EACH_M34(TO_I64_##x, : "+d"(g), WITH_CC : "f"(a) : "cc") break;          \
    case 22: integer = 1; EACH_M34(TO_U32_##x, : "+d"(g), WITH_CC : "f"(a) : "cc") break;          \
    case 23: integer = 1; EACH_M34(TO_U64_##x, : "+d"(g), WITH_CC : "f"(a) : "cc") break;          \
    default: return 0;                                                                             \
    }                                                                                              \
    if (integer)                                                                                   \
      memcpy(r->bits, &g, sizeof g);                                                               \
    else                                                                                           \
      memcpy(r->bits, &a, sizeof a);                                                               \
    return 1;                                                                                      \
  }

#define FI_e(m3, m4) "fiebra %0," m3 ",%1," m4
#define FI_d(m3, m4) "fidbra %0," m3 ",%1," m4
#define FI_x(m3, m4) "fixbra %0," m3 ",%1," m4
#define FROM_I32_e(m3, m4) "cefbra %0," m3 ",%1," m4
#define FROM_I32_d(m3, m4) "cdfbra %0," m3 ",%1," m4
#define FROM_I32_x(m3, m4) "cxfbra %0," m3 ",%1," m4
#define FROM_I64_e(m3, m4) "cegbra %0," m3 ",%1," m4
#define FROM_I64_d(m3, m4) "cdgbra %0," m3 ",%1," m4
#define FROM_I64_x(m3, m4) "cxgbra %0," m3 ",%1," m4
#define FROM_U32_e(m3, m4) "celfbr %0," m3 ",%1," m4
#define FROM_U32_d(m3, m4) "cdlfbr %0," m3 ",%1," m4
#define FROM_U32_x(m3, m4) "cxlfbr %0," m3 ",%1," m4
#define FROM_U64_e(m3, m4) "celgbr %0," m3 ",%1," m4
#define FROM_U64_d(m3, m4) "cdlgbr %0," m3 ",%1," m4
#define FROM_U64_x(m3, m4) "cxlgbr %0," m3 ",%1," m4
#define TO(name, m3, m4) name " %0," m3 ",%2," m4 "\n\t" CC
#define TO_I32_e(m3, m4) TO("cfebra", m3, m4)
#define TO_I32_d(m3, m4) TO("cfdbra", m3, m4)
#define TO_I32_x(m3, m4) TO("cfxbra", m3, m4)
#define TO_I64_e(m3, m4) TO("cgebra", m3, m4)
#define TO_I64_d(m3, m4) TO("cgdbra", m3, m4)
#define TO_I64_x(m3, m4) TO("cgxbra", m3, m4)
#define TO_U32_e(m3, m4) TO("clfebr", m3, m4)
#define TO_U32_d(m3, m4) TO("clfdbr", m3, m4)
#define TO_U32_x(m3, m4) TO("clfxbr", m3, m4)
#define TO_U64_e(m3, m4) TO("clgebr", m3, m4)
#define TO_U64_d(m3, m4) TO("clgdbr", m3, m4)
#define TO_U64_x(m3, m4) TO("clgxbr", m3, m4)

COMMON(common_short, float, e, "meebr")
COMMON(common_long, double, d, "mdbr")
COMMON(common_extended, long double, x, "mxbr")

#define LEDBRA(m3, m4) "ledbra %0," m3 ",%1," m4
#define LDXBRA(m3, m4) "ldxbra %0," m3 ",%1," m4
#define LEXBRA(m3, m4) "lexbra %0," m3 ",%1," m4

/* Instructions with two formats, and the fused ones, which have no extended form. */
static void special(const struct request *q, struct response *r) {
  float e, e2, e3;
  double d, d2, d3;
  long double x;
  memcpy(&e, q->operand[0], sizeof e);
  memcpy(&e2, q->operand[1], sizeof e);
  memcpy(&e3, q->operand[2], sizeof e);
  memcpy(&d, q->operand[0], sizeof d);
  memcpy(&d2, q->operand[1], sizeof d);
  memcpy(&d3, q->operand[2], sizeof d);
  memcpy(&x, q->operand[0], sizeof x);
  switch (q->op) {
  case 32: asm volatile("ldebr %0,%1" : "=f"(d) : "f"(e)); memcpy(r->bits, &d, 8); break;
  case 33: asm volatile("lxdbr %0,%1" : "=f"(x) : "f"(d)); memcpy(r->bits, &x, 16); break;
  case 34: asm volatile("lxebr %0,%1" : "=f"(x) : "f"(e)); memcpy(r->bits, &x, 16); break;
  case 35: EACH_M34(LEDBRA, : "=f"(e) : "f"(d)) memcpy(r->bits, &e, 4); break;
  case 36: EACH_M34(LDXBRA, : "=f"(x) : "f"(x)) memcpy(r->bits, &x, 8); break;
  case 37: EACH_M34(LEXBRA, : "=f"(x) : "f"(x)) memcpy(r->bits, &x, 4); break;
  case 38:
    if (q->format == 0) {
      asm volatile("maebr %0,%2,%1" : "+f"(e) : "f"(e2), "f"(e3));
      memcpy(r->bits, &e, 4);
    } else {
      asm volatile("madbr %0,%2,%1" : "+f"(d) : "f"(d2), "f"(d3));
      memcpy(r->bits, &d, 8);
    }
    break;
  case 39:
    if (q->format == 0) {
      asm volatile("msebr %0,%2,%1" : "+f"(e) : "f"(e2), "f"(e3));
      memcpy(r->bits, &e, 4);
    } else {
      asm volatile("msdbr %0,%2,%1" : "+f"(d) : "f"(d2), "f"(d3));
      memcpy(r->bits, &d, 8);
    }
    break;
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
      uint32_t fpc = q->brm;
      memset(r, 0, sizeof *r);
      cc = 0;
      asm volatile("sfpc %0" : : "d"(fpc));
      if ((q->format == 0 && common_short(q, r)) || (q->format == 1 && common_long(q, r)) ||
          (q->format == 2 && common_extended(q, r)))
        ;
      else
        special(q, r);
      asm volatile("efpc %0" : "=d"(fpc));
      r->flags = fpc >> 16;
      r->cc = cc;
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
