import { expect } from 'vitest';
import { hexBytes, hex } from '../../../src/base/hex.ts';
import { CpuState, USER_PSW_MASK } from '../../../src/cpu/state.ts';
import { Engine } from '../../../src/engine/engine.ts';
import type { Backend } from '../../../src/engine/options.ts';
import { assembleProgram } from '../../../src/isa/assemble-program.ts';
import { AddressSpace, PAGE_EXEC, PAGE_READ, PAGE_WRITE } from '../../../src/memory/user-space.ts';

/** Code is at CODE; DATA is a writable page, READ_ONLY the one behind it, then nothing. */
export const CODE = 0x20_0000;
export const DATA = 0x30_0000;
export const READ_ONLY = DATA + 0x1000;
export const UNMAPPED = DATA + 0x2000;

/**
 * What a case sets or expects: registers `r0` to `r15`, `a0` to `a15`, `f0` to `f15`, the CC, the
 * program mask, the FPC and storage from DATA on, in hexadecimal. Registers that a case does not
 * set hold {@link initial}, floating-point ones zero; what it does not expect must be unchanged.
 */
export type Machine = Partial<
  Record<`r${number}` | `a${number}` | `f${number}`, bigint | number>
> & {
  readonly cc?: number;
  /** Not compared when a case does not mention it. */
  readonly fpc?: number;
  readonly programMask?: number;
  readonly data?: string;
  /** Other storage, by address. */
  readonly at?: Readonly<Record<number, string>>;
  /** Program-interruption code; only expected. */
  readonly pic?: number;
  readonly dxc?: number;
};

export function initial(r: number): bigint {
  return BigInt(r) * 0x0101_0101_0101_0101n;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const unsigned = (value: bigint | number): bigint => BigInt.asUintN(64, BigInt(value));

const memory = new AddressSpace(0x100_0000);

function execute(backend: Backend, source: string, before: Machine, after: Machine): void {
  memory.map(CODE, 0x1000, PAGE_READ | PAGE_WRITE | PAGE_EXEC);
  memory.map(DATA, 0x2000, PAGE_READ | PAGE_WRITE);
  const code = assembleProgram(`${source}\nsvc 0`, CODE).bytes;
  memory.bytes.set(code, CODE);
  const place = ({ data, at = {} }: Machine): void => {
    if (data) memory.bytes.set(bytesOf(data), DATA);
    for (const [address, text] of Object.entries(at)) {
      memory.bytes.set(bytesOf(text), Number(address));
    }
  };
  place(before);
  memory.protect(READ_ONLY, 0x1000, PAGE_READ);
  const state = new CpuState();
  state.pswMask = USER_PSW_MASK;
  state.ia = CODE;
  for (let r = 0; r < 16; r++) {
    state.setGr(r, unsigned(before[`r${r}`] ?? initial(r)));
    state.setAr(r, Number(before[`a${r}`] ?? r));
    state.setFpr(r, unsigned(before[`f${r}`] ?? 0n));
  }
  state.fpc = before.fpc ?? 0;
  state.cc = before.cc ?? 0;
  state.programMask = before.programMask ?? 0;
  const wanted = new CpuState();
  wanted.copyFrom(state);
  const engine = new Engine(memory, state, { backend });
  const exit = engine.run(1000);
  engine.dispose();

  for (let r = 0; r < 16; r++) {
    const value = after[`r${r}`];
    if (value !== undefined) wanted.setGr(r, unsigned(value));
    const access = after[`a${r}`];
    if (access !== undefined) wanted.setAr(r, Number(access));
    const number = after[`f${r}`];
    if (number !== undefined) wanted.setFpr(r, unsigned(number));
  }
  if (after.cc !== undefined) wanted.cc = after.cc;
  wanted.ia = state.ia;
  wanted.fpc = after.fpc ?? before.fpc ?? state.fpc;
  const interruption = exit.kind === 'interruption' ? exit.interruption : undefined;
  const message = `${source} on ${backend}`;
  expect(exit.kind, message).toBe(after.pic ? 'interruption' : 'supervisorCall');
  expect(interruption?.code ?? 0, message).toBe(after.pic ?? 0);
  if (after.dxc !== undefined) expect(interruption?.dxc, message).toBe(after.dxc);
  expect(state.difference(wanted), message).toEqual([]);
  const stored: [number, string][] = Object.entries({
    ...(before.data ? { [DATA]: before.data } : {}),
    ...before.at,
    ...(after.data ? { [DATA]: after.data } : {}),
    ...after.at,
  }).map(([address, text]) => [Number(address), text]);
  for (const [address, text] of stored) {
    const found = hexBytes(memory.bytes.subarray(address, address + text.length / 2));
    expect(found, `${message}, storage at ${hex(address)}`).toBe(text);
  }
}

/** Executes assembly, followed by SVC, on both backends and checks everything that it may change. */
export function check(source: string, before: Machine, after: Machine): void {
  for (const backend of ['interpreter', 'jit'] as const) execute(backend, source, before, after);
}

export type Row = readonly [source: string, before: Machine, after: Machine];
