import type { Block, Value } from '../../ir/block.ts';
import { accesses, type GuardPlan } from './guards.ts';

/**
 * Narrow registers: what is known of the high word of a 64-bit value.
 *
 * - `s`: the value is its low word sign-extended. User-space addresses, counters and indices nearly
 *   always are, and then 64-bit arithmetic is 32-bit arithmetic with an overflow check.
 * - `z`: the high word is zero, the low word anything.
 * - `w`: nothing is known.
 *
 * A sum of two `s` is taken to be `s` again: when it is not, the region is left before the
 * instruction, and a region where that happens often is made anew without the assumption.
 */
export type Kind = 's' | 'z' | 'w';
export type Kinds = readonly Kind[];

export const ALL_WIDE: Kinds = new Array<Kind>(16).fill('w');

/** The general registers that ABI-conforming callees leave alone: their kind is checked, not lost. */
const SAVED = 0b1011_1111_1100_0000;

export interface BlockKinds {
  readonly values: ReadonlyMap<Value, Kind>;
  /** Kinds of the general registers at the end. */
  readonly out: Kinds;
}

const isSmallConst = ({ op, imm, immHigh }: Value): boolean =>
  op === 'const64' && immHigh === imm >> 31;

/** Whether an i32 value is surely not negative. */
function isNonNegative(value: Value): boolean {
  const { op, args, imm } = value;
  switch (op) {
    case 'const32':
      return imm >= 0;
    case 'load8':
    case 'load16':
      return true;
    case 'and32':
      return isNonNegative(args[0]!) || isNonNegative(args[1]!);
    case 'or32':
    case 'xor32':
      return isNonNegative(args[0]!) && isNonNegative(args[1]!);
    case 'shr32':
      return args[1]!.op === 'const32' && args[1]!.imm > 0;
    default:
      return false;
  }
}

/** Kinds of the values of a block and of the registers behind it. */
export function blockKinds(block: Block, plan: GuardPlan, before: Kinds): BlockKinds {
  const values = new Map<Value, Kind>();
  const registers = [...before];
  const versions = new Array<number>(16).fill(0);
  const kind = (value: Value): Kind => values.get(value) ?? 'w';
  block.values.forEach((value, i) => {
    // A check that passed shows that the base is a user-space address.
    for (const guard of plan.before.get(i) ?? []) {
      const base = baseRegister(guard.key);
      if (base && versions[base.register] === base.version) registers[base.register] = 's';
    }
    const r = value.imm;
    switch (value.op) {
      case 'getGr64':
        values.set(value, registers[r]!);
        return;
      case 'setGr64':
        registers[r] = kind(value.args[0]!);
        versions[r]!++;
        return;
      case 'setGr32':
      case 'setGrHigh':
        registers[r] = 'w';
        versions[r]!++;
        return;
      case 'call':
        for (const written of value.call!.writes) {
          registers[written] = 'w';
          versions[written]!++;
        }
        return;
      default:
        if (value.type === 'i64') values.set(value, kindOf(value, kind));
    }
  });
  if (block.terminal.kind === 'call') {
    for (let r = 0; r < 16; r++)
      if (!((SAVED >> r) & 1) || registers[r] !== 's') registers[r] = 'w';
  }
  return { values, out: registers };
}

export function baseRegister(key: string): { register: number; version: number } | undefined {
  const match = /^r(\d+)\.(\d+)$/.exec(key);
  return match ? { register: Number(match[1]), version: Number(match[2]) } : undefined;
}

function kindOf(value: Value, kind: (value: Value) => Kind): Kind {
  const { op, args } = value;
  const [a, b] = args as [Value, Value];
  switch (op) {
    case 'const64':
      return isSmallConst(value) ? 's' : value.immHigh === 0 ? 'z' : 'w';
    case 'sext64':
      return 's';
    case 'zext64':
      return isNonNegative(a) ? 's' : 'z';
    case 'add64':
    case 'sub64':
    case 'mul64':
      return kind(a) === 's' && kind(b) === 's' ? 's' : 'w';
    case 'address':
      return args.length > 0 && args.every((arg) => kind(arg) === 's') ? 's' : 'w';
    case 'and64':
      if (kind(a) === 's' && kind(b) === 's') return 's';
      if (isNonNegativeConst(a) || isNonNegativeConst(b)) return 's';
      return kind(a) === 'z' || kind(b) === 'z' ? 'z' : 'w';
    case 'or64':
    case 'xor64':
      if (kind(a) === 's' && kind(b) === 's') return 's';
      return kind(a) === 'z' && kind(b) === 'z' ? 'z' : 'w';
    case 'shl64':
      return kind(a) === 's' && b.op === 'const32' && b.imm < 31 ? 's' : 'w';
    case 'sar64':
      return kind(a) === 's' ? 's' : 'w';
    case 'shr64':
      if (b.op !== 'const32') return 'w';
      if (b.imm > 32) return 's';
      return kind(a) === 's' && b.imm > 0 ? 's' : kind(a) === 'z' || b.imm === 32 ? 'z' : 'w';
    case 'select64': {
      const [, x, y] = args as [Value, Value, Value];
      return kind(x) === kind(y) ? kind(x) : 'w';
    }
    default:
      return 'w';
  }
}

const isNonNegativeConst = (value: Value): boolean =>
  value.op === 'const64' && value.immHigh === 0 && value.imm >= 0;

/** Kinds at the start of every block, given those assumed at the entry. */
export function analyseKinds(
  blocks: ReadonlyMap<number, Block>,
  edges: ReadonlyMap<number, readonly number[]>,
  entry: number,
  assumed: Kinds,
  planOf: (start: number) => GuardPlan,
): ReadonlyMap<number, Kinds> {
  const kinds = new Map<number, Kinds>([[entry, assumed]]);
  const work = [entry];
  for (let start = work.pop(); start !== undefined; start = work.pop()) {
    const { out } = blockKinds(blocks.get(start)!, planOf(start), kinds.get(start)!);
    for (const next of edges.get(start)!) {
      const old = kinds.get(next);
      const merged = old ? old.map((k, r) => (k === out[r] ? k : 'w')) : out;
      if (old?.every((k, r) => k === merged[r])) continue;
      kinds.set(next, merged);
      work.push(next);
    }
  }
  return kinds;
}

/** The general registers whose 64-bit value a region uses: worth assuming narrow at its entry. */
export function wideReads(blocks: Iterable<Block>): number {
  let found = 0;
  for (const block of blocks) {
    for (const value of block.values) {
      if (value.op === 'getGr64') found |= 1 << value.imm;
      for (const { address } of accesses(value)) {
        for (const arg of address.args) if (arg.op === 'getGr64') found |= 1 << arg.imm;
      }
    }
  }
  return found;
}
