import type { Expression, Statement } from 'estree';
import type { RegionGraph } from '../../frontend/region.ts';
import type { Graph } from '../../frontend/structure.ts';
import type { Block, Value } from '../../ir/block.ts';
import { OPS, type OpName } from '../../ir/ops.ts';
import type { BlockContext } from './context.ts';
import {
  canonicalCc,
  ccExpression,
  ccOperand,
  inheritedCc,
  isDeferrable,
  isUsedAsNumber,
  RECOVERABLE,
} from './lower-cc.ts';
import type { Kind, Kinds } from './narrow.ts';
import { int, js, name } from './quote.ts';

/**
 * The condition code between blocks: it is computed where it is wanted, which is usually nowhere
 * but in a cold exit. Its operands are taken from the registers that still hold them, or come in
 * locals (`cc0`, `cc1h`, ...). Where some ways bring it computed (the entry does) or of another op,
 * they bring it in the local `known`, which is -1 for "from the operands". At the head of a loop,
 * the op is that of the way back, which is taken more often.
 */
type Incoming =
  /** Computed, in `cc`. */
  | 'local'
  | {
      readonly op: OpName;
      readonly mixed: boolean;
      readonly where: readonly Where[];
      /** Whether the op is that of a way back. */
      readonly looped: boolean;
    };

/** Where an operand is found. */
type Where =
  /** In the local that is named after it. */
  | { readonly kind: 'local' }
  /** It follows from the other operands. */
  | { readonly kind: 'recover' }
  /** In a general register: all of it, or the low word. */
  | { readonly kind: 'gr64' | 'gr32'; readonly r: number }
  | { readonly kind: 'constant'; readonly hi: number; readonly lo: number };

const LOCAL: Where = { kind: 'local' };

/** What the flow must know of a block besides its IR. */
export interface BlockFacts {
  /** Kinds of the block's values: see narrow.ts. */
  readonly values: ReadonlyMap<Value, Kind>;
  /** Kinds of the general registers at its start. */
  readonly kinds: Kinds;
}

export class CcFlow {
  readonly #incoming = new Map<number, Incoming>();
  readonly #facts: (block: Block) => BlockFacts;
  /** Operand locals that must be declared. */
  readonly locals = new Set<string>();

  constructor(
    { entry, blocks }: RegionGraph,
    { edges }: Graph,
    facts: (block: Block) => BlockFacts,
    defers: boolean,
  ) {
    this.#facts = facts;
    if (!defers) return;
    this.#incoming.set(entry, 'local');
    const predecessors = new Map<number, number[]>();
    for (const [start, targets] of edges) {
      for (const next of targets) {
        const known = predecessors.get(next);
        if (known) known.push(start);
        else predecessors.set(next, [start]);
      }
    }
    const work = [entry];
    for (let start = work.pop(); start !== undefined; start = work.pop()) {
      const block = blocks.get(start)!;
      const out = behind(block, this.#incoming.get(start)!, facts(block));
      for (const next of edges.get(start)!) {
        const old = this.#incoming.get(next);
        const merged = old === undefined ? out : join(old, out, next <= start);
        if (old !== undefined && same(old, merged)) continue;
        this.#incoming.set(next, merged);
        work.push(next);
        // With another op, what the other ways bring counts anew.
        if (typeof old === 'object' && typeof merged === 'object' && old.op !== merged.op) {
          work.push(...predecessors.get(next)!.filter((from) => this.#incoming.has(from)));
        }
      }
    }
    for (const incoming of this.#incoming.values()) {
      if (typeof incoming === 'string') continue;
      const { op, where } = incoming;
      localsOf(op).forEach((names, i) => {
        if (where[i]!.kind === 'local') for (const local of names) this.locals.add(local);
      });
    }
  }

  /** Whether any block tells by `known` how the code comes. */
  get usesKnown(): boolean {
    return [...this.#incoming.values()].some((i) => typeof i !== 'string' && i.mixed);
  }

  /** The general registers, as a set of words, that hold operands of the code at a block's start. */
  operandRegisters(start: number): number {
    const incoming = this.#incoming.get(start) ?? 'local';
    let words = 0;
    if (typeof incoming === 'string') return words;
    for (const place of incoming.where) {
      if (place.kind === 'gr64') words |= 3 << (2 * place.r);
      else if (place.kind === 'gr32') words |= 1 << (2 * place.r);
    }
    return words;
  }

  /** The deferred code with which the block begins, as a value that stands for its operands. */
  enter(block: Block, context: BlockContext): Value | undefined {
    const incoming = this.#incoming.get(block.start) ?? 'local';
    if (typeof incoming === 'string') return undefined;
    const { op, mixed, where } = incoming;
    const { kinds } = this.#facts(block);
    const names = localsOf(op);
    const args = where.map((place, i): Value => {
      const type = OPS[op].args[i]!;
      const arg: Value = { id: -1, op: 'const32', type, args: [], imm: 0, immHigh: 0 };
      setOperand(context, arg, place, names[i]!, kinds);
      return arg;
    });
    const recover = where.findIndex(({ kind }) => kind === 'recover');
    return inheritedCc(op, args, { mixed, recover });
  }

  /**
   * Hands the code over to a block that wants it. `cc` is the deferred code at the end of this
   * one, `inherited` the one that it began with.
   */
  settle(
    from: Block,
    target: number,
    cc: Value | undefined,
    inherited: Value | undefined,
    context: BlockContext,
  ): Statement[] {
    const incoming = this.#incoming.get(target) ?? 'local';
    if (typeof incoming === 'string') return cc ? js`cc = ${ccExpression(context, cc)};` : [];
    if (!cc) return js`known = cc;`;
    const { mixed, op, where } = incoming;
    if (cc.op !== op) return js`known = ${ccExpression(context, cc)};`;
    const passedOn = cc === inherited;
    const before = this.#incoming.get(from.start);
    const names = localsOf(op);
    const out = where.flatMap((place, i) => {
      if (place.kind !== 'local') return [];
      const came = passedOn && typeof before === 'object' ? before.where[i]! : undefined;
      if (came?.kind === 'local') return [];
      return assignOperand(context, cc, i, names[i]!);
    });
    const arrivesMixed = passedOn && typeof before === 'object' && before.mixed;
    return mixed && !arrivesMixed ? [...out, ...js`known = -1;`] : out;
  }
}

function setOperand(
  context: BlockContext,
  arg: Value,
  place: Where,
  names: readonly string[],
  kinds: Kinds,
): void {
  const wide = arg.type === 'i64';
  switch (place.kind) {
    case 'recover':
      return;
    case 'constant':
      if (wide) context.set(arg, { kind: 'i64', hi: int(place.hi), lo: int(place.lo) });
      else context.set(arg, { kind: 'i32', expr: int(place.lo) });
      return;
    case 'gr32':
      context.set(arg, { kind: 'i32', expr: name(`r${place.r}l`) });
      return;
    case 'gr64': {
      const { r } = place;
      const kind = kinds[r];
      const hi = kind === 'w' ? name(`r${r}h`) : int(0);
      context.set(arg, { kind: 'i64', hi, lo: name(`r${r}l`), narrow: kind === 's' });
      return;
    }
    case 'local': {
      const [first, second] = names.map(name) as [Expression, Expression];
      if (wide) context.set(arg, { kind: 'i64', hi: first, lo: second });
      else if (arg.type === 'f64' || arg.type === 'f32') {
        context.set(arg, { kind: arg.type, expr: first });
      } else context.set(arg, { kind: 'i32', expr: first });
    }
  }
}

function assignOperand(
  context: BlockContext,
  cc: Value,
  i: number,
  names: readonly string[],
): Statement[] {
  const type = OPS[cc.op].args[i]!;
  if (type === 'i64') {
    const { hi, lo } = context.pair(cc.args[i]!);
    return js`${names[0]!} = ${hi}; ${names[1]!} = ${lo};`;
  }
  const value = type === 'f64' ? context.f64(cc.args[i]!) : ccOperand(context, cc, i);
  return js`${names[0]!} = ${value};`;
}

function samePlace(a: Where, b: Where): boolean {
  if (a.kind === 'constant') return b.kind === 'constant' && a.hi === b.hi && a.lo === b.lo;
  if (a.kind === 'gr64' || a.kind === 'gr32') {
    return b.kind === a.kind && a.r === (b as { r: number }).r;
  }
  return a.kind === b.kind;
}

function same(a: Incoming, b: Incoming): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return (
    a.op === b.op &&
    a.mixed === b.mixed &&
    a.looped === b.looped &&
    a.where.every((place, i) => samePlace(place, b.where[i]!))
  );
}

/** `back`: the second comes by a way back to the head of a loop. */
function join(a: Incoming, b: Incoming, back: boolean): Incoming {
  if (same(a, b)) return a;
  if (a === 'local') return { ...(b as Exclude<Incoming, string>), mixed: true, looped: back };
  if (b === 'local') return { ...a, mixed: true };
  if (a.op !== b.op) {
    return back && !a.looped ? { ...b, mixed: true, looped: true } : { ...a, mixed: true };
  }
  const where = a.where.map((place, i) => (samePlace(place, b.where[i]!) ? place : LOCAL));
  return { op: a.op, mixed: a.mixed || b.mixed, where, looped: a.looped || back };
}

/** The locals of each operand: high and low word of an i64, else one. */
function localsOf(op: OpName): string[][] {
  return OPS[op].args.map((type, i) => {
    if (type === 'i64') return [`cc${i}h`, `cc${i}l`];
    return [type === 'f64' ? `cc${i}d` : `cc${i}`];
  });
}

/** How the code comes out of a block, given how it comes in. */
function behind(block: Block, before: Incoming, { values: kinds }: BlockFacts): Incoming {
  if (block.terminal.kind === 'call') return 'local';
  const held = new HeldValues(block);
  for (let i = block.values.length - 1; i >= 0; i--) {
    const value = block.values[i]!;
    // A helper call has the code written home and back into its local.
    if (value.op === 'call') return 'local';
    if (value.op === 'setCc') {
      const source = value.args[0]!;
      if (!isDeferrable(source) || isUsedAsNumber(block, source)) return 'local';
      const { op, args } = canonicalCc(source, kinds);
      const where = recover(
        op,
        args.map((arg) => held.find(arg)),
      );
      return { op, mixed: false, where, looped: false };
    }
  }
  if (before === 'local') return before;
  // Registers that hold operands may have been changed.
  const { op, mixed } = before;
  const lost = before.where.map((place) =>
    (place.kind === 'gr32' || place.kind === 'gr64') && held.isWritten(place.r) ? LOCAL : place,
  );
  const complete = lost.filter(({ kind }) => kind === 'local').length === 0;
  const where = lost.map((place) => (place.kind === 'recover' && !complete ? LOCAL : place));
  return { op, mixed, where, looped: false };
}

/** An operand that no register holds, but that follows from those that registers hold. */
function recover(op: OpName, where: Where[]): Where[] {
  const missing = where.filter(({ kind }) => kind === 'local');
  if (missing.length !== 1 || !RECOVERABLE[op]) return where;
  const i = where.indexOf(missing[0]!);
  if (!RECOVERABLE[op][i]) return where;
  return where.map((place, k): Where => (k === i ? { kind: 'recover' } : place));
}

/** The values that the general registers hold at the end of a block. */
class HeldValues {
  readonly #full = new Map<Value, number>();
  readonly #low = new Map<Value, number>();
  #written = 0;

  constructor({ values }: Block) {
    const full: (Value | undefined)[] = new Array<undefined>(16).fill(undefined);
    const low: (Value | undefined)[] = new Array<undefined>(16).fill(undefined);
    for (const value of values) {
      const { op, imm: r } = value;
      switch (op) {
        case 'getGr64':
          full[r] ??= value;
          break;
        case 'getGr32':
          low[r] ??= value;
          break;
        case 'setGr64': {
          const source = value.args[0]!;
          full[r] = source;
          low[r] = source.op === 'sext64' || source.op === 'zext64' ? source.args[0] : undefined;
          break;
        }
        case 'setGr32':
          full[r] = undefined;
          low[r] = value.args[0];
          break;
        case 'setGrHigh':
          full[r] = undefined;
          break;
        default:
          continue;
      }
      if (op.startsWith('set')) this.#written |= 1 << r;
    }
    full.forEach((value, r) => value && this.#full.set(value, r));
    low.forEach((value, r) => value && this.#low.set(value, r));
  }

  isWritten(r: number): boolean {
    return ((this.#written >> r) & 1) !== 0;
  }

  find(value: Value): Where {
    if (value.op === 'const32') return { kind: 'constant', hi: 0, lo: value.imm };
    if (value.op === 'const64') return { kind: 'constant', hi: value.immHigh, lo: value.imm };
    const full = value.type === 'i64' ? this.#full.get(value) : undefined;
    if (full !== undefined) return { kind: 'gr64', r: full };
    const low = value.type === 'i32' ? this.#low.get(value) : undefined;
    return low === undefined ? LOCAL : { kind: 'gr32', r: low };
  }
}
