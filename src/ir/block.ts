import type { OpName, Type } from './ops.ts';
import type { HelperName } from './helpers.ts';

/** One operation of a block and, unless void, its result. */
export interface Value {
  /** Position in creation order; unique within the block. */
  readonly id: number;
  op: OpName;
  type: Type;
  args: Value[];
  /** Register number, constant, displacement, mask or interruption code: see ops.ts. */
  imm: number;
  /** High word of a const64. */
  immHigh: number;
  /** For op `call`. */
  call?: HelperCall;
}

/** What a helper call touches besides its arguments. */
export interface HelperCall {
  readonly helper: HelperName;
  /** Register numbers and constants that are passed before the IR arguments. */
  readonly numbers: readonly number[];
  /** General registers read and written by the helper; storage follows from its declaration. */
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** Floating-point registers likewise. */
  readonly readsFpr: readonly number[];
  readonly writesFpr: readonly number[];
}

/** A decoded instruction as the block remembers it. */
export interface BlockInsn {
  readonly at: number;
  readonly length: number;
  /** Disassembly, made when asked for. */
  readonly text: () => string;
}

/** Bytes that something was translated from, by instruction address. */
export interface CodeRange {
  readonly at: number;
  readonly length: number;
}

/** How a block ends. Addresses are JavaScript numbers. */
export type Terminal =
  /** Control goes on at `target`: a fall-through or an unconditional direct branch. */
  | { readonly kind: 'link'; readonly target: number }
  | {
      readonly kind: 'branch';
      readonly condition: Value;
      readonly taken: number;
      readonly next: number;
    }
  /**
   * `hint` is `return` for BR %r14-like branches. Execution goes to `address`, which is often one
   * of `targets`: blocks of the region, where that is known.
   */
  | {
      readonly kind: 'indirect';
      readonly address: Value;
      readonly hint: 'return' | 'jump';
      readonly targets?: readonly number[];
    }
  /** A conditional indirect branch. */
  | {
      readonly kind: 'branchIndirect';
      readonly condition: Value;
      readonly address: Value;
      readonly next: number;
      readonly hint: 'return' | 'jump';
      readonly targets?: readonly number[];
    }
  /** The link register already holds the return address `next`. */
  | { readonly kind: 'call'; readonly target: number | Value; readonly next: number }
  /** SUPERVISOR CALL `number`; the instruction address becomes `next`. */
  | { readonly kind: 'supervisorCall'; readonly number: number; readonly next: number }
  /** The machine carries out the instruction `mnemonic` at `at`, and goes on at `next`. */
  | {
      readonly kind: 'intercept';
      readonly mnemonic: string;
      readonly fields: Readonly<Record<string, number>>;
      readonly at: number;
      readonly next: number;
    }
  /** A program interruption at the instruction `at`, suppressed. */
  | { readonly kind: 'interrupt'; readonly code: number; readonly at: number; readonly dxc: number }
  /**
   * The last instruction changed what translations depend on (FPC, program mask, mode). `next` is
   * a value, all 64 bits of an address, for those that branch as well: BSM, BASSM, LPSWE.
   */
  | {
      readonly kind: 'modeChange';
      readonly next: number | Value;
      /** Only when true; otherwise control goes on at `next`, which is a number, as with a link. */
      readonly condition?: Value;
    }
  /** EXECUTE of an instruction that only its run-time operands decide. */
  | {
      readonly kind: 'execute';
      readonly at: number;
      readonly target: Value;
      readonly modifier: Value | undefined;
      readonly next: number;
    };

/** How many calls a region can inline: see {@link startOf}. */
export const CALL_SITES = 1024;

/**
 * The start of a block at an address. Each inlined call has blocks of its own: the number of the
 * call (0 for the function that the region belongs to) is the fraction, in units of 1/1024.
 * Addresses may be any number up to 2**64, those of inlined functions are below 2**32.
 */
export function startOf(address: number, site: number): number {
  return address + site / CALL_SITES;
}

/** The address of the block that starts there. */
export function addressOf(start: number): number {
  return Math.floor(start);
}

/** The number of the inlined call that a block belongs to, or 0. */
export function siteOf(start: number): number {
  return (start - Math.floor(start)) * CALL_SITES;
}

/** A basic block: operations in order, then exactly one terminal. */
export interface Block {
  /** The address: see {@link startOf}. */
  readonly start: number;
  insns: BlockInsn[];
  values: Value[];
  terminal: Terminal;
  /** Instructions that EXECUTE takes from elsewhere, and that were looked at for the block. */
  readonly executed: readonly CodeRange[];
  /** True when the block contains floating-point arithmetic that depends on the FPC. */
  usesFpc: boolean;
}
