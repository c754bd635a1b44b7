import { CpuState, USER_PSW_MASK } from '../../src/cpu/state.ts';
import {
  PIC_DATA,
  PIC_FIXED_POINT_DIVIDE,
  PIC_FIXED_POINT_OVERFLOW,
  PIC_OPERATION,
  PIC_PAGE_TRANSLATION,
  PIC_PRIVILEGED_OPERATION,
  PIC_PROTECTION,
  type ProgramInterruption,
} from '../../src/cpu/interruption.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import { insnLength } from '../../src/isa/decoder.ts';
import { AddressSpace, PAGE_EXEC, PAGE_READ, PAGE_WRITE } from '../../src/memory/user-space.ts';
import {
  type Case,
  type Driver,
  type Interruption,
  type Result,
  SIGFPE,
  SIGILL,
  SIGSEGV,
} from './driver.ts';
import {
  CODE_AREA,
  CODE_STRIDE,
  DATA_PAGES,
  MachineState,
  READ_ONLY_PAGE,
  readOnlyByte,
  TARGET_AT,
  WINDOWS,
} from './state.ts';

/** Linux's si_code values (asm-generic/siginfo.h). */
const ILL_ILLOPC = 1;
const ILL_ILLOPN = 2;
const FPE_INTDIV = 1;
const FPE_INTOVF = 2;
const SEGV_MAPERR = 1;
const SEGV_ACCERR = 2;
/** si_code by IEEE DXC bit, highest first: invalid, divide, overflow, underflow, inexact. */
const FPE_BY_DXC = [
  [0x80, 7],
  [0x40, 3],
  [0x20, 4],
  [0x10, 5],
  [0x08, 6],
] as const;

/** Signal and si_code that Linux makes of a program interruption (arch/s390/kernel/traps.c). */
function signalOf({ code, dxc }: ProgramInterruption): [number, number] {
  switch (code) {
    case PIC_OPERATION:
    case PIC_PRIVILEGED_OPERATION:
      return [SIGILL, ILL_ILLOPC];
    case PIC_PROTECTION:
      return [SIGSEGV, SEGV_ACCERR];
    case PIC_PAGE_TRANSLATION:
      return [SIGSEGV, SEGV_MAPERR];
    case PIC_FIXED_POINT_OVERFLOW:
      return [SIGFPE, FPE_INTOVF];
    case PIC_FIXED_POINT_DIVIDE:
      return [SIGFPE, FPE_INTDIV];
    case PIC_DATA: {
      if (dxc === 0) return [SIGILL, ILL_ILLOPN];
      const found = FPE_BY_DXC.find(([bit]) => (dxc & bit) !== 0);
      // Not an IEEE exception: compare-and-trap and the like.
      return [SIGFPE, (dxc & 3) === 0 && found ? found[1] : 0];
    }
    default:
      return [SIGILL, ILL_ILLOPN];
  }
}

/** Registers, CC, program mask and FPC from a record into the register file. */
export function loadState(state: CpuState, from: MachineState): void {
  for (let r = 0; r < 16; r++) {
    state.setGr(r, from.gr(r));
    state.setFpr(r, from.fpr(r));
    state.setAr(r, from.ar(r));
  }
  state.cc = from.cc;
  state.programMask = from.programMask;
  state.fpc = from.fpc;
}

export function storeState(state: CpuState, to: MachineState): void {
  for (let r = 0; r < 16; r++) {
    to.setGr(r, state.gr(r));
    to.setFpr(r, state.fpr(r));
    to.setAr(r, state.ar(r));
  }
  to.cc = state.cc;
  to.programMask = state.programMask;
  to.fpc = state.fpc;
}

/** Our engine with one of its backends. */
export class EngineDriver implements Driver {
  readonly name: string;
  readonly #options: EngineOptions;
  readonly #memory = new AddressSpace(0x80_0000);

  constructor(backend: 'interpreter' | 'jit', options: EngineOptions = {}) {
    this.name = backend;
    this.#options = { clock: () => 0xd5c0_ffee_1234_5678n, ...options, backend };
    const { bytes } = this.#memory;
    this.#memory.map(DATA_PAGES, READ_ONLY_PAGE - DATA_PAGES, PAGE_READ | PAGE_WRITE);
    this.#memory.map(READ_ONLY_PAGE, 4096, PAGE_READ);
    for (let i = 0; i < 4096; i++) bytes[READ_ONLY_PAGE + i] = readOnlyByte(i);
  }

  run(cases: readonly Case[]): (Result | undefined)[] {
    const last = cases.reduce((most, { at }) => Math.max(most, at), CODE_AREA);
    const size = Math.ceil((last + CODE_STRIDE - CODE_AREA) / 4096) * 4096;
    this.#memory.map(CODE_AREA, size, PAGE_READ | PAGE_EXEC);
    // Behind each case `svc 0` ends it.
    for (const { at, code, target } of cases) {
      this.#memory.bytes.set([...code, 0x0a, 0x00], at);
      if (target) this.#memory.bytes.set(target, at + TARGET_AT);
    }
    const state = new CpuState();
    const engine = new Engine(this.#memory, state, this.#options);
    const results = cases.map((one) => this.#runOne(engine, one));
    engine.dispose();
    this.#memory.unmap(CODE_AREA, size);
    return results;
  }

  #runOne(engine: Engine, { at, before }: Case): Result | undefined {
    const { state } = engine;
    const { bytes } = this.#memory;
    bytes.fill(0, DATA_PAGES, READ_ONLY_PAGE);
    for (const [address, offset, length] of WINDOWS) {
      bytes.set(before.memory.subarray(offset, offset + length), address);
    }
    state.pswMask = USER_PSW_MASK;
    loadState(state, before);
    state.ia = at;
    const exit = engine.run(100_000);
    if (exit.kind === 'budget') return undefined;
    const after = new MachineState();
    storeState(state, after);
    for (const [address, offset, length] of WINDOWS) {
      after.memory.set(bytes.subarray(address, address + length), offset);
    }
    if (exit.kind !== 'interruption') return { after };
    return { after, interruption: this.#interruption(exit.interruption, at, state.ia) };
  }

  #interruption(one: ProgramInterruption, start: number, ia: number): Interruption {
    const [signal, siCode] = signalOf(one);
    return {
      signal,
      siCode,
      ia: one.completed ? this.#before(start, ia) : ia,
      page: signal === SIGSEGV ? Number(one.address & ~0xfffn) : 0,
      pic: one.code,
      ...(one.code === PIC_DATA ? { dxc: one.dxc } : {}),
    };
  }

  /** Address of the instruction that ends at `end`. */
  #before(start: number, end: number): number {
    let at = start;
    for (;;) {
      const next = at + insnLength(this.#memory.bytes[at]!);
      if (next >= end) return at;
      at = next;
    }
  }
}
