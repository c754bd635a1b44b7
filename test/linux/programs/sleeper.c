/* Sleeps until a signal comes; with an argument it has a handler for SIGINT. */
#include "guest.h"

static void handler(int signal) { print("handler %d\n", signal); }

int guest_main(int argc, char **argv, char **envp, u64 *auxv) {
  (void)argv, (void)envp, (void)auxv;
  if (argc > 1) handle(SIGINT, handler, 0, 0);
  print("sleeping\n");
  SYS(NR_pause);
  return 5;
}
