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
import { expr, hexLiteral, int, js, name } from './quote.ts';

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

/** One assignment of a write-back; equal keys mean the same. */
export interface HomeWrite {
  readonly key: string;
  readonly statement: Statement;
}

/** A write-back: where places that leave, or codes on their way to it, break to. */
interface WriteBack {
  readonly label: string;
  readonly writes: ReadonlyMap<string, Statement>;
}

/** A condition code that is computed before a write-back. */
interface CodeExit {
  readonly label: string;
  readonly code: Expression;
  readonly then: WriteBack;
}

/**
 * Values of `stack` that make a region take its cold exits, one after the other, for V8 to see
 * them run: this and lower. (No stack is ever so far used up.)
 */
export const TRAINING = -0x2000_0000;

/**
 * Exits that are seldom taken, at the end of the function: those with the same dirty registers
 * share one, and one whose registers are some of another's is the rest of that. The places that
 * leave only assign and break. V8 compiles code that it has never seen run to a deoptimisation; so
 * nothing is computed there, and the exits are trained (see {@link TRAINING}) when the region is
 * made.
 */
export class ColdExits {
  readonly #writeBacks = new Map<string, WriteBack>();
  readonly #codes = new Map<string, CodeExit>();
  readonly #locals = new Set<string>();

  get count(): number {
    return this.#writeBacks.size + this.#codes.size;
  }

  /** Leaves at the address `at`. */
  leave(
    at: number,
    reason: ColdReason,
    writes: readonly HomeWrite[],
    cc: MovedCc | undefined,
  ): Statement[] {
    const key = writes.map((write) => write.key).join(' ');
    let writeBack = this.#writeBacks.get(key);
    if (!writeBack) {
      const statements = new Map(writes.map((write) => [write.key, write.statement]));
      writeBack = { label: `exit_${this.#writeBacks.size}`, writes: statements };
      this.#writeBacks.set(key, writeBack);
    }
    for (const { local } of cc?.moves ?? []) this.#locals.add(local);
    return [
      ...(cc?.moves ?? []).flatMap(({ local, value }) => js`${local} = ${value};`),
      ...js`at = ${hexLiteral(at)}; why = ${reason};`,
      breakTo(cc ? this.#codeExit(cc, key, writeBack).label : writeBack.label),
    ];
  }

  #codeExit({ key, code }: MovedCc, writes: string, then: WriteBack): CodeExit {
    const whole = `${key} ${writes}`;
    let exit = this.#codes.get(whole);
    if (!exit) {
      exit = { label: `code_${this.#codes.size}`, code, then };
      this.#codes.set(whole, exit);
    }
    return exit;
  }

  /** Locals that the function must declare. */
  declarations(): Statement[] {
    if (this.count === 0) return [];
    const locals = ['at', 'why', ...this.#locals];
    return locals.flatMap((local) => js`let ${local} = 0;`);
  }

  /** Wraps the body in the blocks that cold exits break out of; `finish` ends every write-back. */
  wrap(body: Statement[], finish: Statement[]): Statement[] {
    if (this.count === 0) return body;
    let statements = [...this.#training(), ...body];
    for (const { label, code, then } of this.#codes.values()) {
      statements = [labelled(label, statements), ...js`cc = ${code};`, breakTo(then.label)];
    }
    for (const chain of chains([...this.#writeBacks.values()])) {
      chain.forEach(({ label, writes }, i) => {
        const rest = chain[i + 1]?.writes;
        const own = [...writes].filter(([key]) => !rest?.has(key));
        statements = [labelled(label, statements), ...own.map(([, statement]) => statement)];
      });
      statements.push(...finish);
    }
    return statements;
  }

  #training(): Statement[] {
    const labels = [...this.#codes.values(), ...this.#writeBacks.values()];
    const chosen = labels.flatMap(
      ({ label }, i) => js`if (stack === ${int(TRAINING - i)}) { ${[breakTo(label)]}; }`,
    );
    return js`if (stack < 0) { ${chosen}; }`;
  }
}

/** Puts write-backs into rows in which each has all writes of the next. */
function chains(writeBacks: WriteBack[]): WriteBack[][] {
  const found: WriteBack[][] = [];
  for (const writeBack of writeBacks.sort((a, b) => b.writes.size - a.writes.size)) {
    const keys = [...writeBack.writes.keys()];
    const chain = found.find((some) => keys.every((key) => some.at(-1)!.writes.has(key)));
    if (chain) chain.push(writeBack);
    else found.push([writeBack]);
  }
  return found;
}

function labelled(label: string, body: Statement[]): Statement {
  return {
    type: 'LabeledStatement',
    label: { type: 'Identifier', name: label },
    body: { type: 'BlockStatement', body },
  };
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

/** How often a region takes each cold exit while it is trained: V8 notes nothing of the first runs. */
export const TRAINING_ROUNDS = 2;

/** Whether `stack` is spent. */
export const STACK_SPENT = expr`stack < 0 && stack > ${int(TRAINING)}`;
