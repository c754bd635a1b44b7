/* Program interruptions as signals: number, code, address, registers; handlers that change registers. */
#include "guest.h"

static const char *name;
/* Start and end of the instruction under test. */
u64 at, after;
static char read_only[8192];
static int leave_address;

static const char *place(u64 address) {
  if (address == at) return "at";
  if (address == after) return "after";
  return "elsewhere";
}

static void handler(int signal, struct siginfo *info, struct ucontext *context) {
  struct registers *r = &context->registers;
  print("%s: signal %d/%d code %d psw %s", name, signal, info->signal, info->code,
        place(r->psw_address));
  if (signal == SIGSEGV)
    print(" address %x", (u64)info->address);
  else
    print(" address %s", place((u64)info->address));
  print(" mask %x r7 %x r8 %x a2 %x f8 %x fpc %x\n", r->psw_mask & ~(3ull << 44), r->gr[7], r->gr[8],
        (u64)r->ar[2], r->fpr[8], (u64)r->fpc);
  r->gr[7] = 0x7777;
  r->gr[8] ^= 0xffffffffffffffff;
  r->fpr[8] = 0x4010000000000000;
  r->ar[2] = 0x12345678;
  r->fpc = 0;
  r->psw_mask |= 3ull << 44;
  if (!leave_address) r->psw_address = after;
}

/* Runs one instruction after its setup, with r9 and r10 as operands and known other registers. */
#define TRY(what, setup, instruction, first, second)                                              \
  do {                                                                                            \
    register u64 r7 __asm__("r7") = 7, r8 __asm__("r8") = 8;                                      \
    register u64 r9 __asm__("r9") = (u64)(first), r10 __asm__("r10") = (u64)(second);             \
    u64 cc, f8;                                                                                   \
    u32 a2;                                                                                       \
    name = what;                                                                                  \
    __asm__ volatile(                                                                             \
        "larl %%r1,1f\n stgrl %%r1,at\n larl %%r1,2f\n stgrl %%r1,after\n"                         \
        "lhi %%r1,0x2222\n sar %%a2,%%r1\n lzdr %%f0\n lghi %%r1,1\n cdgbr %%f8,%%r1\n" setup       \
        "\n1: " instruction "\n2: ipm %4\n ear %5,%%a2\n lgdr %6,%%f8\n"                           \
        : "+r"(r7), "+r"(r8), "+r"(r9), "+r"(r10), "=&r"(cc), "=&r"(a2), "=&r"(f8)                \
        :                                                                                         \
        : "cc", "memory", "r0", "r1", "f0", "f2", "f8");                                          \
    print("  then r7 %x r8 %x cc %d a2 %x f8 %x\n", r7, r8, (int)(cc >> 28 & 3), (u64)a2, f8);    \
  } while (0)

#define MASK_FPC(bits) "lhi %%r1," #bits "\n sll %%r1,24\n sfpc %%r1"

int guest_main(int argc, char **argv, char **envp, u64 *auxv) {
  (void)argc, (void)argv, (void)envp, (void)auxv;
  int signals[] = {SIGSEGV, SIGILL, SIGFPE, SIGBUS, SIGTRAP};
  for (int i = 0; i < 5; i++) handle(signals[i], handler, SA_SIGINFO, 0);
  u64 page = ((u64)read_only + 4095) & -4096;
  SYS(NR_mprotect, page, 4096, PROT_READ);
  TRY("load", "", "lg %%r7,8(%%r9)", 0x123450, 0);
  TRY("load beyond the address space", "", "lg %%r7,8(%%r9)", 0x777777123450, 0);
  TRY("store multiple into a page without write permission", "", "stmg %%r7,%%r10,0(%%r9)",
      page - 16, 0);
  print("  storage before it: %x\n", *(u64 *)(page - 16));
  TRY("move into a page without write permission", "", "mvc 0(8,%%r9),0(%%r10)", page + 16, page);
  SYS(NR_mprotect, page, 4096, PROT_NONE);
  TRY("load from a page without permissions", "", "lg %%r7,0(%%r9)", page + 4088, 0);
  SYS(NR_mprotect, page, 4096, PROT_READ | PROT_WRITE);
  TRY("operation", "", ".short 0x0000", 0, 0);
  TRY("operation of six bytes", "", ".long 0xe3000000\n.short 0x00ff", 0, 0);
  TRY("divide by 0", "lhi %%r8,0", "dr %%r10,%%r8", 0, 0);
  TRY("long divide by 0", "", "dsgr %%r10,%%r9", 0, 5);
  TRY("logical divide with a quotient too large", "", "dlgr %%r8,%%r9", 1, 0);
  TRY("compare and trap", "", "cgrt %%r9,%%r10,8", 5, 5);
  TRY("IEEE divide by 0", MASK_FPC(0x40), "ddbr %%f8,%%f0", 0, 0);
  TRY("IEEE invalid operation", MASK_FPC(0x80) "\n lcdbr %%f2,%%f8", "sqdbr %%f8,%%f2", 0, 0);
  TRY("IEEE inexact", MASK_FPC(0x08) "\n lghi %%r1,3\n cdgbr %%f2,%%r1", "ddbr %%f8,%%f2", 0, 0);
  TRY("fixed-point overflow", "lghi %%r1,8\n sllg %%r1,%%r1,24\n spm %%r1", "ar %%r9,%%r10", 0x7fffffff,
      1);
  __asm__ volatile("spm %0" : : "d"(0) : "cc");
  TRY("specification", "", ".long 0xb90d009a", 5, 5);
  leave_address = 1;
  TRY("compare and trap, going on where the PSW points", "", "cgrt %%r9,%%r10,8", 5, 5);
  TRY("operation, going on where the PSW points", "", ".long 0xb9ff0000", 0, 0);
  return 0;
}
