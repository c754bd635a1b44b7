import { lt64s, lt64u } from '../../base/int64.ts';
import type { Block, Value } from '../../ir/block.ts';

type Finish = () => number;

/** A comparison that only the branch at the end of its block wants, made there. */
export const BRANCH_TESTS: Readonly<
  Partial<
    Record<string, (w: Int32Array, a: number, b: number, taken: number, next: number) => Finish>
  >
> = {
  eq32: (w, a, b, taken, next) => () => (w[a] === w[b] ? taken : next),
  eq64: (w, a, b, taken, next) => () => (w[a] === w[b] && w[a + 1] === w[b + 1] ? taken : next),
  lt32s: (w, a, b, taken, next) => () => (w[a]! < w[b]! ? taken : next),
  lt32u: (w, a, b, taken, next) => () => (w[a]! >>> 0 < w[b]! >>> 0 ? taken : next),
  lt64s: (w, a, b, taken, next) => () => (lt64s(w[a + 1]!, w[a]!, w[b + 1]!, w[b]!) ? taken : next),
  lt64u: (w, a, b, taken, next) => () => (lt64u(w[a + 1]!, w[a]!, w[b + 1]!, w[b]!) ? taken : next),
};

/** The condition of a block's branch without negations that nothing else uses. */
export interface BranchCondition {
  readonly value: Value;
  readonly isInverted: boolean;
  /** Negations that are not computed. */
  readonly negations: readonly Value[];
  /** Nothing but the branch uses `value`. */
  readonly isOwn: boolean;
}

export function branchCondition({ values, terminal }: Block): BranchCondition | undefined {
  if (terminal.kind !== 'branch') return undefined;
  const isUsed = (value: Value, except: Value | undefined): boolean =>
    values.some((user) => user !== except && user.args.includes(value));
  let value = terminal.condition;
  let user: Value | undefined;
  const negations: Value[] = [];
  while (value.op === 'not' && !isUsed(value, user)) {
    negations.push(value);
    user = value;
    value = value.args[0]!;
  }
  return {
    value,
    isInverted: negations.length % 2 === 1,
    negations,
    isOwn: !isUsed(value, user),
  };
}
