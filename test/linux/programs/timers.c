/* Clocks, sleeping, interval timers and POSIX timers. */
#include "guest.h"

static volatile int alarms, value_seen;

static void on_alarm(int signal) {
  (void)signal;
  alarms++;
}

static void on_timer(int signal, struct siginfo *info, void *context) {
  (void)context;
  (void)signal;
  alarms++;
  value_seen = info->code == -2 ? (int)info->timer.value : -1;
}

static i64 now(int clock) {
  struct timespec time = {0, 0};
  SYS(NR_clock_gettime, clock, &time);
  return time.seconds * 1000000000 + time.nanoseconds;
}

static const char *between(i64 value, i64 low, i64 high) {
  return value < low ? "too short" : value > high ? "too long" : "right";
}

int guest_main(int argc, char **argv, char **envp, u64 *auxv) {
  (void)argc, (void)argv, (void)envp, (void)auxv;
  i64 ms = 1000000;
  i64 start = now(1);
  struct timespec time = {0, 20 * ms};
  print("nanosleep %l", SYS(NR_nanosleep, &time, 0));
  print(" %s\n", between(now(1) - start, 20 * ms, 2000 * ms));
  start = now(1);
  struct timespec until = {(start + 10 * ms) / 1000000000, (start + 10 * ms) % 1000000000};
  print("clock_nanosleep to a time %l", SYS(NR_clock_nanosleep, 1, 1, &until, 0));
  print(" %s\n", between(now(1) - start, 10 * ms, 2000 * ms));
  struct timespec bad = {0, 1000000000};
  print("bad time %l\n", SYS(NR_nanosleep, &bad, 0));
  i64 realtime = now(0) / 1000000000;
  print("real time %s\n", between(realtime, 1600000000, 5000000000));
  print("monotonic goes on %d\n", now(1) <= now(1));
  print("no such clock %l\n", SYS(NR_clock_gettime, 77, &time));
  i64 cpu = now(2);
  for (volatile int i = 0; i < 100000; i++) continue;
  print("CPU time grows %d\n", now(2) > cpu && now(3) > 0);

  handle(SIGALRM, on_alarm, 0, 0);
  i64 interval[4] = {0, 2000, 0, 2000};
  SYS(NR_setitimer, 0, interval, 0);
  while (alarms < 3) continue;
  i64 off[4] = {0, 0, 0, 0}, old[4];
  SYS(NR_setitimer, 0, off, old);
  print("setitimer: interval %l\n", old[1]);
  print("alarm %l", SYS(NR_alarm, 100));
  print(" then %l\n", SYS(NR_alarm, 0));

  handle(SIGUSR1, on_timer, SA_SIGINFO, 0);
  struct { u64 value; int signal, notify; char rest[48]; } event = {.value = 77, .signal = SIGUSR1};
  int id;
  alarms = 0;
  print("timer_create %l", SYS(NR_timer_create, 1, &event, &id));
  /* Again and again, for the first may come before pause. */
  i64 setting[4] = {0, 20 * ms, 0, 3 * ms};
  print(" timer_settime %l", SYS(NR_timer_settime, id, 0, setting, 0));
  while (alarms == 0) SYS(NR_pause);
  print(" value %d", value_seen);
  print(" timer_delete %l twice %l\n", SYS(NR_timer_delete, id), SYS(NR_timer_delete, id));
  return 0;
}
