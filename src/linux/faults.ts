import {
  PIC_ADDRESSING,
  PIC_DATA,
  PIC_DECIMAL_DIVIDE,
  PIC_DECIMAL_OVERFLOW,
  PIC_EXECUTE,
  PIC_FIXED_POINT_DIVIDE,
  PIC_FIXED_POINT_OVERFLOW,
  PIC_OPERATION,
  PIC_PAGE_TRANSLATION,
  PIC_PRIVILEGED_OPERATION,
  PIC_PROTECTION,
  PIC_SEGMENT_TRANSLATION,
  PIC_SPECIAL_OPERATION,
  PIC_SPECIFICATION,
} from '../cpu/interruption.ts';
import type { ProgramInterruption } from '../cpu/interruption.ts';
import type { CpuState } from '../cpu/state.ts';
import type { AddressSpace } from '../memory/user-space.ts';
import type { MemoryMap } from './memory-map.ts';
import { SIGBUS, SIGFPE, SIGILL, SIGSEGV } from './signal.ts';
import type { SignalInfo } from './signal.ts';

const ILL_ILLOPC = 1;
const ILL_ILLOPN = 2;
const ILL_ILLADR = 3;
const ILL_PRVOPC = 5;
const FPE_INTDIV = 1;
const FPE_INTOVF = 2;
const FPE_FLTDIV = 3;
const FPE_FLTOVF = 4;
const FPE_FLTUND = 5;
const FPE_FLTRES = 6;
const FPE_FLTINV = 7;
const SEGV_MAPERR = 1;
const SEGV_ACCERR = 2;
const BUS_ADRERR = 2;

/** Signal and si_code of the program interruptions that are not about storage. */
const TRAPS: Readonly<Record<number, readonly [signal: number, code: number]>> = {
  [PIC_OPERATION]: [SIGILL, ILL_ILLOPC],
  [PIC_PRIVILEGED_OPERATION]: [SIGILL, ILL_PRVOPC],
  [PIC_EXECUTE]: [SIGILL, ILL_ILLOPN],
  [PIC_ADDRESSING]: [SIGILL, ILL_ILLADR],
  [PIC_SPECIFICATION]: [SIGILL, ILL_ILLOPN],
  [PIC_SPECIAL_OPERATION]: [SIGILL, ILL_ILLOPN],
  [PIC_FIXED_POINT_OVERFLOW]: [SIGFPE, FPE_INTOVF],
  [PIC_FIXED_POINT_DIVIDE]: [SIGFPE, FPE_INTDIV],
  [PIC_DECIMAL_OVERFLOW]: [SIGFPE, FPE_INTOVF],
  [PIC_DECIMAL_DIVIDE]: [SIGFPE, FPE_INTDIV],
};

/**
 * The signal that Linux makes of a program interruption, or undefined when the access may be tried
 * again (a stack grew, a file page was read).
 *
 * The instruction address is left as Linux shows it in `ucontext`: at the instruction for access
 * exceptions, which Linux rewinds, and behind it for all that suppress or complete.
 */
export function faultSignal(
  interruption: ProgramInterruption,
  state: CpuState,
  mm: MemoryMap,
): SignalInfo | undefined {
  const { code } = interruption;
  if (
    code === PIC_PROTECTION ||
    code === PIC_PAGE_TRANSLATION ||
    code === PIC_SEGMENT_TRANSLATION
  ) {
    return storageFault(interruption, mm);
  }
  const at = instructionAddress(interruption, state, mm.space);
  const address = BigInt(at);
  if (!interruption.completed) state.ia = at + instructionLength(mm.space, at);
  if (code === PIC_DATA) return { ...dataException(interruption.dxc), address };
  const [signal, siCode] = TRAPS[code] ?? [SIGILL, ILL_ILLOPN];
  return { signal, code: siCode, address };
}

function storageFault(
  { address, isStore }: ProgramInterruption,
  mm: MemoryMap,
): SignalInfo | undefined {
  // The hardware reports the page, not the byte.
  const page = address & ~0xfffn;
  const outcome = mm.fault(Number(address), isStore);
  switch (outcome) {
    case 'resolved':
      return undefined;
    case 'beyondFile':
      return { signal: SIGBUS, code: BUS_ADRERR, address: page };
    default:
      return {
        signal: SIGSEGV,
        code: outcome === 'unmapped' ? SEGV_MAPERR : SEGV_ACCERR,
        address: page,
      };
  }
}

/** PoP, "Data-Exception Code": the high bits of an IEEE exception say which. */
function dataException(dxc: number): { signal: number; code: number } {
  if (dxc === 0) return { signal: SIGILL, code: ILL_ILLOPN };
  // Compare and trap, or a decimal exception: no IEEE exception, and Linux gives it no code.
  if (dxc & 0x03) return { signal: SIGFPE, code: 0 };
  if (dxc & 0x80) return { signal: SIGFPE, code: FPE_FLTINV };
  if (dxc & 0x40) return { signal: SIGFPE, code: FPE_FLTDIV };
  if (dxc & 0x20) return { signal: SIGFPE, code: FPE_FLTOVF };
  if (dxc & 0x10) return { signal: SIGFPE, code: FPE_FLTUND };
  return { signal: SIGFPE, code: FPE_FLTRES };
}

function instructionLength(space: AddressSpace, at: number): number {
  if (!space.isMapped(at, 1)) return 2;
  const code = space.bytes[at]! >>> 6;
  return code === 0 ? 2 : code === 3 ? 6 : 4;
}

/**
 * The address of the interrupted instruction. The PSW of a completed one is behind it, and its
 * length can only be read off the bytes before: of the instructions that complete (arithmetic with
 * overflow or IEEE exceptions) the six-byte ones begin with C0-EF, the four-byte ones with 40-BF.
 */
function instructionAddress(
  { completed }: ProgramInterruption,
  state: CpuState,
  space: AddressSpace,
): number {
  const { ia } = state;
  if (!completed) return ia;
  const lengths = [4, 6, 2].filter(
    (length) => space.isMapped(ia - length, 1) && instructionLength(space, ia - length) === length,
  );
  return ia - (lengths[0] ?? 2);
}
