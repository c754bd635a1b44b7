import { hex64 } from '../base/hex.ts';
import { assert } from '../base/assert.ts';

/**
 * Writeback levels of the VCPU state writeback API (QEMU ea375f9ab8).
 * RUNTIME: while other VCPUs run. RESET: on system reset, all stopped. FULL: on init or restore.
 */
export const RUNTIME = 1;
export const RESET = 2;
export const FULL = 3;
export type WritebackLevel = typeof RUNTIME | typeof RESET | typeof FULL;

/** One architected or internal field of a VCPU: where it lives in the register file and its level. */
export interface StateField {
  readonly name: string;
  /** Index of the first int32 word. */
  readonly at: number;
  /** int32 words per element: 1 for 32-bit fields, 2 for 64-bit, 4 for 128-bit. */
  readonly words: number;
  readonly count: number;
  readonly level: WritebackLevel;
}

/**
 * The register file: every field once. 64-bit fields are stored low word first, so that
 * BigUint64Array and Float64Array views of the same buffer read them directly
 * (hosts are little-endian; checked below). FPR n is the left doubleword of VR n.
 */
export const STATE_FIELDS = [
  { name: 'gr', at: 0, words: 2, count: 16, level: RUNTIME },
  { name: 'vr', at: 32, words: 4, count: 32, level: RUNTIME },
  { name: 'ar', at: 160, words: 1, count: 16, level: RUNTIME },
  { name: 'cr', at: 176, words: 2, count: 16, level: RUNTIME },
  { name: 'pswMask', at: 208, words: 2, count: 1, level: RUNTIME },
  { name: 'ia', at: 210, words: 2, count: 1, level: RUNTIME },
  { name: 'cc', at: 212, words: 1, count: 1, level: RUNTIME },
  { name: 'fpc', at: 213, words: 1, count: 1, level: RUNTIME },
  { name: 'prefix', at: 214, words: 2, count: 1, level: RUNTIME },
  { name: 'cpuTimer', at: 216, words: 2, count: 1, level: RESET },
  { name: 'clockComparator', at: 218, words: 2, count: 1, level: RESET },
  { name: 'todProgrammable', at: 220, words: 1, count: 1, level: RESET },
  { name: 'breakingEventAddress', at: 222, words: 2, count: 1, level: RESET },
  { name: 'programParameter', at: 224, words: 2, count: 1, level: RESET },
  { name: 'todEpoch', at: 226, words: 2, count: 1, level: FULL },
  { name: 'cpuAddress', at: 228, words: 1, count: 1, level: FULL },
  { name: 'operatingState', at: 229, words: 1, count: 1, level: RUNTIME },
] as const satisfies readonly StateField[];

/** int32 indices into the register file, for code that is generated or hot. */
export const GR = 0;
export const VR = 32;
export const AR = 160;
export const CR = 176;
export const PSW_MASK = 208;
export const IA = 210;
export const CC = 212;
export const FPC = 213;
export const PREFIX = 214;
export const CPU_TIMER = 216;
export const CLOCK_COMPARATOR = 218;
export const TOD_PROGRAMMABLE = 220;
export const BREAKING_EVENT = 222;
export const PROGRAM_PARAMETER = 224;
export const TOD_EPOCH = 226;
export const CPU_ADDRESS = 228;
export const OPERATING_STATE = 229;
/** Internal words, not architected: why generated code returned, and helper results. */
export const EXIT_REASON = 240;
export const RESULT_HIGH = 241;
export const BUDGET = 242;
/** Not zero once a region was discarded while generated code ran: its callers must unwind. */
export const STALE = 243;
/** Guest instructions executed, as a double at float64 index INSN_COUNT / 2 (statistics only). */
export const INSN_COUNT = 244;
/** Of storage behind DAT: where the current context's translations begin in the TLB. */
export const TLB_BASE = 246;
/** Length of the SUPERVISOR CALL that was executed last, or of the EXECUTE of it. */
export const SVC_LENGTH = 247;
/** First word that the interpreter uses for IR values. */
export const TEMPORARIES = 256;
/** First word of the interpreter's constants, which stay where they are. */
export const CONSTANTS = 4096;
const WORDS = 16384;

/** int32 index of the low word of FPR `r`; the high word follows. */
export function fprWord(r: number): number {
  return VR + 4 * r;
}

assert(
  new Int32Array(new Float64Array([1]).buffer)[1] === 0x3ff00000,
  'js390 needs a little-endian host',
);

/** The whole state of one VCPU: views of one fixed buffer. */
export class CpuState {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly u64: BigUint64Array;
  readonly i64: BigInt64Array;

  constructor(buffer: ArrayBufferLike = new ArrayBuffer(WORDS * 4)) {
    this.words = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
  }

  /** General register `r` as an unsigned 64-bit bigint. */
  gr(r: number): bigint {
    return this.u64[r]!;
  }

  setGr(r: number, value: bigint): void {
    this.u64[r] = value;
  }

  /** Low word of general register `r`, as int32. */
  gr32(r: number): number {
    return this.words[2 * r]!;
  }

  /** Floating-point register `r`, raw bits. */
  fpr(r: number): bigint {
    return this.u64[VR / 2 + 2 * r]!;
  }

  setFpr(r: number, bits: bigint): void {
    this.u64[VR / 2 + 2 * r] = bits;
  }

  ar(r: number): number {
    return this.words[AR + r]!;
  }

  setAr(r: number, value: number): void {
    this.words[AR + r] = value;
  }

  /** Control register `r` as an unsigned 64-bit bigint. */
  cr(r: number): bigint {
    return this.u64[CR / 2 + r]!;
  }

  setCr(r: number, value: bigint): void {
    this.u64[CR / 2 + r] = value;
  }

  /** Instruction address as a JavaScript number (exact below 2**53). */
  get ia(): number {
    return (this.words[IA + 1]! >>> 0) * 0x1_0000_0000 + (this.words[IA]! >>> 0);
  }

  /**
   * Instruction addresses are passed on as numbers, exact where storage can be. Beyond 2**53 who
   * branches there writes the words first, and the number that they round to leaves them alone.
   */
  set ia(address: number) {
    if (address >= 2 ** 53 && address === this.ia) return;
    this.words[IA] = address | 0;
    this.words[IA + 1] = Math.floor(address / 0x1_0000_0000) | 0;
  }

  /** The instruction address, exact. */
  get iaBits(): bigint {
    return BigInt.asUintN(64, this.i64[IA / 2]!);
  }

  get cc(): number {
    return this.words[CC]!;
  }

  set cc(value: number) {
    this.words[CC] = value;
  }

  get fpc(): number {
    return this.words[FPC]!;
  }

  set fpc(value: number) {
    this.words[FPC] = value;
  }

  /** The PSW mask (bits 0-63) with the current condition code in bits 18-19. */
  get pswMask(): bigint {
    const mask = this.u64[PSW_MASK / 2]! & ~(3n << 44n);
    return mask | (BigInt(this.cc) << 44n);
  }

  /** Sets the PSW mask; the condition code comes out of bits 18-19. */
  set pswMask(mask: bigint) {
    this.cc = Number((mask >> 44n) & 3n);
    this.u64[PSW_MASK / 2] = mask & ~(3n << 44n);
  }

  /** The four program-mask bits (PSW bits 20-23), as a number 0-15. */
  get programMask(): number {
    return (this.words[PSW_MASK + 1]! >>> 8) & 15;
  }

  set programMask(bits: number) {
    this.words[PSW_MASK + 1] = (this.words[PSW_MASK + 1]! & ~0xf00) | (bits << 8);
  }

  /** Copies every architected field from `other`; internal words are left alone. */
  copyFrom(other: CpuState): void {
    for (const { at, words, count } of STATE_FIELDS) {
      this.words.set(other.words.subarray(at, at + words * count), at);
    }
  }

  /** Names and values of the fields in which `this` and `other` differ; empty when equal. */
  difference(other: CpuState): string[] {
    const found: string[] = [];
    for (const { name, at, words, count } of STATE_FIELDS) {
      for (let i = 0; i < words * count; i++) {
        const word = at + i;
        if (this.words[word] !== other.words[word]) {
          const index = Math.floor(i / words);
          const first = at + index * words;
          const show = (s: CpuState): string =>
            words === 1
              ? (s.words[first]! >>> 0).toString(16)
              : hex64(s.words[first + 1]!, s.words[first]!);
          found.push(`${name}${count > 1 ? index : ''}: ${show(this)} != ${show(other)}`);
          i = (index + 1) * words - 1;
        }
      }
    }
    return found;
  }
}

/** PSW mask of a Linux s390x process: DAT, I/O, external, key 8... problem state, 64-bit mode. */
export const USER_PSW_MASK = 0x0705_0001_8000_0000n;
