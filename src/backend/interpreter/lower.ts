import { AS_SECONDARY } from '../../arch/psw.ts';
import { assert } from '../../base/assert.ts';
import { toNumber } from '../../base/int64.ts';
import { IA, PSW_MASK, SVC_LENGTH, TEMPORARIES } from '../../cpu/state.ts';
import type { Block, BlockInsn, Terminal, Value } from '../../ir/block.ts';
import { accessRegisterOf, INSTRUCTION_SPACE, selectsSpaces, type Mode } from '../../ir/builder.ts';
import { DatStorage } from '../../memory/dat-storage.ts';
import { RUNTIME } from '../../runtime/index.ts';
import { trapInterruption } from '../../runtime/trap.ts';
import { BRANCH_TESTS, branchCondition, type BranchCondition } from './branch-test.ts';
import type { Environment, Step, StepMaker } from './environment.ts';
import { multipleAt, multipleStep } from './multiple.ts';
import { Placement, stateWord, writeTarget } from './placement.ts';
import { ACCESSES, DAT_ACCESSES, DAT_STEPS, STEPS, type StepTable } from './step-makers.ts';

/** Why `finish` did not name a next address. */
export type Stop =
  | { readonly kind: 'supervisorCall'; readonly number: number; readonly next: number }
  | (Terminal & { readonly kind: 'intercept' })
  | { readonly kind: 'interrupt'; readonly code: number; readonly at: number; readonly dxc: number }
  /** The last instruction changed what may run next, or how. */
  | { readonly kind: 'changed'; readonly next: number }
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

/** Lowers a block to steps over slots of the register file. */
export function lowerBlock(env: Environment, block: Block, mode: Mode): LoweredBlock {
  return new Lowering(env, block, mode).run();
}

/**
 * No method that makes a step has an arrow function that uses `this`: V8 would keep this object, and
 * with it the block's IR, as long as the step.
 */
class Lowering {
  readonly #env: Environment;
  readonly #block: Block;
  readonly #mode: Mode;
  readonly #placement: Placement;
  readonly #slots = new Map<Value, number>();
  readonly #steps: Step[] = [];
  readonly #insnOf: number[] = [];
  readonly #makers: StepTable;
  readonly #accesses: StepTable;
  readonly #selects: boolean;
  readonly #condition: BranchCondition | undefined;
  #isTestFused = false;
  #insn = 0;
  #next = TEMPORARIES;

  constructor(env: Environment, block: Block, mode: Mode) {
    this.#env = env;
    this.#block = block;
    this.#mode = mode;
    this.#placement = new Placement(block, mode);
    this.#condition = branchCondition(block);
    this.#makers = env.dat ? DAT_STEPS : STEPS;
    this.#accesses = env.dat ? DAT_ACCESSES : ACCESSES;
    this.#selects = env.dat && selectsSpaces(mode);
  }

  run(): LoweredBlock {
    const { values } = this.#block;
    const lastUse = (value: Value): number | undefined => this.#placement.lastUse(value);
    const joins = this.#env.dat && !this.#selects && this.#mode.addressing === 64;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      const multiple = joins && value.op === 'getGr64' ? multipleAt(values, i, lastUse) : undefined;
      if (multiple) {
        this.#push(multipleStep(this.#env, multiple));
        i = multiple.last;
      } else if (value === this.#condition?.value && this.#isComparedLast(i)) {
        this.#isTestFused = true;
      } else if (!this.#condition?.negations.includes(value)) {
        this.#lower(value);
      }
    }
    const { finish, stop } = this.#terminal(this.#block.terminal);
    return {
      steps: this.#steps,
      insnOf: this.#insnOf,
      insns: this.#block.insns.map(({ at, length }) => ({ at, length })),
      finish,
      stop,
    };
  }

  /** Whether the branch at the end may make the comparison `i`, of what is there then. */
  #isComparedLast(i: number): boolean {
    const { values } = this.#block;
    const { op, args } = values[i]!;
    if (!this.#condition!.isOwn || !BRANCH_TESTS[op]) return false;
    const slots = args.map((arg) => this.#slot(arg));
    const changes = (word: number, count: number): boolean =>
      slots.some((slot) => slot < word + count && word < slot + 2);
    const before = new Set(values.slice(0, i));
    return values.slice(i + 1).every((value) => {
      if (value.call) return false;
      const target = writeTarget(value);
      const direct = this.#placement.direct.get(value);
      if (direct !== undefined && changes(direct, 2)) return false;
      if (!target || !changes(target.word, target.words)) return true;
      const source = value.args[0]!;
      return before.has(source) && this.#placement.direct.get(source) === target.word;
    });
  }

  #push(made: Step, value?: Value): void {
    const step = value && this.#selects ? this.#selecting(made, value) : made;
    this.#steps.push(step);
    this.#insnOf.push(this.#insn);
  }

  /** Says which spaces the operands of a step are in, before it runs. */
  #selecting(step: Step, { args }: Value): Step {
    const { memory } = this.#env;
    assert(memory instanceof DatStorage, 'spaces are behind DAT');
    const registers = args.filter(({ type }) => type === 'i64').map(accessRegisterOf);
    if (this.#mode.space === AS_SECONDARY) {
      return registers[0] === INSTRUCTION_SPACE ? () => memory.amongInstructions(step) : step;
    }
    const operands = registers.map((r) => (r === INSTRUCTION_SPACE ? 0 : r));
    return () => {
      memory.setOperands(operands);
      step();
    };
  }

  #slot(value: Value): number {
    const slot = this.#slots.get(value);
    assert(slot !== undefined, `${value.op} has no slot`);
    return slot;
  }

  #slotsOf(values: readonly Value[]): number[] {
    return values.map((value) => this.#slot(value));
  }

  /** The words of helper arguments: high and low of an i64, else one. */
  #wordsOf(values: readonly Value[]): number[] {
    return values.flatMap((value) => {
      const slot = this.#slot(value);
      return value.type === 'i64' ? [slot + 1, slot] : [slot];
    });
  }

  /** How the address in a value is read when the block ends. */
  #addressOf(value: Value, addressing = this.#mode.addressing): () => number {
    const { words: w } = this.#env;
    const slot = this.#slot(value);
    if (addressing === 64) {
      return () => {
        const hi = w[slot + 1]!;
        const lo = w[slot]!;
        if (hi >>> 21 !== 0) {
          w[IA] = lo;
          w[IA + 1] = hi;
        }
        return toNumber(hi, lo);
      };
    }
    const mask = addressing === 31 ? 0x7fffffff : 0xffffff;
    return () => w[slot]! & mask;
  }

  #temporary(): number {
    const slot = this.#next;
    this.#next += 2;
    assert(slot + 2 <= this.#env.words.length, 'too many values in a block');
    return slot;
  }

  #copy(from: number, to: number, words: number): void {
    const { words: w, doublewords: dw } = this.#env;
    if (words === 1) {
      this.#push(() => {
        w[to] = w[from]!;
      });
    } else if (this.#env.dat) {
      this.#push(() => {
        w[to] = w[from]!;
        w[to + 1] = w[from + 1]!;
      });
    } else {
      const [source, target] = [from >> 1, to >> 1];
      this.#push(() => {
        dw[target] = dw[source]!;
      });
    }
  }

  #lower(value: Value): void {
    const { op, args, imm } = value;
    const { words: w } = this.#env;
    const word = stateWord(value);
    if (word !== undefined) {
      if (!this.#placement.copied.has(value)) {
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
        const { immHigh } = value;
        const constant = this.#env.constants.slotOf(op === 'const32' ? 0 : immHigh, imm);
        const slot = constant ?? this.#temporary();
        this.#slots.set(value, slot);
        if (constant !== undefined) return;
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
        if (this.#placement.wholeAddresses.has(value)) this.#address(value);
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
        const access = this.#accesses[op];
        if (access) {
          this.#access(value, access);
          return;
        }
        const maker = this.#makers[op];
        assert(maker, `the interpreter lacks ${op}`);
        const [a, b, c, fourth] = this.#slotsOf(args);
        const slot =
          value.type === 'void' ? 0 : (this.#placement.direct.get(value) ?? this.#temporary());
        if (value.type !== 'void') this.#slots.set(value, slot);
        this.#push(maker(this.#env, slot, a ?? 0, b ?? 0, c ?? 0, fourth ?? imm), value);
      }
    }
  }

  /** A load or store: base and displacement are added by the step itself where they can be. */
  #access(value: Value, maker: StepMaker): void {
    const { args } = value;
    const address = args[0]!;
    const apart = address.op === 'address' && !this.#placement.wholeAddresses.has(address);
    const base = this.#slot(apart ? address.args[0]! : address);
    const data = args.length > 1 ? this.#slot(args[1]!) : 0;
    const slot =
      value.type === 'void' ? 0 : (this.#placement.direct.get(value) ?? this.#temporary());
    if (value.type !== 'void') this.#slots.set(value, slot);
    this.#push(maker(this.#env, slot, base, data, 0, apart ? address.imm : 0), value);
  }

  #address(value: Value): void {
    const { words: w } = this.#env;
    const { args, imm } = value;
    const { addressing } = this.#mode;
    if (args.length === 1 && imm === 0 && addressing === 64) {
      this.#slots.set(value, this.#slot(args[0]!));
      return;
    }
    const d = this.#placement.direct.get(value) ?? this.#temporary();
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
    const { words: w, context, memory } = this.#env;
    const { helper, numbers } = value.call!;
    const slots = this.#wordsOf(value.args);
    const run = RUNTIME[helper];
    if (value.type === 'void') {
      this.#push(() => {
        run(context, ...numbers, ...slots.map((s) => w[s]!));
        if (memory.open !== 0) memory.settle();
      }, value);
      return;
    }
    const d = this.#temporary();
    this.#slots.set(value, d);
    this.#push(() => {
      w[d] = run(context, ...numbers, ...slots.map((s) => w[s]!)) as number;
      if (memory.open !== 0) memory.settle();
    }, value);
  }

  #terminal(terminal: Terminal): { finish: () => number; stop: Stop | undefined } {
    const { words: w } = this.#env;
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
        if (terminal.condition) {
          const condition = this.#slot(terminal.condition);
          const address = next as number;
          return {
            finish: () => (w[condition] ? -1 : address),
            stop: { kind: 'changed', next: address },
          };
        }
        return going(typeof next === 'number' ? () => next : this.#addressOf(next, 64));
      }
      case 'branch': {
        const { value, isInverted } = this.#condition!;
        const taken = isInverted ? terminal.next : terminal.taken;
        const next = isInverted ? terminal.taken : terminal.next;
        if (this.#isTestFused) {
          const [a, b] = this.#slotsOf(value.args);
          return going(BRANCH_TESTS[value.op]!(w, a!, b!, taken, next));
        }
        const condition = this.#slot(value);
        return going(() => (w[condition] ? taken : next));
      }
      case 'indirect':
        return going(this.#addressOf(terminal.address));
      case 'branchIndirect': {
        const condition = this.#slot(terminal.condition);
        const { next } = terminal;
        const address = this.#addressOf(terminal.address);
        return going(() => (w[condition] ? address() : next));
      }
      case 'call': {
        const { target } = terminal;
        if (typeof target !== 'number') return going(this.#addressOf(target));
        return going(() => target);
      }
      case 'supervisorCall': {
        const { number, next } = terminal;
        const { length } = this.#block.insns.at(-1)!;
        return {
          finish: () => {
            w[SVC_LENGTH] = length;
            return -1;
          },
          stop: { kind: 'supervisorCall', number, next },
        };
      }
      case 'intercept':
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
