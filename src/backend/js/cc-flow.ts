import type { Expression, Statement } from 'estree';
import type { RegionGraph } from '../../frontend/region.ts';
import type { Graph } from '../../frontend/structure.ts';
import type { Block, Value } from '../../ir/block.ts';
import { OPS, type OpName } from '../../ir/ops.ts';
import type { BlockContext } from './context.ts';
import { ccExpression, isDeferrable, isUsedAsNumber } from './lower-cc.ts';
import { js, name } from './quote.ts';

/**
 * The condition code between blocks. Where every way to a block brings a code of the same op, its
 * operands come in locals (`cc0`, `cc1h`, ...) and the code is computed where it is wanted, which
 * is usually nowhere but in a cold exit. Where some ways bring it computed (the entry does), the
 * local `known` holds it, or -1 for "from the operands". Otherwise it comes in the local `cc`.
 */
type Kind =
  /** Computed, in `cc`. */
  | 'local'
  /** Computed, because ways bring codes of several ops. */
  | 'several'
  | { readonly op: OpName; readonly mixed: boolean };

/** `id` of the value that stands for an inherited code; its `imm` is 1 when `known` counts. */
const INHERITED = -1;

export class CcFlow {
  readonly #kinds = new Map<number, Kind>();
  /** Operand locals that must be declared. */
  readonly locals = new Set<string>();

  constructor({ entry, blocks }: RegionGraph, { edges }: Graph) {
    this.#kinds.set(entry, 'local');
    const work = [entry];
    for (let start = work.pop(); start !== undefined; start = work.pop()) {
      const block = blocks.get(start)!;
      const out = kindBehind(block, this.#kinds.get(start)!);
      for (const next of edges.get(start)!) {
        const old = this.#kinds.get(next);
        const merged = old === undefined ? out : join(old, out);
        if (old !== undefined && same(old, merged)) continue;
        this.#kinds.set(next, merged);
        work.push(next);
      }
    }
    for (const kind of this.#kinds.values()) {
      if (typeof kind === 'string') continue;
      for (const local of localsOf(kind.op).flat()) this.locals.add(local);
    }
  }

  /** Whether any block tells by `known` how the code comes. */
  get usesKnown(): boolean {
    return [...this.#kinds.values()].some((kind) => typeof kind !== 'string' && kind.mixed);
  }

  /** The deferred code with which the block begins, as a value that stands for its operand locals. */
  enter(start: number, context: BlockContext): Value | undefined {
    const kind = this.#kinds.get(start) ?? 'local';
    if (typeof kind === 'string') return undefined;
    const { op, mixed } = kind;
    const args = localsOf(op).map((names, i): Value => {
      const type = OPS[op].args[i]!;
      const arg: Value = { id: INHERITED, op: 'const32', type, args: [], imm: 0, immHigh: 0 };
      const [first, second] = names.map(name) as [Expression, Expression];
      if (type === 'i64') context.set(arg, { kind: 'i64', hi: first, lo: second });
      else if (type === 'f64' || type === 'f32') context.set(arg, { kind: type, expr: first });
      else context.set(arg, { kind: 'i32', expr: first });
      return arg;
    });
    return { id: INHERITED, op, type: 'i32', args, imm: mixed ? 1 : 0, immHigh: 0 };
  }

  /**
   * Hands the code over to a block that wants it. `cc` is the deferred code at the end of this
   * one, `inherited` the one that it began with.
   */
  settle(
    target: number,
    cc: Value | undefined,
    inherited: Value | undefined,
    context: BlockContext,
  ): Statement[] {
    const kind = this.#kinds.get(target) ?? 'local';
    if (typeof kind === 'string') return cc ? js`cc = ${ccExpression(context, cc)};` : [];
    if (!cc) return js`known = cc;`;
    const { mixed } = kind;
    if (cc === inherited) return mixed && cc.imm === 0 ? js`known = -1;` : [];
    return [
      ...ccWords(cc, context).flatMap(([local, e]) => js`${local} = ${e};`),
      ...(mixed ? js`known = -1;` : []),
    ];
  }
}

function same(a: Kind, b: Kind): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a.op === b.op && a.mixed === b.mixed;
}

function join(a: Kind, b: Kind): Kind {
  if (same(a, b)) return a;
  if (a === 'several' || b === 'several') return 'several';
  if (a === 'local') return { ...(b as { op: OpName }), mixed: true };
  if (b === 'local') return { ...a, mixed: true };
  return a.op === b.op ? { op: a.op, mixed: true } : 'several';
}

/** The locals of each operand: high and low word of an i64, else one. */
function localsOf(op: OpName): string[][] {
  return OPS[op].args.map((type, i) => {
    if (type === 'i64') return [`cc${i}h`, `cc${i}l`];
    return [type === 'f64' ? `cc${i}d` : `cc${i}`];
  });
}

function kindBehind(block: Block, before: Kind): Kind {
  if (block.terminal.kind === 'call') return 'local';
  for (let i = block.values.length - 1; i >= 0; i--) {
    const value = block.values[i]!;
    // A helper call has the code written home and back into its local.
    if (value.op === 'call') return 'local';
    if (value.op === 'setCc') {
      const source = value.args[0]!;
      if (!isDeferrable(source) || isUsedAsNumber(block, source)) return 'local';
      return { op: source.op, mixed: false };
    }
  }
  return before === 'several' ? 'local' : before;
}

/** The operand locals of a deferred code and what goes into them. */
function ccWords(cc: Value, context: BlockContext): [local: string, value: Expression][] {
  return localsOf(cc.op).flatMap((names, i): [string, Expression][] => {
    const arg = cc.args[i]!;
    const type = OPS[cc.op].args[i]!;
    if (type === 'i64') {
      const { hi, lo } = context.pair(arg);
      return [
        [names[0]!, hi],
        [names[1]!, lo],
      ];
    }
    return [[names[0]!, type === 'f64' ? context.f64(arg) : context.i32(arg)]];
  });
}
