/*
 * What every kernel needs and nothing more: a start-up, output and an exit, without a C library, so
 * that a binary is a few kilobytes and starts at once.
 *
 * A kernel defines NAME and ITERATIONS and `run(iterations)`, whose work is proportional to its
 * argument. The program prints one line, `NAME ITERATIONS CHECKSUM`; the checksum depends on the
 * iteration count alone, on no timing and no byte order. On other machines the same source builds
 * against the C library, which gives the expected line.
 */
#include <stddef.h>
#include <stdint.h>

#define NOINLINE __attribute__((noinline))

static uint64_t run(uint64_t iterations);
int kernel_main(int argc, char **argv);

#ifdef __s390x__

__asm__(".text\n"
        ".globl _start\n"
        ".type _start, @function\n"
        "_start:\n"
        "  la %r3,8(%r15)\n"           /* argv */
        "  lg %r2,0(%r15)\n"           /* argc */
        "  aghi %r15,-160\n"           /* the register save area of the s390x ELF ABI */
        "  xc 0(8,%r15),0(%r15)\n"     /* no back chain: the outermost frame */
        "  brasl %r14,kernel_main\n"
        "  lghi %r1,248\n"             /* exit_group */
        "  svc 0\n"
        ".size _start, .-_start\n");

static void put(const char *text, size_t length) {
  register long number __asm__("r1") = 4; /* write */
  register long result __asm__("r2") = 1; /* standard output */
  register const char *address __asm__("r3") = text;
  register size_t count __asm__("r4") = length;
  __asm__ volatile("svc 0" : "+r"(result) : "r"(number), "r"(address), "r"(count) : "memory");
}

/*
 * GCC calls these two where the length varies. As C libraries for this machine do, they move 256
 * bytes with one MVC and the rest with an MVC that EXECUTE RELATIVE LONG gives its length.
 */
void *memcpy(void *to, const void *from, size_t length) {
  char *t = to;
  const char *f = from;
  for (; length > 256; length -= 256, t += 256, f += 256) {
    __asm__ volatile("mvc 0(256,%0),0(%1)" : : "a"(t), "a"(f) : "memory");
  }
  if (length) {
    __asm__ volatile("j 1f\n0: mvc 0(1,%0),0(%1)\n1: exrl %2,0b"
                     : : "a"(t), "a"(f), "a"(length - 1) : "memory");
  }
  return to;
}

void *memset(void *to, int byte, size_t length) {
  char *t = to;
  if (length == 0) return to;
  *t = byte;
  /* MVC works from left to right a byte at a time, so the first byte propagates. */
  for (length--; length > 256; length -= 256, t += 256) {
    __asm__ volatile("mvc 1(256,%0),0(%0)" : : "a"(t) : "memory");
  }
  if (length) {
    __asm__ volatile("j 1f\n0: mvc 1(1,%0),0(%0)\n1: exrl %1,0b"
                     : : "a"(t), "a"(length - 1) : "memory");
  }
  return to;
}

#else

#include <unistd.h>

static void put(const char *text, size_t length) {
  if (write(1, text, length) < 0) _exit(1);
}

int main(int argc, char **argv) { return kernel_main(argc, argv); }

#endif

static char *append_text(char *at, const char *text) {
  while (*text) *at++ = *text++;
  return at;
}

static char *append_decimal(char *at, uint64_t value) {
  char digits[20];
  int n = 0;
  do digits[n++] = '0' + value % 10;
  while (value /= 10);
  while (n) *at++ = digits[--n];
  return at;
}

static char *append_hex(char *at, uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4) *at++ = "0123456789abcdef"[value >> shift & 15];
  return at;
}

/* The same pseudo-random numbers everywhere (Knuth's MMIX constants; the high half is the better). */
static inline uint32_t next_random(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return *state >> 32;
}

/* Folds a value into a checksum. */
static inline uint64_t mix(uint64_t sum, uint64_t value) {
  sum = (sum ^ value) * 0x9e3779b97f4a7c15u;
  return sum ^ sum >> 29;
}

static inline uint64_t double_bits(double value) {
  union {
    double value;
    uint64_t bits;
  } both = {value};
  return both.bits;
}

int kernel_main(int argc, char **argv) {
  uint64_t iterations = ITERATIONS;
  if (argc > 1) {
    iterations = 0;
    for (const char *digit = argv[1]; *digit; digit++) {
      if (*digit < '0' || *digit > '9') {
        put("usage: " NAME " [ITERATIONS]\n", sizeof("usage: " NAME " [ITERATIONS]\n") - 1);
        return 2;
      }
      iterations = iterations * 10 + (*digit - '0');
    }
  }
  char line[80];
  char *end = append_text(line, NAME " ");
  end = append_text(append_decimal(end, iterations), " ");
  end = append_text(append_hex(end, run(iterations)), "\n");
  put(line, end - line);
  return 0;
}
