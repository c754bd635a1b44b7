import { hex, hexBytes } from '../../src/base/hex.ts';

/** Where cases live in the guest's address space, the same for every driver. */
export const CODE_AREA = 0x20_0000;
/** Bytes from one case's code to the next one's. */
export const CODE_STRIDE = 96;
/** Where in those bytes the targets of EXECUTE are. */
export const TARGET_AT = 80;
/**
 * Four pages: two writable, one that may only be read, one not mapped. Cases see two windows of the
 * writable ones: 512 bytes across the boundary between them and 256 bytes before the read-only
 * page; the rest of both is zero when a case starts. Byte i of the read-only page is
 * {@link readOnlyByte}(i).
 */
export const DATA_PAGES = 0x30_0000;
export const WINDOW_A = 0x30_0f00;
export const WINDOW_B = 0x30_1f00;
export const READ_ONLY_PAGE = 0x30_2000;
export const UNMAPPED_PAGE = 0x30_3000;
export const MEMORY_SIZE = 768;
/** The windows: [address, offset in a state's memory, length]. */
export const WINDOWS = [
  [WINDOW_A, 0, 512],
  [WINDOW_B, 512, 256],
] as const;

export function readOnlyByte(i: number): number {
  return (i * 37 + (i >> 8)) & 0xff;
}

/** Offsets in a state's record, which is big-endian as the guest sees it. */
export const GR_AT = 0;
export const FPR_AT = 128;
export const AR_AT = 256;
/** As INSERT PROGRAM MASK shows it: CC in bits 2-3, program mask in bits 4-7 of the first byte. */
export const PROGRAM_MASK_AT = 320;
export const FPC_AT = 324;
export const MEMORY_AT = 328;
export const STATE_SIZE = MEMORY_AT + MEMORY_SIZE;

/** What an instruction may see and change: registers, CC, program mask, FPC and the windows. */
export class MachineState {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;

  constructor(bytes: Uint8Array<ArrayBuffer> = new Uint8Array(STATE_SIZE)) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, STATE_SIZE);
  }

  gr(r: number): bigint {
    return this.view.getBigUint64(GR_AT + 8 * r);
  }
  setGr(r: number, value: bigint): void {
    this.view.setBigUint64(GR_AT + 8 * r, BigInt.asUintN(64, value));
  }
  fpr(r: number): bigint {
    return this.view.getBigUint64(FPR_AT + 8 * r);
  }
  setFpr(r: number, bits: bigint): void {
    this.view.setBigUint64(FPR_AT + 8 * r, BigInt.asUintN(64, bits));
  }
  ar(r: number): number {
    return this.view.getUint32(AR_AT + 4 * r);
  }
  setAr(r: number, value: number): void {
    this.view.setUint32(AR_AT + 4 * r, value);
  }
  get cc(): number {
    return this.bytes[PROGRAM_MASK_AT]! >> 4;
  }
  set cc(cc: number) {
    this.bytes[PROGRAM_MASK_AT] = (this.bytes[PROGRAM_MASK_AT]! & 15) | (cc << 4);
  }
  get programMask(): number {
    return this.bytes[PROGRAM_MASK_AT]! & 15;
  }
  set programMask(mask: number) {
    this.bytes[PROGRAM_MASK_AT] = (this.bytes[PROGRAM_MASK_AT]! & 0x30) | mask;
  }
  get fpc(): number {
    return this.view.getUint32(FPC_AT);
  }
  set fpc(value: number) {
    this.view.setUint32(FPC_AT, value);
  }
  get memory(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(MEMORY_AT);
  }

  copy(): MachineState {
    return new MachineState(this.bytes.slice());
  }

  /** One line per difference, `this` first; empty when equal. */
  difference(other: MachineState): string[] {
    const found: string[] = [];
    const show = (name: string, mine: bigint | number, its: bigint | number, digits: number) => {
      if (mine !== its) found.push(`${name}: ${hex(mine, digits)} != ${hex(its, digits)}`);
    };
    for (let r = 0; r < 16; r++) show(`r${r}`, this.gr(r), other.gr(r), 16);
    for (let r = 0; r < 16; r++) show(`f${r}`, this.fpr(r), other.fpr(r), 16);
    for (let r = 0; r < 16; r++) show(`a${r}`, this.ar(r), other.ar(r), 8);
    show('cc', this.cc, other.cc, 1);
    show('program mask', this.programMask, other.programMask, 1);
    show('fpc', this.fpc, other.fpc, 8);
    for (const [address, at, length] of WINDOWS) {
      const mine = this.memory.subarray(at, at + length);
      const its = other.memory.subarray(at, at + length);
      const first = mine.findIndex((byte, i) => byte !== its[i]);
      if (first < 0) continue;
      const part = (bytes: Uint8Array): string => hexBytes(bytes.subarray(first, first + 16));
      found.push(`storage ${hex(address + first)}: ${part(mine)} != ${part(its)}`);
    }
    return found;
  }
}

/** Compares two records quickly. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
