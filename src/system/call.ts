import { PIC_SPECIFICATION, ProgramInterruption } from '../cpu/interruption.ts';
import { PSW_MASK, type CpuState } from '../cpu/state.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import type { GuestStorage } from '../memory/guest-storage.ts';

/**
 * An instruction that the machine carries out for a VCPU, whose state has been synchronised.
 * Handlers set registers and the condition code in it, or throw a `ProgramInterruption`.
 */
export class Call {
  readonly vcpu: Vcpu;
  readonly mnemonic: string;
  readonly fields: Readonly<Record<string, number>>;
  /** Storage as the VCPU addresses it. */
  readonly #memory: GuestStorage;
  readonly #address: bigint | undefined;

  constructor(
    vcpu: Vcpu,
    mnemonic: string,
    fields: Readonly<Record<string, number>>,
    memory: GuestStorage,
    address?: bigint,
  ) {
    this.vcpu = vcpu;
    this.mnemonic = mnemonic;
    this.fields = fields;
    this.#memory = memory;
    this.#address = address;
  }

  get state(): CpuState {
    return this.vcpu.state;
  }

  /** General register 1, low word, unsigned: what most channel instructions take. */
  get gr1(): number {
    return this.state.gr32(1) >>> 0;
  }

  /** The same call with its operand at another address. */
  at(address: bigint): Call {
    return new Call(this.vcpu, this.mnemonic, this.fields, this.#memory, address);
  }

  /** The second-operand address D2(B2), in the VCPU's addressing mode. */
  get address(): bigint {
    if (this.#address !== undefined) return this.#address;
    const { b2 = 0, d2 = 0 } = this.fields;
    const base = b2 === 0 ? 0n : this.state.gr(b2);
    const { words } = this.state;
    const bits = words[PSW_MASK + 1]! & 1 ? 64 : words[PSW_MASK]! < 0 ? 31 : 24;
    return BigInt.asUintN(bits, base + BigInt(d2));
  }

  /** The second operand, whose address must be a multiple of `alignment`. */
  read(size: number, alignment: number): Uint8Array {
    const bytes = new Uint8Array(size);
    this.#pieces(alignment, size, (at, done, count) => {
      const from = this.#memory.readable(...at, count);
      bytes.set(this.#memory.bytes.subarray(from, from + count), done);
    });
    return bytes;
  }

  /** Stores into the second operand. */
  write(bytes: Uint8Array, alignment: number): void {
    // Everything is checked before anything is stored.
    const places: [number, Uint8Array][] = [];
    this.#pieces(alignment, bytes.length, (at, done, count) => {
      const to = this.#memory.writable(...at, count);
      places.push([to, bytes.subarray(done, done + count)]);
    });
    for (const [to, piece] of places) this.#memory.bytes.set(piece, to);
  }

  /** Whether the second operand can be stored into. */
  checkStore(size: number, alignment: number): void {
    this.#pieces(alignment, size, (at, _done, count) => {
      this.#memory.writable(...at, count);
    });
  }

  #pieces(
    alignment: number,
    size: number,
    piece: (at: [hi: number, lo: number], done: number, count: number) => void,
  ): void {
    const { address } = this;
    this.#memory.accessRegister = this.fields['b2'] ?? this.fields['r1'] ?? 0;
    if (address % BigInt(alignment) !== 0n) throw new ProgramInterruption(PIC_SPECIFICATION);
    for (let done = 0; done < size;) {
      const at = address + BigInt(done);
      const count = Math.min(size - done, 4096 - Number(at & 0xfffn));
      piece([Number(BigInt.asIntN(32, at >> 32n)), Number(BigInt.asIntN(32, at))], done, count);
      done += count;
    }
  }

  /** Sets the low word of a general register. */
  setGr32(r: number, value: number): void {
    this.state.words[2 * r] = value;
  }

  setCc(cc: number): void {
    this.state.cc = cc;
  }
}

/** Carries out one instruction. */
export type CallHandler = (call: Call) => void;
