import type { Block, Value } from '../../ir/block.ts';
import { OPS } from '../../ir/ops.ts';

/**
 * Guards: one permission check per base value of a block, covering all its displacements.
 *
 * An access is `key + displacement`, where the key stands for a register's value at some version or
 * for a sum. All accesses of a block are executed unless something leaves it, so the first may
 * check for all: when the check fails, the interpreter runs the block and finds the exact fault.
 */
export interface Guard {
  readonly key: string;
  /** The address op of the first access; its arguments make the base. */
  readonly address: Value;
  isStore: boolean;
  /** Displacements: first byte, and one past the last byte. */
  min: number;
  end: number;
  /** For a run-time length: the value of the length code added to `end - 1`. */
  readonly lengthCode?: Value;
  /** Behind DAT: the local with what it would find, or the one for what it finds. */
  readonly from?: string;
  readonly to?: string;
}

/** The page check that a register's value has passed, as displacements from it. */
export interface Checked {
  readonly min: number;
  readonly end: number;
}

/**
 * Checks that hold at a place: `read` and `write` by general register. Permissions cannot change
 * while generated code runs (only system calls change them), so a check holds as long as the
 * register keeps its value. A page that may be written may be read.
 */
export interface GuardFacts {
  readonly read: ReadonlyMap<number, Checked>;
  readonly write: ReadonlyMap<number, Checked>;
}

export const NO_FACTS: GuardFacts = { read: new Map(), write: new Map() };

export interface GuardPlan {
  /** Guards to emit before the value at this index. */
  readonly before: ReadonlyMap<number, Guard[]>;
  /** The key of each address op. */
  readonly keys: ReadonlyMap<Value, string>;
  /** What register reads stand for: register and version, as `r3.0`. */
  readonly names: ReadonlyMap<Value, string>;
  /** Version of each register at the end of the block; 0 when it was not written. */
  readonly versions: readonly number[];
}

interface Access {
  readonly address: Value;
  readonly size: number;
  readonly isStore: boolean;
  readonly lengthCode?: Value;
}

const SIZES: Partial<Record<string, number>> = {
  load8: 1,
  load16: 2,
  load32: 4,
  load64: 8,
  loadF64: 8,
  loadF32: 4,
  store8: 1,
  store16: 2,
  store32: 4,
  store64: 8,
  storeF64: 8,
  storeF32: 4,
};

/** The storage that an op accesses. */
export function accesses(value: Value): Access[] {
  const { op, args } = value;
  const isStore = OPS[op].effect === 'store';
  const size = SIZES[op];
  if (size !== undefined) return [{ address: args[0]!, size, isStore }];
  switch (op) {
    case 'probeStore':
      return [{ address: args[0]!, size: value.imm, isStore: true }];
    case 'storeIf32':
      return [{ address: args[1]!, size: 4, isStore: true }];
    case 'storeIf64':
      return [{ address: args[1]!, size: 8, isStore: true }];
    case 'moveBytes':
    case 'andBytes':
    case 'orBytes':
    case 'xorBytes':
    case 'compareBytes': {
      const code = args[2]!;
      const constant = code.op === 'const32';
      const length = constant ? code.imm + 1 : 1;
      const dynamic = constant ? {} : { lengthCode: code };
      return [
        { address: args[1]!, size: length, isStore: false, ...dynamic },
        { address: args[0]!, size: length, isStore, ...dynamic },
      ];
    }
    default:
      return [];
  }
}

/** Spans of more than a page could step over a closed one. */
const MAX_SPAN = 4096;

/**
 * What is loaded and stored within so few bytes is taken to be on pages that may be written, and
 * checked once.
 */
const MAX_MIXED_SPAN = 256;

/** Behind DAT what one guard checks must lie on one page: the wider, the more often it does not. */
const MAX_DAT_SPAN = 256;

export function planGuards(block: Block, merge: boolean, dat = false): GuardPlan {
  const maxSpan = dat ? MAX_DAT_SPAN : MAX_SPAN;
  const versions = new Array<number>(16).fill(0);
  const names = new Map<Value, string>();
  const keys = new Map<Value, string>();
  const before = new Map<number, Guard[]>();
  const open = new Map<string, Guard[]>();
  const nameOf = (value: Value): string => names.get(value) ?? `v${value.id}`;
  block.values.forEach((value, i) => {
    switch (value.op) {
      case 'getGr64':
        names.set(value, `r${value.imm}.${versions[value.imm]}`);
        return;
      case 'setGr64':
      case 'setGr32':
      case 'setGrHigh':
        versions[value.imm]!++;
        return;
      case 'address':
        keys.set(value, value.args.map(nameOf).join('+'));
        if (value.imm === 0 && value.args.length === 1) names.set(value, nameOf(value.args[0]!));
        return;
      case 'call':
        for (const r of value.call!.writes) versions[r]!++;
        return;
      default:
    }
    for (const access of accesses(value)) {
      const { address, size, isStore, lengthCode } = access;
      const isAddress = address.op === 'address';
      const key = isAddress ? keys.get(address)! : nameOf(address);
      keys.set(address, key);
      const min = isAddress ? address.imm : 0;
      const end = min + size;
      const guards = before.get(i) ?? [];
      const make = (): Guard => {
        const guard: Guard = {
          key,
          address,
          isStore,
          min,
          end,
          ...(lengthCode ? { lengthCode } : {}),
        };
        guards.push(guard);
        before.set(i, guards);
        return guard;
      };
      if (lengthCode || !merge) {
        make();
        continue;
      }
      const same = open.get(key) ?? [];
      open.set(key, same);
      const covering = same.find((g) => {
        const span = Math.max(g.end, end) - Math.min(g.min, min);
        return span <= (g.isStore === isStore ? maxSpan : MAX_MIXED_SPAN);
      });
      if (covering) {
        covering.isStore ||= isStore;
        covering.min = Math.min(covering.min, min);
        covering.end = Math.max(covering.end, end);
      } else {
        same.push(make());
      }
    }
  });
  dropCovered(before);
  return { before, keys, names, versions };
}

/** A load guard within the range of a store guard at the same place is not needed. */
function dropCovered(before: Map<number, Guard[]>): void {
  for (const [i, guards] of before) {
    const kept = guards.filter(
      (g) =>
        g.isStore ||
        g.lengthCode ||
        !guards.some(
          (s) => s.isStore && !s.lengthCode && s.key === g.key && s.min <= g.min && s.end >= g.end,
        ),
    );
    before.set(i, kept);
  }
}

/** Takes out the guards that facts at the block's start make superfluous. */
export function withFacts(plan: GuardPlan, facts: GuardFacts): GuardPlan {
  const before = new Map<number, Guard[]>();
  for (const [i, guards] of plan.before) {
    const kept = guards.filter((g) => !isCovered(g, facts));
    if (kept.length > 0) before.set(i, kept);
  }
  return { ...plan, before };
}

/** The register whose value at the block's start is the guard's base, if that is so. */
function entryRegister({ key, lengthCode }: Guard): number | undefined {
  const match = lengthCode ? null : /^r(\d+)\.0$/.exec(key);
  return match ? Number(match[1]) : undefined;
}

function isCovered(guard: Guard, { read, write }: GuardFacts): boolean {
  const r = entryRegister(guard);
  if (r === undefined) return false;
  const within = (c: Checked | undefined): boolean =>
    c !== undefined && c.min <= guard.min && guard.end <= c.end;
  return within(write.get(r)) || (!guard.isStore && within(read.get(r)));
}

/** Adds a check to those of a register: the hull, where its ends are on neighbouring pages. */
function extend(facts: Map<number, Checked>, r: number, { min, end }: Checked): void {
  const old = facts.get(r);
  const hull = old ? { min: Math.min(old.min, min), end: Math.max(old.end, end) } : { min, end };
  facts.set(r, hull.end - hull.min <= MAX_SPAN ? hull : { min, end });
}

/** The facts behind a block, given those before it. */
function factsBehind(block: Block, plan: GuardPlan, facts: GuardFacts): GuardFacts {
  if (block.terminal.kind === 'call') return NO_FACTS;
  const read = new Map<number, Checked>();
  const write = new Map<number, Checked>();
  plan.versions.forEach((version, r) => {
    if (version !== 0) return;
    for (const [from, to] of [
      [facts.read, read],
      [facts.write, write],
    ] as const) {
      const fact = from.get(r);
      if (fact) to.set(r, fact);
    }
  });
  for (const guards of plan.before.values()) {
    for (const guard of guards) {
      const match = guard.lengthCode ? null : /^r(\d+)\.(\d+)$/.exec(guard.key);
      if (!match) continue;
      const r = Number(match[1]);
      if (plan.versions[r] === Number(match[2])) extend(guard.isStore ? write : read, r, guard);
    }
  }
  return { read, write };
}

function meet(
  a: ReadonlyMap<number, Checked>,
  b: ReadonlyMap<number, Checked>,
): Map<number, Checked> {
  const both = new Map<number, Checked>();
  for (const [r, x] of a) {
    const y = b.get(r);
    if (!y) continue;
    const min = Math.max(x.min, y.min);
    const end = Math.min(x.end, y.end);
    if (min < end) both.set(r, { min, end });
  }
  return both;
}

export function sameFacts(a: GuardFacts, b: GuardFacts): boolean {
  const same = (x: ReadonlyMap<number, Checked>, y: ReadonlyMap<number, Checked>): boolean =>
    x.size === y.size &&
    [...x].every(([r, c]) => y.get(r)?.min === c.min && y.get(r)?.end === c.end);
  return same(a.read, b.read) && same(a.write, b.write);
}

/** What holds on two ways. */
export function meetFacts(a: GuardFacts, b: GuardFacts): GuardFacts {
  return { read: meet(a.read, b.read), write: meet(a.write, b.write) };
}

/** Facts at the start of every block: what holds on all ways there (forward, greatest solution). */
export function analyseGuards(
  blocks: ReadonlyMap<number, Block>,
  edges: ReadonlyMap<number, readonly number[]>,
  entry: number,
  plans: ReadonlyMap<number, GuardPlan>,
): ReadonlyMap<number, GuardFacts> {
  const facts = new Map<number, GuardFacts>([[entry, NO_FACTS]]);
  const work = [entry];
  for (let start = work.pop(); start !== undefined; start = work.pop()) {
    const out = factsBehind(blocks.get(start)!, plans.get(start)!, facts.get(start)!);
    for (const next of edges.get(start)!) {
      const old = facts.get(next);
      const merged = old ? meetFacts(old, out) : out;
      if (old && sameFacts(old, merged)) continue;
      facts.set(next, merged);
      work.push(next);
    }
  }
  return facts;
}
