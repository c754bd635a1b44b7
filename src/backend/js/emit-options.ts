import type { OptimisationName } from './optimisations.ts';

export interface EmitOptions {
  /** Disassembly as comments. */
  readonly comments: boolean;
  /** Count guest instructions. */
  readonly countInstructions: boolean;
  /** One guard for all accesses through a register's value. */
  readonly mergeGuards: boolean;
  /** Call regions that are known, and branch to them, without the dispatcher. */
  readonly chain: boolean;
  /** Call `logStore` before each store: for lockstep, which must be able to undo it. */
  readonly logStores: boolean;
  /** Compute condition codes where they are wanted, also across blocks. */
  readonly deferCodes: boolean;
  /** Guards look at both pages of an access; otherwise at whether one and its neighbour are open. */
  readonly exactGuards: boolean;
  /** Move saved and restored registers between storage and the register file. */
  readonly homeMoves: boolean;
  /** Multiply 64-bit numbers by base/product.ts. */
  readonly wideProducts: boolean;
  /** Storage is behind DAT; otherwise it is flat. */
  readonly dat: boolean;
  /** General registers (bit r) assumed at the entry to be sign extensions of their low words. */
  readonly narrow: number;
}

/** What the switches leave on; `disabled` may have other names too. */
export function emitOptions(disabled: ReadonlySet<string> = new Set()): EmitOptions {
  const on = (name: OptimisationName): boolean => !disabled.has(name);
  return {
    comments: false,
    countInstructions: false,
    mergeGuards: on('guard-merging'),
    chain: on('chaining'),
    logStores: false,
    deferCodes: on('code-deferral'),
    exactGuards: !on('span-guards'),
    homeMoves: on('home-moves'),
    wideProducts: on('wide-products'),
    dat: false,
    narrow: 0,
  };
}
