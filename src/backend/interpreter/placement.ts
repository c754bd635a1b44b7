import { AR, CC, FPC, fprWord } from '../../cpu/state.ts';
import type { Block, Value } from '../../ir/block.ts';
import type { Mode } from '../../ir/builder.ts';
import { OPS } from '../../ir/ops.ts';
import { terminalArguments } from '../../ir/terminal.ts';
import { ACCESSES, STEPS } from './step-makers.ts';

/** Word that a state read can be used from directly, without copying. */
export function stateWord({ op, imm }: Value): number | undefined {
  switch (op) {
    case 'getGr64':
    case 'getGr32':
      return 2 * imm;
    case 'getGrHigh':
      return 2 * imm + 1;
    case 'getFpr':
    case 'getF64':
      return fprWord(imm);
    case 'getFprHigh':
    case 'getF32':
      return fprWord(imm) + 1;
    case 'getAr':
      return AR + imm;
    case 'getCc':
      return CC;
    case 'getFpc':
      return FPC;
    default:
      return undefined;
  }
}

/** Where a state write goes, and how many words. */
export function writeTarget({ op, imm }: Value): { word: number; words: 1 | 2 } | undefined {
  switch (op) {
    case 'setGr64':
      return { word: 2 * imm, words: 2 };
    case 'setGr32':
      return { word: 2 * imm, words: 1 };
    case 'setGrHigh':
      return { word: 2 * imm + 1, words: 1 };
    case 'setFpr':
    case 'setF64':
      return { word: fprWord(imm), words: 2 };
    case 'setFprHigh':
    case 'setF32':
      return { word: fprWord(imm) + 1, words: 1 };
    case 'setAr':
      return { word: AR + imm, words: 1 };
    case 'setCc':
      return { word: CC, words: 1 };
    default:
      return undefined;
  }
}

const mayFault = ({ op }: Value): boolean => {
  const { effect } = OPS[op];
  return effect === 'load' || effect === 'store' || effect === 'trap' || effect === 'call';
};

/** Where the values of a block may lie: in the registers that they are read from or written to. */
export class Placement {
  /** Register reads that must be copied, since the register changes before their last use. */
  readonly copied = new Set<Value>();
  /** Addresses that must exist as 64-bit values, not only inside loads and stores. */
  readonly wholeAddresses = new Set<Value>();
  /** Values computed straight into the register that they are written to: the register's word. */
  readonly direct = new Map<Value, number>();
  readonly #block: Block;
  readonly #mode: Mode;
  readonly #lastUse = new Map<Value, number>();

  constructor(block: Block, mode: Mode) {
    this.#block = block;
    this.#mode = mode;
    this.#findUses();
    this.#findAddresses();
    this.#findHazards();
    this.#findDirect();
  }

  #findUses(): void {
    const { values, terminal } = this.#block;
    values.forEach((value, i) => {
      for (const arg of value.args) this.#lastUse.set(arg, i);
    });
    for (const arg of terminalArguments(terminal)) this.#lastUse.set(arg, Infinity);
    // A value that shares its argument's slot keeps that one in use.
    for (const value of values.toReversed()) {
      const source = this.#shared(value);
      if (!source) continue;
      const last = Math.max(this.#lastUse.get(source)!, this.#lastUse.get(value) ?? -1);
      this.#lastUse.set(source, last);
    }
  }

  /** The argument whose slot `value` is or lies in, when no step computes it. */
  #shared({ op, args, imm }: Value): Value | undefined {
    switch (op) {
      case 'low32':
      case 'high32':
      case 'bitsFromF64':
      case 'f64FromBits':
        return args[0];
      case 'address':
        return args.length === 1 && imm === 0 && this.#mode.addressing === 64 ? args[0] : undefined;
      default:
        return undefined;
    }
  }

  /** The value whose slot `value` is or lies in. */
  #owner(value: Value): Value {
    const source = this.#shared(value);
    return source ? this.#owner(source) : value;
  }

  /** A register read whose register is written before the value's last use must be copied. */
  #findHazards(): void {
    const { values } = this.#block;
    let reads: { value: Value; word: number }[] = [];
    values.forEach((value, i) => {
      const word = stateWord(value);
      if (word !== undefined) reads.push({ value, word });
      const target = writeTarget(value);
      const writes: [number, number][] = target ? [[target.word, target.words]] : [];
      for (const r of value.call?.writes ?? []) writes.push([2 * r, 2]);
      for (const r of value.call?.writesFpr ?? []) writes.push([fprWord(r), 2]);
      if (OPS[value.op].effect === 'trap' || value.call) writes.push([FPC, 1]);
      for (const [first, count] of writes) {
        reads = reads.filter((read) => {
          const width = read.value.type === 'i64' || read.value.type === 'f64' ? 2 : 1;
          const overlaps = read.word < first + count && first < read.word + width;
          if (!overlaps) return true;
          if (this.#lastUse.get(read.value)! > i) this.copied.add(read.value);
          return false;
        });
      }
    });
  }

  /** A result that only goes into a register may be computed there: see the conditions below. */
  #findDirect(): void {
    const { values } = this.#block;
    const definedAt = new Map<Value, number>();
    const claimed = new Set<number>();
    values.forEach((value, i) => {
      definedAt.set(value, i);
      const target = writeTarget(value);
      const source = value.args[0];
      if (!target || !source) return;
      const from = definedAt.get(source)!;
      const width = source.type === 'i64' || source.type === 'f64' ? 2 : 1;
      if (width !== target.words || !this.#isComputed(source)) return;
      if (this.#lastUse.get(source) !== i || claimed.has(from)) return;
      for (let k = from + 1; k < i; k++) {
        const between = values[k]!;
        // Nothing architected may change before the last access that may fault,
        // and no later op of the instruction may read the register's old value.
        if (between.op === 'insn' || mayFault(between)) return;
        for (const use of [between, ...between.args]) {
          const arg = this.#owner(use);
          const word = stateWord(arg);
          if (word === undefined || (arg !== between && this.copied.has(arg))) continue;
          const argWidth = arg.type === 'i64' || arg.type === 'f64' ? 2 : 1;
          if (word < target.word + target.words && target.word < word + argWidth) return;
        }
        const other = writeTarget(between);
        if (
          other &&
          other.word < target.word + target.words &&
          target.word < other.word + other.words
        )
          return;
      }
      claimed.add(from);
      this.direct.set(source, target.word);
    });
  }

  /** Whether a step computes a value into a slot that can be chosen. */
  #isComputed(value: Value): boolean {
    if (value.op === 'address') return this.#shared(value) === undefined;
    return (STEPS[value.op] ?? ACCESSES[value.op]) !== undefined;
  }

  /** Index of the last op that uses a value, Infinity for the block's end. */
  lastUse(value: Value): number | undefined {
    return this.#lastUse.get(value);
  }

  /** Finds the addresses that must exist as 64-bit values, not only inside loads and stores. */
  #findAddresses(): void {
    const { values, terminal } = this.#block;
    const whole = this.wholeAddresses;
    for (const value of terminalArguments(terminal)) whole.add(value);
    for (const value of values) {
      if (value.op === 'address' && (value.args.length !== 1 || this.#mode.addressing !== 64)) {
        whole.add(value);
      }
      const access = ACCESSES[value.op] !== undefined;
      value.args.forEach((arg, i) => {
        if (!access || i > 0) whole.add(arg);
      });
    }
    // A base is read where its address is used.
    for (const value of values) {
      const address = value.args[0];
      if (address?.op !== 'address' || whole.has(address)) continue;
      const base = address.args[0]!;
      this.#lastUse.set(base, Math.max(this.#lastUse.get(base)!, this.#lastUse.get(address)!));
    }
  }
}
