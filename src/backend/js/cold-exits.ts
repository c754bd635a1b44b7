import type { Expression, Statement } from 'estree';
import type {
  EXIT_BUDGET,
  EXIT_GUARD,
  EXIT_INTERPRET,
  EXIT_OVERFLOW,
} from '../../cpu/exit-reason.ts';
import type { Value } from '../../ir/block.ts';
import { literal, type BlockContext } from './context.ts';
import { ccExpression, movedCc } from './lower-cc.ts';
import type { Kinds } from './narrow.ts';
import { expr, hexLiteral, int, js, name } from './quote.ts';
import type { RegisterSet } from './registers.ts';

export type ColdReason =
  typeof EXIT_INTERPRET | typeof EXIT_BUDGET | typeof EXIT_GUARD | typeof EXIT_OVERFLOW;

/** A deferred condition code on its way to an exit: its operands go into locals of the exit's. */
export interface MovedCc {
  /** What the exit must know of it besides the operands: equal codes can share an exit. */
  readonly key: string;
  readonly moves: readonly { readonly local: string; readonly value: Expression }[];
  /** The code, from those locals. */
  readonly code: Expression;
}

interface ColdExit {
  readonly label: string;
  readonly dirty: RegisterSet;
  readonly reason: ColdReason;
  readonly kinds: Kinds;
  readonly cc: Expression | undefined;
}

/**
 * Values of `stack` that make a region take its cold exits, one after the other, for V8 to see
 * them run: this and lower. (No stack is ever so far used up.)
 */
export const TRAINING = -0x2000_0000;

/**
 * Exits that are seldom taken, at the end of the function: those with the same dirty registers
 * share one. The places that leave only assign and break. V8 compiles code that it has never seen
 * run to a deoptimisation; so nothing is computed there, and the exits are run once (see
 * {@link TRAINING}) when the region is made.
 */
export class ColdExits {
  readonly #exits = new Map<string, ColdExit>();
  readonly #locals = new Set<string>();

  get count(): number {
    return this.#exits.size;
  }

  /** Leaves at the address `at`. */
  leave(
    at: number,
    reason: ColdReason,
    dirty: RegisterSet,
    kinds: Kinds,
    cc: MovedCc | undefined,
  ): Statement[] {
    const known = kinds.map((k, r) => ((dirty.gr >>> (2 * r)) & 2 ? k : 'w')).join('');
    const code = dirty.cc ? cc : undefined;
    const key = [dirty.gr, dirty.fpr, dirty.cc, reason, known, code?.key].join('/');
    let exit = this.#exits.get(key);
    if (!exit) {
      const label = `exit_${this.#exits.size}`;
      exit = { label, dirty, reason, kinds: [...kinds], cc: code?.code };
      this.#exits.set(key, exit);
    }
    const moves = code?.moves ?? [];
    for (const { local } of moves) this.#locals.add(local);
    return [
      ...moves.flatMap(({ local, value }) => js`${local} = ${value};`),
      ...js`at = ${hexLiteral(at)};`,
      breakTo(exit.label),
    ];
  }

  /** Locals that the function must declare. */
  declarations(): Statement[] {
    if (this.#exits.size === 0) return [];
    return [...js`let at = 0;`, ...[...this.#locals].flatMap((local) => js`let ${local} = 0;`)];
  }

  /** Wraps the body in the blocks that cold exits break out of. */
  wrap(
    body: Statement[],
    writeBack: (dirty: RegisterSet, cc: Expression | undefined, kinds: Kinds) => Statement[],
    finish: (reason: ColdReason) => Statement[],
  ): Statement[] {
    const exits = [...this.#exits.values()];
    let statements = [...this.#training(exits), ...body];
    for (const { label, dirty, reason, kinds, cc } of exits) {
      statements = [
        {
          type: 'LabeledStatement',
          label: { type: 'Identifier', name: label },
          body: { type: 'BlockStatement', body: statements },
        },
        ...writeBack(dirty, cc, kinds),
        ...finish(reason),
      ];
    }
    return statements;
  }

  #training(exits: readonly ColdExit[]): Statement[] {
    if (exits.length === 0) return [];
    const chosen = exits.flatMap(
      ({ label }, i) => js`if (stack === ${int(TRAINING - i)}) { ${[breakTo(label)]}; }`,
    );
    return js`if (stack < 0) { ${chosen}; }`;
  }
}

function breakTo(label: string): Statement {
  return { type: 'BreakStatement', label: { type: 'Identifier', name: label } };
}

/** Makes the operands of a deferred code ready to travel. */
export function moveCc(context: BlockContext, cc: Value): MovedCc {
  const moves: { local: string; value: Expression }[] = [];
  const move = (local: string, value: Expression): Expression => {
    if (literal(value) !== undefined) return value;
    moves.push({ local, value });
    return name(local);
  };
  const notes: string[] = [];
  const moved = movedCc(cc, (arg, i) => {
    const place: Value = { ...arg };
    if (!context.has(arg)) {
      notes.push('recovered');
      return place;
    }
    const rep = context.rep(arg);
    if (rep.kind === 'i64') {
      const lo = move(`w${i}l`, rep.lo);
      const hi = rep.narrow ? int(0) : move(`w${i}h`, rep.hi);
      notes.push(`${note(hi)}.${note(lo)}${rep.narrow ? 'n' : ''}`);
      context.set(place, { ...rep, hi, lo });
    } else {
      const local = rep.kind === 'f64' ? `w${i}d` : `w${i}`;
      const value = move(local, rep.expr);
      notes.push(`${rep.kind}${note(value)}`);
      context.set(place, { ...rep, expr: value });
    }
    return place;
  });
  const mixed = moved.isMixed ? 'mixed' : '';
  return {
    key: [cc.op, mixed, ...notes].join(' '),
    moves,
    code: ccExpression(context, moved.value),
  };
}

/** Distinguishes literals in a key. */
function note(e: Expression): string {
  return String(literal(e) ?? '');
}

/** How often a region takes each cold exit while it is trained. */
export const TRAINING_ROUNDS = 2;

/** Whether `stack` is spent. */
export const STACK_SPENT = expr`stack < 0 && stack > ${int(TRAINING)}`;
