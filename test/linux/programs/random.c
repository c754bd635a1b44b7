/* What the kernel gives out as random. */
#include "guest.h"

int guest_main(int argc, char **argv, char **envp, u64 *auxv) {
  (void)argc, (void)argv, (void)envp;
  u64 value = 0;
  SYS(349, &value, sizeof(value), 0);
  while (auxv[0] != 25) auxv += 2;
  print("getrandom %x AT_RANDOM %x\n", value, *(u64 *)auxv[1]);
  return 0;
}
