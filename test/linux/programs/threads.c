/* Threads: clone with its ids and TLS, futexes, robust lists, exits of one and of all. */
#include "guest.h"

enum {
  CLONE_VM = 0x100, CLONE_FS = 0x200, CLONE_FILES = 0x400, CLONE_SIGHAND = 0x800,
  CLONE_THREAD = 0x10000, CLONE_SYSVSEM = 0x40000, CLONE_SETTLS = 0x80000,
  CLONE_PARENT_SETTID = 0x100000, CLONE_CHILD_CLEARTID = 0x200000, CLONE_CHILD_SETTID = 0x1000000,
};
#define THREAD_FLAGS                                                                       \
  (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |      \
   CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)
enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1, FUTEX_CMP_REQUEUE = 4, FUTEX_WAIT_BITSET = 9 };
#define PRIVATE 128
#define FUTEX_WAITERS 0x80000000u

#define THREADS 4
static char stacks[THREADS + 2][16384] __attribute__((aligned(16)));
static u32 thread_tid[THREADS + 2], start_gate, counter, lock_word, ready, condition;
static u64 tls_seen[THREADS];
static char order[64];
static u32 order_length;

static i64 futex(u32 *word, int operation, u32 value, void *timeout, u32 *word2, u32 value3) {
  return SYS(NR_futex, word, operation | PRIVATE, value, timeout, word2, value3);
}

/* Starts function(argument) on a new stack; the thread exits when it returns. */
static i64 start(int slot, u64 flags, void (*function)(u64), u64 argument, u64 tls) {
  u64 *top = (u64 *)(stacks[slot] + sizeof(stacks[slot])) - 24;
  top[20] = (u64)function;
  top[21] = argument;
  register i64 r1 __asm__("r1") = NR_clone;
  register i64 r2 __asm__("r2") = (i64)top, r3 __asm__("r3") = flags;
  register i64 r4 __asm__("r4") = (i64)&thread_tid[slot], r5 __asm__("r5") = (i64)&thread_tid[slot];
  register i64 r6 __asm__("r6") = tls;
  __asm__ volatile("svc 0\n"
                   "ltgr %%r2,%%r2\n"
                   "jne 1f\n"
                   "lg %%r1,160(%%r15)\n"
                   "lg %%r2,168(%%r15)\n"
                   "xc 0(8,%%r15),0(%%r15)\n"
                   "basr %%r14,%%r1\n"
                   "lghi %%r1,1\n"
                   "lghi %%r2,0\n"
                   "svc 0\n"
                   "1:\n"
                   : "+r"(r2)
                   : "r"(r1), "r"(r3), "r"(r4), "r"(r5), "r"(r6)
                   : "memory", "cc", "r14");
  return r2;
}

/* As pthread_join: the kernel clears the word and wakes. */
static void join(int slot) {
  for (;;) {
    u32 tid = __atomic_load_n(&thread_tid[slot], __ATOMIC_ACQUIRE);
    if (tid == 0) return;
    /* The kernel wakes without the private flag. */
    SYS(NR_futex, &thread_tid[slot], FUTEX_WAIT, tid, 0, 0, 0);
  }
}

static void lock(void) {
  u32 free = 0;
  if (__atomic_compare_exchange_n(&lock_word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) return;
  while (__atomic_exchange_n(&lock_word, 2, __ATOMIC_ACQUIRE) != 0)
    futex(&lock_word, FUTEX_WAIT, 2, 0, 0, 0);
}

static void unlock(void) {
  if (__atomic_exchange_n(&lock_word, 0, __ATOMIC_RELEASE) == 2)
    futex(&lock_word, FUTEX_WAKE, 1, 0, 0, 0);
}

static void worker(u64 number) {
  u32 high, low;
  __asm__("ear %0,%%a0\n ear %1,%%a1" : "=d"(high), "=d"(low));
  tls_seen[number] = (u64)high << 32 | low;
  while (__atomic_load_n(&start_gate, __ATOMIC_ACQUIRE) == 0) futex(&start_gate, FUTEX_WAIT, 0, 0, 0, 0);
  for (int i = 0; i < 1000; i++) {
    lock();
    u32 seen = counter;
    if (i % 100 == 0) SYS(NR_sched_yield);
    counter = seen + 1;
    unlock();
  }
  lock();
  order[order_length++] = 'a' + number;
  unlock();
}

static void waiter(u64 number) {
  (void)number;
  __atomic_add_fetch(&ready, 1, __ATOMIC_RELEASE);
  futex(&condition, FUTEX_WAIT_BITSET, 0, 0, 0, 0xffffffff);
  __atomic_add_fetch(&ready, 1, __ATOMIC_RELEASE);
}

/* A held robust mutex, in the layout of struct robust_list_head. */
static struct {
  void *next;
  i64 offset;
  void *pending;
} robust_head;
static struct {
  u32 word, padding;
  void *next;
} robust_mutex;

static void dies_with_mutex(u64 number) {
  (void)number;
  robust_head.next = &robust_mutex.next;
  robust_head.offset = (i64)&robust_mutex.word - (i64)&robust_mutex.next;
  robust_head.pending = 0;
  robust_mutex.next = &robust_head;
  robust_mutex.word = SYS(NR_gettid) | FUTEX_WAITERS;
  print("set_robust_list %l\n", SYS(NR_set_robust_list, &robust_head, 24));
}

static void sleeper(u64 number) {
  (void)number;
  futex(&start_gate, FUTEX_WAIT, 1, 0, 0, 0);
}

int guest_main(int argc, char **argv, char **envp, u64 *auxv) {
  (void)argc, (void)argv, (void)envp, (void)auxv;
  i64 pid = own_pid();
  for (int i = 0; i < THREADS; i++) {
    i64 tid = start(i, THREAD_FLAGS, worker, i, 0x1000000000ull * i + 0x100000);
    if (tid <= 0 || tid == pid || thread_tid[i] != tid) print("clone gave %l\n", tid);
  }
  start_gate = 1;
  print("woken %d at least\n", futex(&start_gate, FUTEX_WAKE, 100, 0, 0, 0) >= 0);
  for (int i = 0; i < THREADS; i++) join(i);
  print("counter %d, threads that finished %d\n", counter, order_length);
  for (int i = 0; i < THREADS; i++) print("tls of %d: %x\n", i, tls_seen[i]);

  for (int i = 0; i < 3; i++) start(i, THREAD_FLAGS, waiter, i, 0);
  while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) < 3) SYS(NR_sched_yield);
  for (int i = 0; i < 20; i++) SYS(NR_sched_yield);
  u32 other = 0;
  i64 moved = futex(&condition, FUTEX_CMP_REQUEUE, 1, (void *)100, &other, 1);
  print("requeue with a wrong value %l", moved);
  moved = futex(&condition, FUTEX_CMP_REQUEUE, 1, (void *)100, &other, 0);
  print(", with the right one %l, then woken %l\n", moved, futex(&other, FUTEX_WAKE, 100, 0, 0, 0));
  for (int i = 0; i < 3; i++) join(i);
  struct timespec time = {0, 1000000};
  print("futex: wrong value %l", futex(&condition, FUTEX_WAIT, 5, 0, 0, 0));
  print(" timeout %l", futex(&condition, FUTEX_WAIT, 0, &time, 0, 0));
  print(" misaligned %l\n", futex((u32 *)((u64)&condition + 2), FUTEX_WAIT, 0, 0, 0, 0));

  start(0, THREAD_FLAGS, dies_with_mutex, 0, 0);
  join(0);
  print("robust mutex %x\n", (u64)robust_mutex.word);

  start(1, THREAD_FLAGS, sleeper, 0, 0);
  print("leaving a sleeper behind\n");
  return 3;
}
