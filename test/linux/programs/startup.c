/* What a program finds on its stack and in its registers when it starts. */
#include "guest.h"

static const char *aux_name(u64 type) {
  switch (type) {
    case 3: return "PHDR";
    case 4: return "PHENT";
    case 5: return "PHNUM";
    case 6: return "PAGESZ";
    case 7: return "BASE";
    case 8: return "FLAGS";
    case 9: return "ENTRY";
    case 17: return "CLKTCK";
    case 23: return "SECURE";
    default: return 0;
  }
}

int guest_main(int argc, char **argv, char **envp, u64 *auxv) {
  print("stack pointer aligned %d\n", (u64)(argv - 1) % 16 == 0);
  for (int i = 0; i <= argc; i++) print("argv[%d] %s\n", i, argv[i] ? argv[i] : "(null)");
  for (int i = 0; envp[i]; i++) print("environment %s\n", envp[i]);
  for (; auxv[0]; auxv += 2) {
    if (aux_name(auxv[0])) print("AT_%s %x\n", aux_name(auxv[0]), auxv[1]);
    if (auxv[0] == 15) print("AT_PLATFORM %s\n", auxv[1]);
    if (auxv[0] == 16) print("AT_HWCAP vector %d zarch %d\n", (int)(auxv[1] >> 11 & 1), (int)(auxv[1] >> 1 & 1));
    if (auxv[0] == 25) print("AT_RANDOM %s\n", *(u64 *)auxv[1] | ((u64 *)auxv[1])[1] ? "is there" : "is zero");
    if (auxv[0] == 31) print("AT_EXECFN %s\n", auxv[1]);
  }
  u32 fpc;
  __asm__("efpc %0" : "=d"(fpc));
  print("fpc %x\n", (u64)fpc);
  return 0;
}
