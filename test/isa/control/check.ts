import { expect } from 'vitest';
import { hex, hexBytes } from '../../../src/base/hex.ts';
import {
  CLOCK_COMPARATOR,
  CPU_TIMER,
  CpuState,
  IA,
  PREFIX,
  PROGRAM_PARAMETER,
  TOD_PROGRAMMABLE,
} from '../../../src/cpu/state.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { Backend } from '../../../src/engine/options.ts';
import type { EngineExit } from '../../../src/engine/exit.ts';
import { assembleProgram } from '../../../src/isa/assemble-program.ts';
import { AbsoluteStorage } from '../../../src/memory/absolute-storage.ts';
import { DatStorage } from '../../../src/memory/dat-storage.ts';
import type { SystemContext } from '../../../src/runtime/system/context.ts';

/** Addresses are real, absolute and, with the tables of {@link tables}, primary virtual ones. */
export const CODE = 0x2_0000;
export const DATA = 0x3_0000;
/** What the secondary space has at DATA. */
export const SECONDARY = 0x3_1000;
/** What the home space has at DATA. */
export const HOME = 0x3_2000;
/** Segment tables of the three spaces, each with a page table behind it. */
const TABLES = { primary: 0x4_0000, secondary: 0x5_0000, home: 0x6_0000 };
export const PRIMARY_ASCE = BigInt(TABLES.primary);
export const SECONDARY_ASCE = BigInt(TABLES.secondary);
export const HOME_ASCE = BigInt(TABLES.home);
export const PRIMARY_PAGE_TABLE = TABLES.primary + 0x1000;
/** Not translated: its page-table entry is invalid. */
export const INVALID_PAGE = 0x7_0000;
/** Read-only by DAT. */
export const READ_ONLY_PAGE = 0x7_1000;
/** Not translated: its segment-table entry is invalid. */
export const INVALID_SEGMENT = 0x20_0000;
export const STORAGE_SIZE = 0x20_0000;

/** Supervisor state, 64-bit addressing. */
export const SUPERVISOR = 0x1_8000_0000n;
export const PROBLEM = SUPERVISOR | (1n << 48n);
export const DAT = 1n << 58n;
export const SECONDARY_MODE = 2n << 46n;
export const ACCESS_REGISTER_MODE = 1n << 46n;
export const HOME_MODE = 3n << 46n;
export const key = (value: number): bigint => BigInt(value) << 52n;

/**
 * What a case sets or expects: general, access and control registers, the PSW's mask and CC, prefix,
 * storage in hexadecimal and storage keys, by absolute address. What a case does not expect must be
 * unchanged; registers that it does not set hold {@link initial}.
 */
export type Machine = Partial<
  Record<`r${number}` | `a${number}` | `c${number}`, bigint | number>
> & {
  readonly mask?: bigint;
  readonly cc?: number;
  readonly prefix?: number;
  readonly cpuTimer?: bigint;
  readonly clockComparator?: bigint;
  readonly todProgrammable?: number;
  readonly programParameter?: bigint;
  readonly at?: Readonly<Record<number, string>>;
  readonly keys?: Readonly<Record<number, number>>;
  /** Only set: facility bits besides those that come from {@link FACILITIES}. */
  readonly facilities?: readonly number[];
  /** Only expected: program-interruption code, or the mnemonic that the machine is to carry out. */
  readonly pic?: number;
  readonly intercept?: string;
  /** Only expected: the instruction address after an instruction that branches. */
  readonly ia?: bigint;
};

export const TOD = 0xd5c0_ffee_1234_5678n;
export const CPU_ID = 0xff12_3456_8561_8000n;
export const CPU_NUMBER = 5;
/** 0-2: z/Architecture. */
const FACILITIES = [0, 1, 2, 3, 27, 31, 40];
const FACILITY_BYTES = 16;

export function initial(r: number): bigint {
  return BigInt(r) * 0x0101_0101_0101_0101n;
}

const unsigned = (value: bigint | number): bigint => BigInt.asUintN(64, BigInt(value));
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

const storage = new AbsoluteStorage(STORAGE_SIZE);

/** Maps the first segment one to one, but for DATA and the pages that cannot be accessed. */
function tables(origin: number, data: number): void {
  for (let segment = 0; segment < 512; segment++) storage.write64(origin + 8 * segment, 0x20n);
  const pages = origin + 0x1000;
  storage.write64(origin, BigInt(pages));
  for (let page = 0; page < 256; page++) {
    const address = page << 12;
    let entry = BigInt(address === DATA ? data : address);
    if (address === INVALID_PAGE) entry |= 0x400n;
    if (address === READ_ONLY_PAGE) entry |= 0x200n;
    storage.write64(pages + 8 * page, entry);
  }
}

export interface Trace {
  masksChanged: number;
}

function makeSystem(memory: DatStorage, state: CpuState, trace: Trace): SystemContext {
  return {
    memory,
    timing: {
      tod: () => TOD,
      cpuTimer: () => state.u64[CPU_TIMER / 2]!,
      setCpuTimer(value) {
        state.u64[CPU_TIMER / 2] = value;
      },
      clockComparator: () => state.u64[CLOCK_COMPARATOR / 2]!,
      setClockComparator(value) {
        state.u64[CLOCK_COMPARATOR / 2] = value;
      },
      setTodProgrammable() {
        // The register file has it already.
      },
    },
    identity: {
      cpuId: () => CPU_ID,
      cpuAddress: () => CPU_NUMBER,
      currentLevel: 3,
      systemInformation: (code, first, second) =>
        code === 1 && first === 1 && second === 1 ? new Uint8Array(4096).fill(0xe2) : undefined,
    },
    masksChanged() {
      trace.masksChanged++;
      return true;
    },
  };
}

function put(state: CpuState, machine: Machine): void {
  for (let r = 0; r < 16; r++) {
    const general = machine[`r${r}`];
    if (general !== undefined) state.setGr(r, unsigned(general));
    const access = machine[`a${r}`];
    if (access !== undefined) state.setAr(r, Number(access));
    const control = machine[`c${r}`];
    if (control !== undefined) state.setCr(r, unsigned(control));
  }
  if (machine.mask !== undefined) state.pswMask = machine.mask;
  if (machine.cc !== undefined) state.cc = machine.cc;
  if (machine.prefix !== undefined) state.words[PREFIX] = machine.prefix;
  if (machine.cpuTimer !== undefined) state.u64[CPU_TIMER / 2] = machine.cpuTimer;
  if (machine.clockComparator !== undefined) {
    state.u64[CLOCK_COMPARATOR / 2] = machine.clockComparator;
  }
  if (machine.todProgrammable !== undefined)
    state.words[TOD_PROGRAMMABLE] = machine.todProgrammable;
  if (machine.programParameter !== undefined) {
    state.u64[PROGRAM_PARAMETER / 2] = machine.programParameter;
  }
}

function place({ at = {}, keys = {} }: Machine): void {
  for (const [address, text] of Object.entries(at)) storage.write(Number(address), bytesOf(text));
  for (const [address, value] of Object.entries(keys)) storage.keys[Number(address) >>> 12] = value;
}

/** Executes assembly, followed by SVC, and checks everything that it may change. */
export function check(source: string, before: Machine, after: Machine): Trace {
  checkOn('jit', source, before, after);
  return checkOn('interpreter', source, before, after);
}

function checkOn(backend: Backend, source: string, before: Machine, after: Machine): Trace {
  storage.clear();
  tables(TABLES.primary, DATA);
  tables(TABLES.secondary, SECONDARY);
  tables(TABLES.home, HOME);
  storage.write(CODE, assembleProgram(`${source}\nsvc 0`, CODE).bytes);
  storage.keys.fill(0);
  place(before);

  const state = new CpuState();
  for (let r = 0; r < 16; r++) {
    state.setGr(r, initial(r));
    state.setAr(r, r);
  }
  state.setCr(1, PRIMARY_ASCE);
  state.setCr(7, SECONDARY_ASCE);
  state.setCr(13, HOME_ASCE);
  state.pswMask = SUPERVISOR;
  put(state, before);
  state.ia = CODE;
  const wanted = new CpuState();
  wanted.copyFrom(state);
  put(wanted, after);

  const memory = new DatStorage(storage, state);
  const trace = { masksChanged: 0 };
  const installed = new Set([...FACILITIES, ...(before.facilities ?? [])]);
  const facilities = new Uint8Array(FACILITY_BYTES);
  for (const bit of installed) facilities[bit >>> 3]! |= 0x80 >>> (bit & 7);
  const engine = new Engine(memory, state, {
    backend,
    facilities,
    hasFacility: (bit) => installed.has(bit),
    system: {
      context: makeSystem(memory, state, trace),
      enter: () => {
        memory.modeChanged();
        // One that branches is followed by nothing: stop where it went.
        if (after.ia === undefined || state.ia === CODE) return undefined;
        return { kind: 'event' };
      },
      codeSpace: () => memory.codeSpace(),
      afterInstruction: (_at, exit) => exit,
      interruption: () => undefined,
    },
  });
  const exit = engine.run(100);
  engine.dispose();

  expect(outcome(exit), source).toBe(
    outcome(undefined, after.ia === undefined ? after : { ...after, intercept: 'event' }),
  );
  if (after.ia !== undefined) expect(state.iaBits, source).toBe(after.ia);
  wanted.u64[IA / 2] = state.iaBits;
  expect(state.difference(wanted), source).toEqual([]);
  for (const [address, text] of Object.entries({ ...before.at, ...after.at })) {
    const at = Number(address);
    const found = hexBytes(storage.slice(at, text.length / 2));
    expect(found, `${source}, storage at ${hex(at)}`).toBe(text);
  }
  for (const [address, value] of Object.entries(after.keys ?? {})) {
    const found = storage.keys[Number(address) >>> 12];
    expect(found, `${source}, key of ${hex(Number(address))}`).toBe(value);
  }
  return trace;
}

function outcome(exit: EngineExit | undefined, { pic, intercept }: Machine = {}): string {
  if (exit?.kind === 'interruption') return `interruption ${hex(exit.interruption.code)}`;
  if (exit?.kind === 'intercept') return exit.mnemonic;
  if (exit) return exit.kind;
  if (pic !== undefined) return `interruption ${hex(pic)}`;
  return intercept ?? 'supervisorCall';
}

export type Row = readonly [source: string, before: Machine, after: Machine];
