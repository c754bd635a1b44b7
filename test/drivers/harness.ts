import {
  AR_AT,
  DATA_PAGES,
  FPC_AT,
  FPR_AT,
  MEMORY_AT,
  PROGRAM_MASK_AT,
  STATE_SIZE,
  UNMAPPED_PAGE,
  WINDOWS,
} from './state.ts';

/** Addresses of the oracle's own parts: far from what cases use, and nothing an edge value is. */
export const HARNESS = 0x1357_9000;
export const STUBS = 0x1477_5000;
export const INPUT = 0x1733_1000;
export const OUTPUT = 0x2951_3000;
export const STACK = 0x3355_5000;
export const STACK_SIZE = 0x1_0000;

/** A stub loads the general registers from its case's record and jumps to the case. */
export const STUB_SIZE = 12;

/** An output record: the state, then what a signal told. */
export const SIGNAL_AT = STATE_SIZE;
export const SI_CODE_AT = SIGNAL_AT + 4;
export const SI_ADDRESS_AT = SIGNAL_AT + 8;
export const PSW_ADDRESS_AT = SIGNAL_AT + 16;
export const RECORD_SIZE = SIGNAL_AT + 24;

/** Offsets in the ucontext of a signal frame, and in siginfo (Linux, asm/ucontext.h). */
const UC_PSW_CC = 42;
const UC_PSW_ADDRESS = 48;
const UC_GRS = 56;
const UC_ARS = 184;
const UC_FPC = 248;
const UC_FPRS = 256;
const SIGINFO_CODE = 8;
const SIGINFO_ADDRESS = 16;

const each = (text: (r: number) => string): string =>
  Array.from({ length: 16 }, (_, r) => text(r)).join('\n');

/** Copies the two windows between a record (based on `record`) and the data pages (on `pages`). */
function windows(record: string, pages: string, toRecord: boolean): string {
  const lines: string[] = [];
  for (const [address, at, length] of WINDOWS) {
    for (let done = 0; done < length; done += 256) {
      const offset = address - DATA_PAGES + done;
      const there = `${offset & 0xfff}`;
      const here = `${MEMORY_AT + at + done}`;
      lines.push(`lay %r1,${offset - (offset & 0xfff)}(${pages})`);
      lines.push(
        toRecord
          ? `mvc ${here}(256,${record}),${there}(%r1)`
          : `mvc ${there}(256,%r1),${here}(${record})`,
      );
    }
  }
  return lines.join('\n');
}

/**
 * The program that runs `count` cases (their code ends at the page boundary `code_end`) one after the other under qemu-s390x and writes their output
 * records to standard output. A signal ends a case as its trailer does; the handler never returns.
 * The emulator maps the gaps between segments without permissions, so they are unmapped first.
 * Written for our assembler and GNU as alike; data come first, so that they are aligned.
 */
export function harnessSource(): string {
  const signals = [4, 5, 7, 8, 11];
  return `
index: .quad 0
count: .quad 0
code_end: .quad 0
input: .quad ${INPUT}
output: .quad ${OUTPUT}
saved: .skip 128
action:
  .quad handler
  .quad ${0x4800_0004}
  .quad 0, 0
altstack:
  .quad ${STACK}
  .quad 0
  .quad ${STACK_SIZE}
start:
${signals
  .map(
    (signal) => `
  lghi %r2,${signal}
  larl %r3,action
  lghi %r4,0
  lghi %r5,8
  svc 174
  ltgr %r2,%r2
  jne fail`,
  )
  .join('\n')}
  larl %r2,altstack
  lghi %r3,0
  svc 186
  ltgr %r2,%r2
  jne fail
  lgrl %r2,code_end
  llilf %r3,${DATA_PAGES}
  sgr %r3,%r2
  svc 91
  ltgr %r2,%r2
  jne fail
  llilf %r2,${UNMAPPED_PAGE}
  llilf %r3,${HARNESS - UNMAPPED_PAGE}
  svc 91
  ltgr %r2,%r2
  jne fail
loop:
  lgrl %r2,index
  clgrl %r2,count
  jhe done
  lgr %r5,%r2
  aghi %r2,1
  stgrl %r2,index
  lgrl %r3,input
  llilf %r6,${DATA_PAGES}
  lghi %r7,8192
  lgr %r10,%r6
  lghi %r8,0
  lghi %r9,0
  mvcl %r6,%r8
  ${windows('%r3', '%r10', false)}
  lfpc ${FPC_AT}(%r3)
  ${each((r) => `ld %f${r},${FPR_AT + 8 * r}(%r3)`)}
  lam %a0,%a15,${AR_AT}(%r3)
  l %r1,${PROGRAM_MASK_AT}(%r3)
  msgfi %r5,${STUB_SIZE}
  llilf %r4,${STUBS}
  agr %r4,%r5
  spm %r1
  br %r4
finished:
  ${each((r) => `stgrl %r${r},saved+${8 * r}`)}
  ipm %r3
  lgrl %r4,output
  larl %r5,saved
  mvc 0(128,%r4),0(%r5)
  srl %r3,24
  stc %r3,${PROGRAM_MASK_AT}(%r4)
  stfpc ${FPC_AT}(%r4)
  stam %a0,%a15,${AR_AT}(%r4)
  ${each((r) => `std %f${r},${FPR_AT + 8 * r}(%r4)`)}
  j next
handler:
  lgr %r5,%r4
  lgrl %r4,output
  st %r2,${SIGNAL_AT}(%r4)
  mvc ${SI_CODE_AT}(4,%r4),${SIGINFO_CODE}(%r3)
  mvc ${SI_ADDRESS_AT}(8,%r4),${SIGINFO_ADDRESS}(%r3)
  mvc ${PSW_ADDRESS_AT}(8,%r4),${UC_PSW_ADDRESS}(%r5)
  mvc 0(128,%r4),${UC_GRS}(%r5)
  mvc ${AR_AT}(64,%r4),${UC_ARS}(%r5)
  mvc ${FPR_AT}(128,%r4),${UC_FPRS}(%r5)
  mvc ${FPC_AT}(4,%r4),${UC_FPC}(%r5)
  ic %r3,${UC_PSW_CC}(%r5)
  nill %r3,63
  stc %r3,${PROGRAM_MASK_AT}(%r4)
next:
  llilf %r10,${DATA_PAGES}
  ${windows('%r4', '%r10', true)}
  lay %r4,${RECORD_SIZE}(%r4)
  stgrl %r4,output
  lgrl %r3,input
  lay %r3,${STATE_SIZE}(%r3)
  stgrl %r3,input
  j loop
done:
  llilf %r3,${OUTPUT}
  lgrl %r7,output
write:
  lgr %r4,%r7
  sgr %r4,%r3
  je success
  lghi %r2,1
  svc 4
  ltgr %r2,%r2
  jle fail
  agr %r3,%r2
  j write
success:
  lghi %r2,0
  svc 248
fail:
  lghi %r2,99
  svc 248
`;
}
