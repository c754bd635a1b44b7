/* Processes: fork, vfork, execve, waiting, exit statuses, stopping, SIGCHLD, groups. */
#include "guest.h"

enum { WNOHANG = 1, WUNTRACED = 2, WCONTINUED = 8, WEXITED = 4, WNOWAIT = 0x1000000, P_PID = 1 };

static volatile int children;
static int shared_by_vfork;

static void child_signal(int signal, struct siginfo *info, void *context) {
  (void)context;
  children++;
  print("SIGCHLD %d code %d status %d\n", signal, info->code, info->child.status);
}

static int wait_status(i64 pid, int options) {
  int status = -1;
  i64 got = SYS(NR_wait4, pid, &status, options, 0);
  if (got != pid) print("wait4 gave %s\n", got == 0 ? "0" : got < 0 ? "an error" : "another");
  return status;
}

int guest_main(int argc, char **argv, char **envp, u64 *auxv) {
  (void)auxv;
  if (argc > 1) {
    print("executed: argc %d argv0 %s argv1 %s env %s\n", argc, argv[0], argv[1], envp[0]);
    struct sigaction action;
    SYS(NR_rt_sigaction, SIGUSR1, 0, &action, 8);
    print("handler %s", action.handler == 0 ? "reset" : "kept");
    SYS(NR_rt_sigaction, SIGUSR2, 0, &action, 8);
    u64 mask;
    SYS(NR_rt_sigprocmask, 0, 0, &mask, 8);
    print(", ignored %s, mask %x\n", action.handler == (void *)1 ? "kept" : "lost", mask);
    return 17;
  }
  volatile int private = 1;
  i64 child = SYS(NR_fork);
  if (child == 0) {
    private = 2;
    SYS(NR_exit_group, private + 40);
  }
  print("exit status %x, own copy %d\n", (u64)wait_status(child, 0), private);

  child = SYS(NR_fork);
  if (child == 0) SYS(NR_kill, own_pid(), SIGTERM);
  print("ended by a signal %x\n", (u64)wait_status(child, 0));
  child = SYS(NR_fork);
  if (child == 0) *(volatile int *)8 = 1;
  print("ended by its own fault %x\n", (u64)(wait_status(child, 0) & 0x7f));

  child = SYS(NR_vfork);
  if (child == 0) {
    shared_by_vfork = 5;
    SYS(NR_exit_group, 6);
  }
  print("vfork %x shares %d\n", (u64)wait_status(child, 0), shared_by_vfork);

  handle(SIGUSR1, (void *)child_signal, 0, 0);
  handle(SIGUSR2, (void *)1, 0, 0);
  u64 blocked = signal_bit(SIGALRM);
  SYS(NR_rt_sigprocmask, 0, &blocked, 0, 8);
  child = SYS(NR_fork);
  if (child == 0) {
    char *arguments[] = {"renamed", "again", 0}, *environment[] = {"A=1", 0};
    SYS(NR_execve, argv[0], arguments, environment);
    print("execve failed\n");
    SYS(NR_exit_group, 1);
  }
  print("execve %x\n", (u64)wait_status(child, 0));
  char *none[] = {0};
  print("execve of nothing %l, of a directory %l, of no program %l\n",
        SYS(NR_execve, "/no/such/file", none, none), SYS(NR_execve, "/", none, none),
        SYS(NR_execve, "/etc/passwd", none, none));

  handle(SIGCHLD, child_signal, SA_SIGINFO, 0);
  child = SYS(NR_fork);
  if (child == 0) {
    SYS(NR_kill, own_pid(), SIGSTOP);
    SYS(NR_exit_group, 9);
  }
  print("stopped %x\n", (u64)wait_status(child, WUNTRACED));
  print("nothing yet %l\n", SYS(NR_wait4, child, 0, WNOHANG, 0));
  SYS(NR_kill, child, SIGCONT);
  print("continued %x\n", (u64)wait_status(child, WCONTINUED));
  struct siginfo info = {0};
  i64 result;
  do result = SYS(NR_waitid, P_PID, child, &info, WEXITED | WNOWAIT, 0);
  while (result == -4);
  print("waitid %l code %d status %d\n", result, info.code, info.child.status);
  print("then wait4 %x\n", (u64)wait_status(child, 0));
  print("nobody left %l\n", SYS(NR_wait4, -1, 0, 0, 0));
  print("SIGCHLD came %s\n", children >= 2 ? "twice or more" : "less often");

  handle(SIGCHLD, (void *)1, 0, 0);
  child = SYS(NR_fork);
  if (child == 0) SYS(NR_exit_group, 1);
  print("ignoring SIGCHLD leaves nobody to wait for %l\n", SYS(NR_wait4, -1, 0, 0, 0));
  return 0;
}
