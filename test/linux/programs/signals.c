/* Sending, blocking, waiting, alternate stacks, interrupted and restarted calls. */
#include "guest.h"

static volatile int taken, depth;
static char stack[16384] __attribute__((aligned(8)));

static int on_stack(void *address) {
  return (char *)address >= stack && (char *)address < stack + sizeof(stack);
}

static void count(int signal) { taken = taken * 100 + signal; }

static void show(int signal, struct siginfo *info, struct ucontext *context) {
  int here;
  print("handler: signal %d code %d %s stack, mask %x, old stack flags %d size %l\n", signal,
        info->code, on_stack(&here) ? "alternate" : "normal", context->mask, context->stack.flags,
        context->stack.size);
  if (signal == SIGUSR1 && depth++ == 0) SYS(NR_kill, own_pid(), SIGUSR2);
  u64 mask;
  SYS(NR_rt_sigprocmask, 0, 0, &mask, 8);
  print("  blocked inside: %x\n", mask);
}

/* A handler of the old kind gets a sigcontext; it changes the r2 that the interrupted code has. */
struct sigcontext {
  u64 mask;
  struct registers *registers;
};
static void old_kind(int signal, struct sigcontext *context) {
  print("old kind: signal %d mask %x r9 %x\n", signal, context->mask, context->registers->gr[9]);
  context->registers->gr[9] = 0x99;
}

static u64 send_to_self(int signal) {
  register u64 r9 __asm__("r9") = 0x9;
  i64 pid = own_pid();
  register i64 r1 __asm__("r1") = NR_kill, r2 __asm__("r2") = pid, r3 __asm__("r3") = signal;
  __asm__ volatile("svc 0" : "+r"(r2), "+r"(r9) : "r"(r1), "r"(r3) : "memory", "cc");
  return r9;
}

static void note(int signal) { taken = signal; }

/* Again and again until told otherwise: the first may come before the call that it is to interrupt. */
static void alarms(int on) {
  i64 value[4] = {0, on ? 20000 : 0, 0, on ? 5000 : 0};
  taken = 0;
  SYS(NR_setitimer, 0, value, 0);
}

int guest_main(int argc, char **argv, char **envp, u64 *auxv) {
  (void)argc, (void)argv, (void)envp, (void)auxv;
  i64 pid = own_pid();
  struct stack alternate = {stack, 0, sizeof(stack)}, old;
  print("sigaltstack %l\n", SYS(NR_sigaltstack, &alternate, &old));
  print("before: flags %d size %l\n", old.flags, old.size);
  handle(SIGUSR1, show, SA_SIGINFO | SA_ONSTACK, signal_bit(SIGTERM));
  handle(SIGUSR2, show, SA_SIGINFO | SA_ONSTACK | SA_NODEFER, 0);
  SYS(NR_kill, pid, SIGUSR1);
  SYS(NR_tgkill, pid, pid, SIGUSR2);

  handle(SIGUSR1, old_kind, 0, 0);
  print("r9 after the old kind: %x\n", send_to_self(SIGUSR1));

  /* Blocked signals wait; standard ones are sent once, real-time ones queue. */
  handle(SIGUSR1, count, 0, 0);
  handle(SIGUSR2, count, 0, 0);
  handle(SIGRTMIN, count, 0, 0);
  u64 both = signal_bit(SIGUSR1) | signal_bit(SIGUSR2) | signal_bit(SIGRTMIN), mask, pending;
  SYS(NR_rt_sigprocmask, 0, &both, &mask, 8);
  for (int i = 0; i < 2; i++) {
    SYS(NR_kill, pid, SIGRTMIN);
    SYS(NR_kill, pid, SIGUSR2);
    SYS(NR_kill, pid, SIGUSR1);
  }
  SYS(NR_rt_sigpending, &pending, 8);
  print("pending %x, taken %d\n", pending, taken);
  SYS(NR_rt_sigprocmask, 2, &mask, 0, 8);
  print("taken %d\n", taken);

  /* sigtimedwait takes a blocked signal with what was sent along; and times out. */
  SYS(NR_rt_sigprocmask, 0, &both, 0, 8);
  struct siginfo info = {.signal = SIGUSR1, .code = -1, .queued = {(int)pid, 0, 0x1122334455}};
  print("sigqueue %l\n", SYS(NR_rt_sigqueueinfo, pid, SIGUSR1, &info));
  struct timespec short_time = {0, 1000000};
  u64 wanted = signal_bit(SIGUSR1);
  struct siginfo got;
  print("sigtimedwait %l", SYS(NR_rt_sigtimedwait, &wanted, &got, &short_time, 8));
  print(" code %d value %x\n", got.code, got.queued.value);
  print("sigtimedwait %l\n", SYS(NR_rt_sigtimedwait, &wanted, &got, &short_time, 8));

  /* sigsuspend opens the mask for one signal and closes it again. */
  taken = 0;
  SYS(NR_kill, pid, SIGUSR2);
  u64 open = both & ~signal_bit(SIGUSR2);
  print("sigsuspend %l", SYS(NR_rt_sigsuspend, &open, 8));
  SYS(NR_rt_sigprocmask, 0, 0, &mask, 8);
  print(" taken %d mask %x\n", taken, mask);
  SYS(NR_rt_sigprocmask, 1, &both, 0, 8);

  /* A read is interrupted, or with SA_RESTART goes on after the handler. */
  int pipe_ends[2];
  SYS(NR_pipe, pipe_ends);
  char byte;
  handle(SIGALRM, note, 0, 0);
  alarms(1);
  print("read without SA_RESTART %l taken %d\n", SYS(NR_read, pipe_ends[0], &byte, 1), taken);
  alarms(0);
  handle(SIGALRM, note, SA_RESTART, 0);
  i64 child = SYS(NR_fork);
  if (child == 0) {
    struct timespec time = {0, 50000000};
    SYS(NR_nanosleep, &time, 0);
    SYS(NR_write, pipe_ends[1], "x", 1);
    SYS(NR_exit_group, 0);
  }
  alarms(1);
  i64 length = SYS(NR_read, pipe_ends[0], &byte, 1);
  print("read with SA_RESTART %l taken %d\n", length, taken);
  alarms(0);
  SYS(NR_wait4, child, 0, 0, 0);
  struct timespec second = {100, 0}, left = {0, 0};
  alarms(1);
  i64 slept = SYS(NR_nanosleep, &second, &left);
  print("nanosleep %l left %s\n", slept, left.seconds > 80 ? "most" : "little");
  alarms(0);

  /* SA_RESETHAND; sending nothing; bad arguments; ignoring. */
  handle(SIGUSR1, count, SA_RESETHAND, 0);
  SYS(NR_kill, pid, SIGUSR1);
  struct sigaction action;
  SYS(NR_rt_sigaction, SIGUSR1, 0, &action, 8);
  print("after SA_RESETHAND: %l\n", (i64)action.handler);
  print("kill 0 %l, kill 65 %l, no such process %l\n", SYS(NR_kill, pid, 0), SYS(NR_kill, pid, 65),
        SYS(NR_kill, 999999, 0));
  print("SIGKILL cannot be caught %l\n", SYS(NR_rt_sigaction, SIGKILL, &action, 0, 8));
  handle(SIGUSR1, (void *)1, 0, 0);
  SYS(NR_kill, pid, SIGUSR1);
  print("ignored\n");

  /* A frame that does not fit ends the program, whatever the handler. */
  child = SYS(NR_fork);
  if (child == 0) {
    alternate.address = (void *)0x200000;
    SYS(NR_sigaltstack, &alternate, 0);
    handle(SIGUSR1, show, SA_SIGINFO | SA_ONSTACK, 0);
    SYS(NR_kill, own_pid(), SIGUSR1);
    print("not reached\n");
  }
  int status;
  SYS(NR_wait4, child, &status, 0, 0);
  print("no room for the frame: status %x\n", (u64)(status & 0x7f));
  SYS(NR_kill, pid, SIGTERM);
  return 0;
}
