import type { Expression, Statement } from 'estree';
import { highWord } from '../../base/int64.ts';
import { EXIT_CHANGED, EXIT_FAR, EXIT_INTERPRET } from '../../cpu/exit-reason.ts';
import { INSN_COUNT } from '../../cpu/state.ts';
import type { Target } from '../../frontend/structure.ts';
import { addressOf, type Terminal, type Value } from '../../ir/block.ts';
import type { CcFlow } from './cc-flow.ts';
import { literal } from './context.ts';
import type { BlockEmitter } from './emit-block.ts';
import type { EmitOptions } from './emit-options.ts';
import { highOr, withLowWords, type Local } from './locals.ts';
import type { Kinds } from './narrow.ts';
import { expr, js, lowLiteral } from './quote.ts';
import type { RegisterSet } from './registers.ts';

/** What the end of a block needs of the region around it. */
export interface TerminalScope {
  readonly options: EmitOptions;
  readonly ccFlow: CcFlow;
  /** Registers whose local must be valid at the start of a block of the region. */
  liveIn(start: number): RegisterSet;
  kindsAt(start: number): Kinds;
  locals(set: RegisterSet): Local[];
  writeBack(dirty: RegisterSet, cc: Expression | undefined, kinds: Kinds): Statement[];
  load(set: RegisterSet): Statement[];
  /** `leaving` when a loaded register is not as narrow as the kinds say. */
  checkNarrow(loaded: RegisterSet, kinds: Kinds, leaving: Statement[]): Statement[];
  /** `leaving` when the floating-point control asks for what generated code does not do. */
  checkFpc(leaving: Statement[]): Statement[];
  /** Hands the rest of the budget to another region, and takes back what that has left. */
  giveBudget(): Statement[];
  takeBudget(): Statement[];
  /** Leaves towards the dispatcher. */
  leave(at: number, reason: number): Statement[];
  /** The names of a helper, of another region, and of a place in this one. */
  use(helper: string): Expression;
  link(target: number): Expression;
  nameOf(start: number): string;
  /** Goes to a block of the region. */
  go(target: Target): Statement[];
}

/** Emits where a block goes: on in the region, into another, or out to the dispatcher. */
export class TerminalEmitter {
  readonly #region: TerminalScope;
  readonly #block: BlockEmitter;
  /** The successors that are inside the region. */
  readonly #exits: ReadonlyMap<number, Target>;

  constructor(region: TerminalScope, block: BlockEmitter, exits: ReadonlyMap<number, Target>) {
    this.#region = region;
    this.#block = block;
    this.#exits = exits;
  }

  statements(): Statement[] {
    const region = this.#region;
    const { context: c, block } = this.#block;
    const { terminal } = block;
    switch (terminal.kind) {
      case 'link':
        return this.#direct(terminal.target);
      case 'branch': {
        const condition = c.bool(terminal.condition);
        const known = literal(condition);
        if (known !== undefined) return this.#direct(known ? terminal.taken : terminal.next);
        const taken = this.#direct(terminal.taken);
        return [...js`if (${condition}) { ${taken}; }`, ...this.#direct(terminal.next)];
      }
      case 'indirect':
        return this.#indirect(terminal);
      case 'branchIndirect': {
        const going = this.#indirect(terminal);
        const condition = c.bool(terminal.condition);
        return [...js`if (${condition}) { ${going}; }`, ...this.#direct(terminal.next)];
      }
      case 'call':
        return this.#call(terminal);
      case 'modeChange': {
        if (terminal.condition) {
          const next = terminal.next as number;
          const leaving = this.#exit(region.leave(addressOf(next), EXIT_CHANGED));
          return [...js`if (${c.bool(terminal.condition)}) { ${leaving}; }`, ...this.#direct(next)];
        }
        if (typeof terminal.next === 'number') {
          return this.#exit(region.leave(terminal.next, EXIT_CHANGED));
        }
        const { hi, lo } = c.pair(terminal.next);
        return this.#exit(js`return ${region.use('leaveChanged')}(${hi}, ${lo});`);
      }
      case 'supervisorCall':
      case 'intercept':
      case 'interrupt':
      case 'execute': {
        // The interpreter does the whole instruction.
        const { at } = block.insns[block.insns.length - 1]!;
        const uncount = region.options.countInstructions
          ? js`doubles[${INSN_COUNT >> 1}] -= 1;`
          : [];
        return this.#exit([...uncount, ...region.leave(at, EXIT_INTERPRET)]);
      }
    }
  }

  /** Writes back, then what `then` does; used for every way out of the region. */
  #exit(then: Statement[]): Statement[] {
    const { dirty, kinds } = this.#block.registers;
    return [...this.#region.writeBack(dirty, this.#block.registers.ccNow(), kinds), ...then];
  }

  /** Goes to a direct target: inside the region, or to another. */
  #direct(target: number): Statement[] {
    const inside = this.#exits.get(target);
    if (!inside) return this.#exit(this.#tail(addressOf(target)));
    const region = this.#region;
    const live = region.liveIn(target);
    // The deferred code's operands must be valid too.
    const operands = live.cc ? region.ccFlow.operandRegisters(target) : 0;
    return [
      ...this.#block.registers.settleCc(target, live),
      ...this.#widen(live.gr | operands, region.kindsAt(target)),
      ...region.go(inside),
    ];
  }

  /** Gives registers that are narrow here and wide in the next block their high words. */
  #widen(gr: number, to: Kinds): Statement[] {
    const { kinds: from } = this.#block.registers;
    const highWords = { gr: gr & 0xaaaaaaaa, fpr: 0, cc: false };
    return this.#region.locals(highWords).flatMap((local) => {
      const r = local.word >> 1;
      return from[r] === to[r] || from[r] === 'w'
        ? []
        : js`${local.name} = ${highOr(local, from)};`;
    });
  }

  #indirect(terminal: Terminal & { kind: 'indirect' | 'branchIndirect' }): Statement[] {
    const { address, hint, targets = [] } = terminal;
    const inside = targets.filter((target) => this.#exits.has(target));
    return [...this.#distinguish(address, inside), ...this.#exit(this.#jump(address, hint))];
  }

  /** Goes to those targets of an indirect branch that are inside the region. */
  #distinguish(address: Value, inside: number[]): Statement[] {
    if (inside.length === 0) return [];
    const { context: c } = this.#block;
    const { hi, lo } = c.pair(address);
    const search = (some: number[]): Statement[] => {
      if (some.length <= 2) {
        return some.flatMap(
          (target) =>
            js`if (${lo} === ${lowLiteral(addressOf(target))}) { ${this.#direct(target)}; }`,
        );
      }
      const middle = some.length >> 1;
      const least = lowLiteral(addressOf(some[middle]!));
      return js`if (${lo} < ${least}) { ${search(some.slice(0, middle))}; }
        else { ${search(some.slice(middle))}; }`;
    };
    const found = search(inside.sort((a, b) => (addressOf(a) | 0) - (addressOf(b) | 0)));
    const { high } = this;
    if (literal(hi) === high || (high === 0 && c.isNarrow(address))) return found;
    return js`if (${hi} === ${high}) { ${found}; }`;
  }

  /** Goes on in another region, as the last thing. */
  #tail(target: number): Statement[] {
    if (!this.#region.options.chain) return js`return ${lowLiteral(target)};`;
    if (highWord(target) !== this.high) return this.#region.leave(target, EXIT_FAR);
    return [
      ...this.#region.giveBudget(),
      ...js`return ${this.#region.link(target)}.run(stack - frame);`,
    ];
  }

  /** Goes to a run-time address; a return is handed to the caller, who expects it. */
  #jump(address: Value, hint: 'return' | 'jump'): Statement[] {
    const region = this.#region;
    const { hi, lo } = this.#block.context.pair(address);
    if (hint === 'jump' && region.options.chain) {
      return [...region.giveBudget(), ...js`return ${this.#jumpTo(hi, lo)};`];
    }
    if (region.options.dat) {
      const other = expr`${hi} ^ ${this.high} | ${lo} & 1`;
      return js`return (${other}) === 0 ? ${lo} : ${region.use('goFar')}(${hi}, ${lo});`;
    }
    const far = region.use('leaveFar');
    return js`return (${hi} | ${lo} >> 31) === 0 ? ${lo} : ${far}(${hi}, ${lo});`;
  }

  /** The high word of all addresses in the region. */
  get high(): number {
    return highWord(addressOf(this.#block.block.start));
  }

  /** A call of the region at a run-time address. */
  #jumpTo(hi: Expression, lo: Expression): Expression {
    const { options } = this.#region;
    return options.dat
      ? expr`${this.#region.use('jump')}(${hi}, ${lo}, stack - frame, ${this.high})`
      : expr`${this.#region.use('jump')}(${hi}, ${lo}, stack - frame)`;
  }

  /** Whether a call has not come back to behind it. */
  #strayed(returned: string, next: number): Expression {
    const elsewhere = expr`${returned} !== ${lowLiteral(next)}`;
    if (!this.#region.options.dat) return elsewhere;
    const came = expr`${this.#region.use('cameBack')}(${returned}, ${this.high}, ${lowLiteral(next)})`;
    return expr`${elsewhere} && !${came}`;
  }

  #call({ target, next }: Terminal & { kind: 'call' }): Statement[] {
    const region = this.#region;
    const { context: c, block } = this.#block;
    let call: Expression;
    if (typeof target === 'number') {
      if (!region.options.chain || highWord(target) !== this.high) {
        return this.#exit(this.#tail(target));
      }
      call = expr`${region.link(target)}.run(stack - frame)`;
    } else {
      if (!region.options.chain) return this.#exit(this.#jump(target, 'return'));
      const { hi, lo } = c.pair(target);
      call = this.#jumpTo(hi, lo);
    }
    const inside = this.#exits.get(next);
    if (!inside) return this.#exit([...region.giveBudget(), ...js`return ${call};`]);
    const live = region.liveIn(next);
    const returned = `returned_${region.nameOf(next)}`;
    const leaving = region.leave(addressOf(next), EXIT_INTERPRET);
    const kinds = region.kindsAt(next);
    const wanted = withLowWords(live, kinds);
    // The callee's code is computed, whatever other ways to the next block bring.
    const code = live.cc ? region.ccFlow.settle(block, next, undefined, undefined, c) : [];
    return [
      ...this.#exit([
        ...region.giveBudget(),
        ...js`const ${returned} = ${call};
          if (${this.#strayed(returned, addressOf(next))}) return ${returned};`,
        ...region.takeBudget(),
      ]),
      ...region.checkFpc(leaving),
      ...region.load(wanted),
      ...region.checkNarrow(wanted, kinds, leaving),
      ...code,
      ...region.go(inside),
    ];
  }
}
