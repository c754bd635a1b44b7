/*
 * What the test programs here stand on: start-up, system calls, output and the Linux structures they
 * check, without a C library, so that a binary is a few kilobytes. Build all with
 * `node test/linux/programs/build.ts`.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
typedef int64_t i64;
typedef uint32_t u32;

int guest_main(int argc, char **argv, char **envp, u64 *auxv);

__asm__(".text\n"
        ".globl _start\n"
        ".type _start, @function\n"
        "_start:\n"
        "  lgr %r2,%r15\n"
        "  aghi %r15,-160\n"
        "  xc 0(8,%r15),0(%r15)\n"
        "  brasl %r14,guest_start\n"
        ".size _start, .-_start\n");

static inline i64 syscall6(i64 number, i64 a, i64 b, i64 c, i64 d, i64 e, i64 f) {
  register i64 r1 __asm__("r1") = number;
  register i64 r2 __asm__("r2") = a;
  register i64 r3 __asm__("r3") = b;
  register i64 r4 __asm__("r4") = c;
  register i64 r5 __asm__("r5") = d;
  register i64 r6 __asm__("r6") = e;
  register i64 r7 __asm__("r7") = f;
  __asm__ volatile("svc 0"
                   : "+r"(r2)
                   : "r"(r1), "r"(r3), "r"(r4), "r"(r5), "r"(r6), "r"(r7)
                   : "memory", "cc");
  return r2;
}
#define SYS(number, ...) SYS_(number, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define SYS_(number, a, b, c, d, e, f, ...) \
  syscall6(number, (i64)(a), (i64)(b), (i64)(c), (i64)(d), (i64)(e), (i64)(f))

/* A function, because a macro does not expand inside itself. */
static i64 own_pid(void) { return syscall6(20, 0, 0, 0, 0, 0, 0); }

enum {
  NR_exit = 1, NR_fork = 2, NR_read = 3, NR_write = 4, NR_close = 6, NR_execve = 11, NR_getpid = 20,
  NR_alarm = 27, NR_pause = 29, NR_kill = 37, NR_pipe = 42, NR_brk = 45, NR_mmap = 90,
  NR_munmap = 91, NR_setitimer = 104, NR_wait4 = 114, NR_clone = 120, NR_mprotect = 125,
  NR_sched_yield = 158, NR_nanosleep = 162, NR_mremap = 163, NR_rt_sigreturn = 173,
  NR_rt_sigaction = 174, NR_rt_sigprocmask = 175, NR_rt_sigpending = 176, NR_rt_sigtimedwait = 177,
  NR_rt_sigqueueinfo = 178, NR_rt_sigsuspend = 179, NR_sigaltstack = 186, NR_vfork = 190,
  NR_madvise = 219, NR_gettid = 236, NR_tkill = 237, NR_futex = 238, NR_tgkill = 241,
  NR_exit_group = 248, NR_set_tid_address = 252, NR_timer_create = 254, NR_timer_settime = 255,
  NR_timer_getoverrun = 257, NR_timer_delete = 258, NR_clock_gettime = 260,
  NR_clock_nanosleep = 262, NR_waitid = 281, NR_openat = 288, NR_set_robust_list = 304,
};

enum {
  SIGINT = 2, SIGILL = 4, SIGTRAP = 5, SIGABRT = 6, SIGBUS = 7, SIGFPE = 8, SIGKILL = 9,
  SIGUSR1 = 10, SIGSEGV = 11, SIGUSR2 = 12, SIGALRM = 14, SIGTERM = 15, SIGCHLD = 17, SIGCONT = 18,
  SIGSTOP = 19, SIGRTMIN = 34,
};

enum {
  SA_NOCLDSTOP = 1, SA_NOCLDWAIT = 2, SA_SIGINFO = 4, SA_ONSTACK = 0x08000000,
  SA_RESTART = 0x10000000, SA_NODEFER = 0x40000000,
};
#define SA_RESETHAND 0x80000000u

enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4 };
enum { MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_FIXED = 0x10, MAP_ANONYMOUS = 0x20 };

struct timespec { i64 seconds, nanoseconds; };
struct sigaction { void *handler; u64 flags; void *restorer; u64 mask; };
struct stack { void *address; int flags; u64 size; };
struct siginfo {
  int signal, error, code, padding;
  union {
    void *address;
    struct { int pid, uid, status; } child;
    struct { int pid, uid; u64 value; } queued;
    struct { int id, overrun; u64 value; } timer;
    char bytes[112];
  };
};
struct registers {
  u64 psw_mask, psw_address, gr[16];
  u32 ar[16], fpc, padding;
  u64 fpr[16];
};
struct ucontext {
  u64 flags;
  struct ucontext *link;
  struct stack stack;
  struct registers registers;
  u64 mask;
};

static void put_bytes(const char *text, size_t length) { SYS(NR_write, 1, text, length); }

static char *append_number(char *at, u64 value, unsigned base) {
  char digits[24];
  int n = 0;
  do digits[n++] = "0123456789abcdef"[value % base];
  while (value /= base);
  while (n) *at++ = digits[--n];
  return at;
}

/* %d (int), %l (i64), %x (u64), %s, each to standard output in one write. */
static void print(const char *format, ...) {
  char line[512], *at = line;
  va_list list;
  va_start(list, format);
  for (; *format; format++) {
    if (*format != '%') {
      *at++ = *format;
      continue;
    }
    i64 value;
    switch (*++format) {
      case 'd':
      case 'l':
        value = *format == 'd' ? va_arg(list, int) : va_arg(list, i64);
        if (value < 0) *at++ = '-';
        at = append_number(at, value < 0 ? -(u64)value : (u64)value, 10);
        break;
      case 'x':
        at = append_number(at, va_arg(list, u64), 16);
        break;
      case 's':
        for (const char *text = va_arg(list, const char *); *text;) *at++ = *text++;
        break;
    }
  }
  va_end(list);
  put_bytes(line, at - line);
}

void *memset(void *to, int byte, size_t length) {
  for (volatile char *at = to; length--;) *at++ = byte;
  return to;
}
void *memcpy(void *to, const void *from, size_t length) {
  volatile char *at = to;
  for (const char *source = from; length--;) *at++ = *source++;
  return to;
}

static void handle(int signal, void *handler, u64 flags, u64 mask) {
  struct sigaction action = {handler, flags, 0, mask};
  SYS(NR_rt_sigaction, signal, &action, 0, 8);
}

static u64 signal_bit(int signal) { return 1ull << (signal - 1); }

static void *map(void *address, u64 length, int prot, int flags, int fd, u64 offset) {
  u64 block[6] = {(u64)address, length, prot, flags, (u64)(i64)fd, offset};
  return (void *)SYS(NR_mmap, block);
}

__attribute__((used, noreturn)) void guest_start(u64 *stack) {
  int argc = stack[0];
  char **argv = (char **)(stack + 1), **envp = argv + argc + 1, **end = envp;
  while (*end) end++;
  SYS(NR_exit_group, guest_main(argc, argv, envp, (u64 *)(end + 1)));
  __builtin_unreachable();
}
