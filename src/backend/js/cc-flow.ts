import type { Expression } from 'estree';
import type { RegionGraph } from '../../frontend/region.ts';
import type { Graph } from '../../frontend/structure.ts';
import type { Block, Value } from '../../ir/block.ts';
import { OPS, type OpName } from '../../ir/ops.ts';
import type { BlockContext } from './context.ts';
import { isDeferrable, isUsedAsNumber } from './lower-cc.ts';
import { name } from './quote.ts';

/**
 * The condition code between blocks. Where every way to a block brings a code of the same op, its
 * operands come in locals (`cc0`, `cc1h`, ...) and the code is computed where it is wanted, which
 * is usually nowhere but in a cold exit. Otherwise it comes in the local `cc`.
 */
type Kind = OpName | 'local';

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
        const merged = old === undefined || old === out ? out : 'local';
        if (merged === old) continue;
        this.#kinds.set(next, merged);
        work.push(next);
      }
    }
    for (const kind of this.#kinds.values()) {
      if (kind !== 'local') for (const local of localsOf(kind).flat()) this.locals.add(local);
    }
  }

  isDeferred(start: number): boolean {
    return this.#kinds.get(start) !== 'local';
  }

  /** The deferred code with which the block begins, as a value that stands for its operand locals. */
  enter(start: number, context: BlockContext): Value | undefined {
    const kind = this.#kinds.get(start) ?? 'local';
    if (kind === 'local') return undefined;
    const args = localsOf(kind).map((names, i): Value => {
      const type = OPS[kind].args[i]!;
      const arg: Value = { id: -1, op: 'const32', type, args: [], imm: 0, immHigh: 0 };
      const [first, second] = names.map(name) as [Expression, Expression];
      if (type === 'i64') context.set(arg, { kind: 'i64', hi: first, lo: second });
      else if (type === 'f64' || type === 'f32') context.set(arg, { kind: type, expr: first });
      else context.set(arg, { kind: 'i32', expr: first });
      return arg;
    });
    return { id: -1, op: kind, type: 'i32', args, imm: 0, immHigh: 0 };
  }
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
      return isDeferrable(source) && !isUsedAsNumber(block, source) ? source.op : 'local';
    }
  }
  return before;
}

/** The operand locals of a deferred code and what goes into them. */
export function ccWords(cc: Value, context: BlockContext): [local: string, value: Expression][] {
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
