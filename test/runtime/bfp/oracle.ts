/**
 * Two oracles for BFP: the host's own arithmetic and qemu-s390x, each behind a small C driver that
 * is compiled when the tests run. `requests` are answered in one go, in order.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BfpFormat } from '../../../src/runtime/bfp/softfloat.ts';
import { EXTENDED, LONG, SHORT } from '../../../src/runtime/bfp/softfloat.ts';

/** Operation numbers of the drivers. */
export const OP = {
  add: 0,
  subtract: 1,
  multiply: 2,
  divide: 3,
  squareRoot: 4,
  compare: 5,
  compareAndSignal: 6,
  loadAndTest: 7,
  loadComplement: 8,
  loadNegative: 9,
  loadPositive: 10,
  testDataClass: 11,
  loadFpInteger: 12,
  fromI32: 16,
  fromI64: 17,
  fromU32: 18,
  fromU64: 19,
  toI32: 20,
  toI64: 21,
  toU32: 22,
  toU64: 23,
  shortToLong: 32,
  longToExtended: 33,
  shortToExtended: 34,
  longToShort: 35,
  extendedToLong: 36,
  extendedToShort: 37,
  multiplyAndAdd: 38,
  multiplyAndSubtract: 39,
} as const;

export interface Request {
  readonly op: number;
  readonly format: BfpFormat;
  readonly brm: number;
  readonly m3?: number;
  readonly m4?: number;
  /** First operand, second, third; `width` bits each, left-aligned on the wire. */
  readonly operands: readonly bigint[];
  /** Bits of each operand and of the result when they are not the format's. */
  readonly widths?: readonly number[];
  readonly resultWidth?: number;
}

export interface Response {
  readonly bits: bigint;
  readonly flags: number;
  readonly cc: number;
}

export type Oracle = (requests: readonly Request[]) => Response[];

export const FORMATS: readonly BfpFormat[] = [SHORT, LONG, EXTENDED];

function here(file: string): string {
  return join(import.meta.dirname, file);
}

function compile(command: string, args: readonly string[], name: string): string | undefined {
  const path = join(mkdtempSync(join(tmpdir(), 'js390-bfp-')), name);
  const run = spawnSync(command, [...args, '-o', path], { encoding: 'utf8' });
  if (run.error !== undefined) return undefined;
  if (run.status !== 0) throw new Error(`${command} fails on ${name}: ${run.stderr}`);
  return path;
}

/** The host's arithmetic, or undefined where there is no x86-64 C compiler. */
export function nativeOracle(): Oracle | undefined {
  if (process.arch !== 'x64') return undefined;
  const flags = ['-O1', '-frounding-math', '-ftrapping-math', '-fno-math-errno'];
  const path = compile('gcc', [...flags, here('native-driver.c'), '-lm'], 'native');
  return path === undefined ? undefined : (requests) => ask([path], requests, true);
}

/** QEMU's s390x, or undefined where it or its compiler is missing. */
export function qemuOracle(): Oracle | undefined {
  if (spawnSync('qemu-s390x', ['--version']).error !== undefined) return undefined;
  const flags = ['-static', '-O1', '-march=z196'];
  const path = compile('s390x-linux-gnu-gcc', [...flags, here('s390x-driver.c')], 's390x');
  if (path === undefined) return undefined;
  return (requests) => ask(['qemu-s390x', path], requests, false);
}

function ask(command: string[], requests: readonly Request[], little: boolean): Response[] {
  const input = Buffer.alloc(64 * requests.length);
  requests.forEach((request, i) => {
    const at = 64 * i;
    const { op, format, m3 = 0, m4 = 0, brm, operands, widths } = request;
    input.set([op, FORMATS.indexOf(format), m3, m4, brm], at);
    operands.forEach((bits, n) => {
      put(input, at + 16 + 16 * n, bits, (widths?.[n] ?? format.width) / 8, little);
    });
  });
  const [file, ...args] = command;
  const maxBuffer = 32 * requests.length + 1024;
  const run = spawnSync(file, args, { input, maxBuffer });
  if (run.status !== 0 || run.stdout.length !== 32 * requests.length) {
    throw new Error(`${file} gave ${run.stdout?.length} bytes, status ${run.status}`);
  }
  return requests.map((request, i) => {
    const at = 32 * i;
    const bytes = (request.resultWidth ?? request.format.width) / 8;
    const bits = get(run.stdout, at, bytes, little);
    return { bits, flags: run.stdout[at + 16], cc: run.stdout[at + 17] };
  });
}

function put(buffer: Buffer, at: number, bits: bigint, bytes: number, little: boolean): void {
  for (let i = 0; i < bytes; i++) {
    const shift = BigInt(8 * (little ? i : bytes - 1 - i));
    buffer[at + i] = Number((bits >> shift) & 0xffn);
  }
}

function get(buffer: Buffer, at: number, bytes: number, little: boolean): bigint {
  const part = buffer.subarray(at, at + bytes);
  return BigInt('0x' + (little ? Buffer.from(part).reverse() : part).toString('hex'));
}
