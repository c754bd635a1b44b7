import { assert } from '../../base/assert.ts';
import { toNumber } from '../../base/int64.ts';
import { AR, CC, FPC, fprWord, PSW_MASK, TEMPORARIES } from '../../cpu/state.ts';
import type { Block, BlockInsn, Terminal, Value } from '../../ir/block.ts';
import type { Mode } from '../../ir/builder.ts';
import { OPS } from '../../ir/ops.ts';
import { terminalArguments } from '../../ir/terminal.ts';
import { RUNTIME } from '../../runtime/index.ts';
import { trapInterruption } from '../../runtime/trap.ts';
import type { Environment, Step, StepMaker } from './environment.ts';
import { CC_STEPS } from './steps-cc.ts';
import { FLOAT_STEPS } from './steps-float.ts';
import { INTEGER_STEPS } from './steps-integer.ts';
import { ACCESS_STEPS, FLOAT_ACCESS_STEPS, MEMORY_STEPS } from './steps-memory.ts';

/** Why `finish` did not name a next address. */
export type Stop =
  | { readonly kind: 'supervisorCall'; readonly number: number; readonly next: number }
  | { readonly kind: 'interrupt'; readonly code: number; readonly at: number; readonly dxc: number }
  | {
      readonly kind: 'execute';
      readonly at: number;
      readonly next: number;
      /** Words holding the target address and the modifier; -1 without modifier. */
      readonly target: number;
      readonly modifier: number;
    };

/** An instruction of a block: a block is kept for long, and its disassembly is not wanted. */
export type InsnPlace = Pick<BlockInsn, 'at' | 'length'>;

/** A block ready to be interpreted. */
export interface LoweredBlock {
  readonly steps: readonly Step[];
  /** Index into `insns` of each step. */
  readonly insnOf: readonly number[];
  readonly insns: readonly InsnPlace[];
  /** The next address, or -1 when `stop` says why not. */
  readonly finish: () => number;
  readonly stop: Stop | undefined;
}

const STEPS: Partial<Record<string, StepMaker>> = {
  ...INTEGER_STEPS,
  ...CC_STEPS,
  ...MEMORY_STEPS,
  ...FLOAT_STEPS,
};

/** Loads and stores, which take base and displacement apart. */
const ACCESSES: Partial<Record<string, StepMaker>> = { ...ACCESS_STEPS, ...FLOAT_ACCESS_STEPS };

/** Word that a state read can be used from directly, without copying. */
function stateWord({ op, imm }: Value): number | undefined {
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
function writeTarget({ op, imm }: Value): { word: number; words: 1 | 2 } | undefined {
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

/** Lowers a block to steps over slots of the register file. */
export function lowerBlock(env: Environment, block: Block, mode: Mode): LoweredBlock {
  return new Lowering(env, block, mode).run();
}

const NO_BLOCK: Block = {
  start: 0,
  insns: [],
  values: [],
  terminal: { kind: 'link', target: 0 },
  usesFpc: false,
};
const NO_NUMBERS = new Map<Value, number>();
const NO_VALUES = new Set<Value>();

class Lowering {
  readonly #env: Environment;
  #block: Block;
  readonly #mode: Mode;
  #slots = new Map<Value, number>();
  #lastUse = new Map<Value, number>();
  #copied = new Set<Value>();
  #wholeAddresses = new Set<Value>();
  /** Values computed straight into the register that they are written to. */
  #direct = new Map<Value, number>();
  #steps: Step[] = [];
  #insnOf: number[] = [];
  #insn = 0;
  #next = TEMPORARIES;

  constructor(env: Environment, block: Block, mode: Mode) {
    this.#env = env;
    this.#block = block;
    this.#mode = mode;
  }

  run(): LoweredBlock {
    this.#findUses();
    this.#findAddresses();
    this.#findHazards();
    this.#findDirect();
    for (const value of this.#block.values) this.#lower(value);
    const { finish, stop } = this.#terminal(this.#block.terminal);
    const lowered = {
      steps: this.#steps,
      insnOf: this.#insnOf,
      insns: this.#block.insns.map(({ at, length }) => ({ at, length })),
      finish,
      stop,
    };
    this.#release();
    return lowered;
  }

  /** Steps that were made by a method with `this` in its scope keep this object: make it small. */
  #release(): void {
    this.#block = NO_BLOCK;
    this.#slots = this.#lastUse = this.#direct = NO_NUMBERS;
    this.#copied = this.#wholeAddresses = NO_VALUES;
    this.#steps = [];
    this.#insnOf = [];
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
          if (this.#lastUse.get(read.value)! > i) this.#copied.add(read.value);
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
      if (width !== target.words || !(STEPS[source.op] ?? ACCESSES[source.op])) return;
      if (this.#lastUse.get(source) !== i || claimed.has(from)) return;
      for (let k = from + 1; k < i; k++) {
        const between = values[k]!;
        // Nothing architected may change before the last access that may fault,
        // and no later op of the instruction may read the register's old value.
        if (between.op === 'insn' || mayFault(between)) return;
        for (const use of [between, ...between.args]) {
          const arg = this.#owner(use);
          const word = stateWord(arg);
          if (word === undefined || (arg !== between && this.#copied.has(arg))) continue;
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
      this.#direct.set(source, target.word);
    });
  }

  #push(step: Step): void {
    this.#steps.push(step);
    this.#insnOf.push(this.#insn);
  }

  #slot(value: Value): number {
    const slot = this.#slots.get(value);
    assert(slot !== undefined, `${value.op} has no slot`);
    return slot;
  }

  #temporary(): number {
    const slot = this.#next;
    this.#next += 2;
    assert(slot + 2 <= this.#env.words.length, 'too many values in a block');
    return slot;
  }

  #copy(from: number, to: number, words: number): void {
    const w = this.#env.words;
    if (words === 1) {
      this.#push(() => {
        w[to] = w[from]!;
      });
    } else {
      this.#push(() => {
        w[to] = w[from]!;
        w[to + 1] = w[from + 1]!;
      });
    }
  }

  #lower(value: Value): void {
    const { op, args, imm } = value;
    const { words: w } = this.#env;
    const word = stateWord(value);
    if (word !== undefined) {
      if (!this.#copied.has(value)) {
        this.#slots.set(value, word);
        return;
      }
      const slot = this.#temporary();
      this.#copy(word, slot, value.type === 'i64' || value.type === 'f64' ? 2 : 1);
      this.#slots.set(value, slot);
      return;
    }
    const target = writeTarget(value);
    if (target) {
      const from = this.#slot(args[0]!);
      if (from !== target.word) this.#copy(from, target.word, target.words);
      return;
    }
    switch (op) {
      case 'insn':
        this.#insn = imm;
        return;
      case 'const32':
      case 'const64': {
        const slot = this.#direct.get(value) ?? this.#temporary();
        this.#slots.set(value, slot);
        const { immHigh } = value;
        if (op === 'const32') {
          this.#push(() => {
            w[slot] = imm;
          });
        } else {
          this.#push(() => {
            w[slot] = imm;
            w[slot + 1] = immHigh;
          });
        }
        return;
      }
      case 'low32':
        this.#slots.set(value, this.#slot(args[0]!));
        return;
      case 'high32':
        this.#slots.set(value, this.#slot(args[0]!) + 1);
        return;
      case 'bitsFromF64':
      case 'f64FromBits':
        this.#slots.set(value, this.#slot(args[0]!));
        return;
      case 'getProgramMask': {
        const slot = this.#temporary();
        this.#slots.set(value, slot);
        this.#push(() => {
          w[slot] = (w[PSW_MASK + 1]! >>> 8) & 15;
        });
        return;
      }
      case 'address':
        if (this.#wholeAddresses.has(value)) this.#address(value);
        return;
      case 'trapIf':
      case 'completeTrapIf': {
        const condition = this.#slot(args[0]!);
        const completed = op === 'completeTrapIf';
        const { immHigh } = value;
        this.#push(() => {
          if (w[condition]) throw trapInterruption(w, imm, immHigh, completed);
        });
        return;
      }
      case 'call':
        this.#call(value);
        return;
      default: {
        const access = ACCESSES[op];
        if (access) {
          this.#access(value, access);
          return;
        }
        const maker = STEPS[op];
        assert(maker, `the interpreter lacks ${op}`);
        const [a, b, c, fourth] = args.map((arg) => this.#slot(arg)) as [
          number,
          number,
          number,
          number,
        ];
        const slot = value.type === 'void' ? 0 : (this.#direct.get(value) ?? this.#temporary());
        if (value.type !== 'void') this.#slots.set(value, slot);
        this.#push(maker(this.#env, slot, a ?? 0, b ?? 0, c ?? 0, fourth ?? imm));
      }
    }
  }

  /** A load or store: base and displacement are added by the step itself where they can be. */
  #access(value: Value, maker: StepMaker): void {
    const { args } = value;
    const address = args[0]!;
    const apart = address.op === 'address' && !this.#wholeAddresses.has(address);
    const base = this.#slot(apart ? address.args[0]! : address);
    const data = args.length > 1 ? this.#slot(args[1]!) : 0;
    const slot = value.type === 'void' ? 0 : (this.#direct.get(value) ?? this.#temporary());
    if (value.type !== 'void') this.#slots.set(value, slot);
    this.#push(maker(this.#env, slot, base, data, 0, apart ? address.imm : 0));
  }

  /** Finds the addresses that must exist as 64-bit values, not only inside loads and stores. */
  #findAddresses(): void {
    const { values, terminal } = this.#block;
    const whole = this.#wholeAddresses;
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

  #address(value: Value): void {
    const { words: w } = this.#env;
    const { args, imm } = value;
    const { addressing } = this.#mode;
    if (args.length === 1 && imm === 0 && addressing === 64) {
      this.#slots.set(value, this.#slot(args[0]!));
      return;
    }
    const d = this.#temporary();
    this.#slots.set(value, d);
    const a = args.length > 0 ? this.#slot(args[0]!) : -1;
    const b = args.length > 1 ? this.#slot(args[1]!) : -1;
    const immHigh = imm >> 31;
    if (addressing !== 64) {
      const mask = addressing === 31 ? 0x7fffffff : 0xffffff;
      this.#push(() => {
        w[d] = ((a < 0 ? 0 : w[a]!) + (b < 0 ? 0 : w[b]!) + imm) & mask;
        w[d + 1] = 0;
      });
    } else if (a < 0) {
      this.#push(() => {
        w[d] = imm;
        w[d + 1] = immHigh;
      });
    } else if (b < 0) {
      this.#push(() => {
        const low = w[a]!;
        const sum = (low + imm) | 0;
        w[d] = sum;
        w[d + 1] = w[a + 1]! + immHigh + (sum >>> 0 < low >>> 0 ? 1 : 0);
      });
    } else {
      this.#push(() => {
        const sum = (w[a]! >>> 0) + (w[b]! >>> 0) + imm;
        w[d] = sum;
        w[d + 1] = w[a + 1]! + w[b + 1]! + Math.floor(sum / 0x1_0000_0000);
      });
    }
  }

  #call(value: Value): void {
    const { words: w, context } = this.#env;
    const { helper, numbers } = value.call!;
    const slots = value.args.flatMap((arg) => {
      const slot = this.#slot(arg);
      return arg.type === 'i64' ? [slot + 1, slot] : [slot];
    });
    const run = RUNTIME[helper];
    if (value.type === 'void') {
      this.#push(() => {
        run(context, ...numbers, ...slots.map((s) => w[s]!));
      });
      return;
    }
    const d = this.#temporary();
    this.#slots.set(value, d);
    this.#push(() => {
      w[d] = run(context, ...numbers, ...slots.map((s) => w[s]!)) as number;
    });
  }

  #terminal(terminal: Terminal): { finish: () => number; stop: Stop | undefined } {
    const { words: w } = this.#env;
    const addressOf = (value: Value): (() => number) => {
      const slot = this.#slot(value);
      const { addressing } = this.#mode;
      if (addressing === 64) return () => toNumber(w[slot + 1]!, w[slot]!);
      const mask = addressing === 31 ? 0x7fffffff : 0xffffff;
      return () => w[slot]! & mask;
    };
    const stopped = (stop: Stop): { finish: () => number; stop: Stop } => ({
      finish: () => -1,
      stop,
    });
    const going = (finish: () => number): { finish: () => number; stop: undefined } => ({
      finish,
      stop: undefined,
    });
    switch (terminal.kind) {
      case 'link': {
        const { target } = terminal;
        return going(() => target);
      }
      case 'modeChange': {
        const { next } = terminal;
        return going(typeof next === 'number' ? () => next : addressOf(next));
      }
      case 'branch': {
        const { taken, next } = terminal;
        const condition = this.#slot(terminal.condition);
        return going(() => (w[condition] ? taken : next));
      }
      case 'indirect':
        return going(addressOf(terminal.address));
      case 'branchIndirect': {
        const condition = this.#slot(terminal.condition);
        const { next } = terminal;
        const address = addressOf(terminal.address);
        return going(() => (w[condition] ? address() : next));
      }
      case 'call': {
        const { target } = terminal;
        if (typeof target !== 'number') return going(addressOf(target));
        return going(() => target);
      }
      case 'supervisorCall':
        return stopped({ kind: 'supervisorCall', number: terminal.number, next: terminal.next });
      case 'interrupt':
        return stopped(terminal);
      case 'execute':
        return stopped({
          kind: 'execute',
          at: terminal.at,
          next: terminal.next,
          target: this.#slot(terminal.target),
          modifier: terminal.modifier ? this.#slot(terminal.modifier) : -1,
        });
    }
  }
}
