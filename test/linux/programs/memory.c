/* mmap and its relatives, brk, permissions, growing stacks, code that changes. */
#include "guest.h"

enum { MAP_GROWSDOWN = 0x100, MAP_FIXED_NOREPLACE = 0x100000, MREMAP_MAYMOVE = 1, MREMAP_FIXED = 2 };
enum { MADV_DONTNEED = 4 };
#define PAGE 4096

static const char *outcome;
u64 resume;

static void fault(int signal, struct siginfo *info, struct ucontext *context) {
  (void)info;
  outcome = signal == SIGBUS ? "SIGBUS" : info->code == 1 ? "not mapped" : "not permitted";
  context->registers.psw_address = resume;
}

static const char *touch(char *address, int store) {
  outcome = "fine";
  if (store)
    __asm__ volatile("larl %%r1,1f\n stgrl %%r1,resume\n mvi 0(%0),5\n1:"
                     :
                     : "a"(address)
                     : "memory", "r1");
  else
    __asm__ volatile("larl %%r1,1f\n stgrl %%r1,resume\n cli 0(%0),5\n1:"
                     :
                     : "a"(address)
                     : "memory", "r1", "cc");
  return outcome;
}

static u64 recurse(int depth) {
  volatile char block[1000];
  block[0] = depth;
  return depth == 0 ? 0 : recurse(depth - 1) + block[0];
}

int guest_main(int argc, char **argv, char **envp, u64 *auxv) {
  (void)argc, (void)envp, (void)auxv;
  handle(SIGSEGV, fault, SA_SIGINFO, 0);
  handle(SIGBUS, fault, SA_SIGINFO, 0);
  int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

  char *area = map(0, 5 * PAGE, PROT_READ | PROT_WRITE, anonymous, -1, 0);
  print("anonymous: aligned %d zero %d\n", (u64)area % PAGE == 0, area[5 * PAGE - 1] == 0);
  print("munmap in the middle %l\n", SYS(NR_munmap, area + 2 * PAGE, PAGE));
  print("before %s, there %s, behind %s\n", touch(area + 2 * PAGE - 1, 1), touch(area + 2 * PAGE, 1),
        touch(area + 3 * PAGE, 1));
  char *hint = map(area + 2 * PAGE, PAGE, PROT_READ, anonymous, -1, 0);
  print("a free hint is taken %d", hint == area + 2 * PAGE);
  hint = map(area, PAGE, PROT_READ, anonymous, -1, 0);
  print(", a used one is not %d\n", hint != area && (i64)hint > 0);
  print("read-only: load %s, store %s\n", touch(area + 2 * PAGE, 0), touch(area + 2 * PAGE, 1));
  print("mprotect %l", SYS(NR_mprotect, area + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE));
  print(" then %s;", touch(area + 2 * PAGE, 1));
  print(" none %l", SYS(NR_mprotect, area + 2 * PAGE, PAGE, PROT_NONE));
  print(" then %s\n", touch(area + 2 * PAGE, 0));
  SYS(NR_munmap, area + 4 * PAGE, PAGE);
  print("mprotect over a hole %l, misaligned %l\n",
        SYS(NR_mprotect, area + 3 * PAGE, 2 * PAGE, PROT_READ), SYS(NR_mprotect, area + 1, PAGE, 1));
  print("fixed over something %d, not to replace %l\n",
        map(area + 3 * PAGE, PAGE, PROT_READ, anonymous | MAP_FIXED, -1, 0) == area + 3 * PAGE,
        (i64)map(area, PAGE, PROT_READ, anonymous | MAP_FIXED_NOREPLACE, -1, 0));
  print("replaced reads %d\n", area[3 * PAGE]);
  print("nothing %l, no type %l, misaligned offset %l\n", (i64)map(0, 0, 1, anonymous, -1, 0),
        (i64)map(0, PAGE, 1, MAP_ANONYMOUS, -1, 0), (i64)map(0, PAGE, 1, MAP_PRIVATE, 0, 12));

  char *moving = map(0, 2 * PAGE, PROT_READ | PROT_WRITE, anonymous, -1, 0);
  moving[0] = 1, moving[2 * PAGE - 1] = 2;
  char *moved = (char *)SYS(NR_mremap, moving, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
  print("mremap: kept %d %d, new %d\n", moved[0], moved[2 * PAGE - 1], moved[64 * PAGE - 1]);
  moved = (char *)SYS(NR_mremap, moved, 64 * PAGE, PAGE, 0);
  print("shrunk %d %s\n", moved[0], touch(moved + PAGE, 0));
  char *target = map(0, 4 * PAGE, PROT_NONE, anonymous, -1, 0);
  print("to a place %d", (char *)SYS(NR_mremap, moved, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                                     target + PAGE) == target + PAGE);
  print(" %d %s %s\n", target[PAGE], touch(moved, 0), touch(target + 3 * PAGE, 0));
  target[PAGE] = 7;
  print("madvise %l", SYS(NR_madvise, target + PAGE, PAGE, MADV_DONTNEED));
  print(" zero again %d\n", target[PAGE]);

  char *end = (char *)SYS(NR_brk, 0);
  print("brk grows %d", (char *)SYS(NR_brk, end + 10000) == end + 10000);
  end[0] = end[9999] = 3;
  print(" shrinks %d", (char *)SYS(NR_brk, end) == end);
  SYS(NR_brk, end + 10000);
  print(" and is zero again %d, refuses %d\n", end[9999],
        (char *)SYS(NR_brk, 0x7fffffff0000) == end + 10000);

  i64 file = SYS(NR_openat, -100, argv[0], 0, 0);
  char *whole = map(0, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  print("file: %x %s\n", (u64)whole[1] << 16 | whole[2] << 8 | whole[3], touch(whole, 1));
  print("beyond its end %s\n", touch(whole + 3 * PAGE + 100, 0));
  char *second = map(0, PAGE, PROT_READ, MAP_PRIVATE, file, PAGE);
  print("second page %s\n", second[0] == whole[PAGE] && second[4000] == whole[PAGE + 4000] ? "equal" : "differs");
  print("shared and writable of a read-only file %l\n",
        (i64)map(0, PAGE, PROT_WRITE, MAP_SHARED, file, 0));
  print("bad descriptor %l\n", (i64)map(0, PAGE, PROT_READ, MAP_PRIVATE, 99, 0));

  char *stack = map(0, 16 * PAGE, PROT_READ | PROT_WRITE, anonymous | MAP_GROWSDOWN, -1, 0);
  print("grows down: %s\n", touch(stack - 100, 1));
  print("deep recursion %l\n", recurse(5000) > 0);

  int *shared = map(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  i64 child = SYS(NR_fork);
  if (child == 0) {
    shared[1] = 42;
    while (__atomic_load_n(&shared[0], __ATOMIC_ACQUIRE) == 0) SYS(NR_sched_yield);
    shared[1]++;
    SYS(NR_exit_group, 0);
  }
  while (__atomic_load_n(&shared[1], __ATOMIC_ACQUIRE) == 0) SYS(NR_sched_yield);
  __atomic_store_n(&shared[0], 1, __ATOMIC_RELEASE);
  SYS(NR_wait4, child, 0, 0, 0);
  print("shared with a child %d\n", shared[1]);

  /* lghi %r2,N; br %r14 */
  unsigned char code[] = {0xa7, 0x29, 0, 1, 0x07, 0xfe};
  unsigned char *place = map(0, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, anonymous, -1, 0);
  i64 sum = 0;
  for (int i = 1; i <= 100; i++) {
    code[3] = i;
    memcpy(place, code, sizeof(code));
    sum += ((i64(*)(void))place)();
  }
  print("changing code %l\n", sum);
  return 0;
}
