import type { Block } from '../../ir/block.ts';
import { baseRegister } from './narrow.ts';
import {
  meetFacts,
  NO_FACTS,
  sameFacts,
  type Checked,
  type Guard,
  type GuardFacts,
  type GuardPlan,
} from './guards.ts';

/**
 * Guards behind DAT find, besides permission, what is to be added to an address (see
 * memory/tlb.ts). That is kept in a local for each base register, one for fetches and one for
 * stores, as long as the register keeps its value: a guard of a later block that is covered by what
 * was checked then only takes it from there.
 *
 * A local has what its last guard found, so a fact is one guard's range, not the hull of several.
 */
export function addendLocal(register: number, isStore: boolean): string {
  return `${isStore ? 's' : 'q'}${register}`;
}

interface Known extends Checked {
  /** The version of the register that was checked. */
  readonly version: number;
}

/** The guards of a block with what they can take from locals and leave in them, and the facts behind. */
function follow(
  block: Block,
  plan: GuardPlan,
  facts: GuardFacts,
): { before: Map<number, Guard[]>; out: GuardFacts } {
  const read = new Map<number, Known>();
  const write = new Map<number, Known>();
  for (const [r, checked] of facts.read) read.set(r, { ...checked, version: 0 });
  for (const [r, checked] of facts.write) write.set(r, { ...checked, version: 0 });
  const before = new Map<number, Guard[]>();
  for (const [i, guards] of [...plan.before].sort(([a], [b]) => a - b)) {
    before.set(
      i,
      guards.map((guard) => {
        const base = guard.lengthCode ? undefined : baseRegister(guard.key);
        if (!base) return guard;
        const { register: r, version } = base;
        const covers = (known: Known | undefined): boolean =>
          known !== undefined &&
          known.version === version &&
          known.min <= guard.min &&
          guard.end <= known.end;
        if (covers(write.get(r))) return { ...guard, from: addendLocal(r, true) };
        if (!guard.isStore && covers(read.get(r))) return { ...guard, from: addendLocal(r, false) };
        const { min, end, isStore } = guard;
        (isStore ? write : read).set(r, { min, end, version });
        return { ...guard, to: addendLocal(r, isStore) };
      }),
    );
  }
  if (block.terminal.kind === 'call') return { before, out: NO_FACTS };
  const last = (known: ReadonlyMap<number, Known>): Map<number, Checked> =>
    new Map(
      [...known]
        .filter(([r, { version }]) => version === plan.versions[r])
        .map(([r, { min, end }]) => [r, { min, end }]),
    );
  return { before, out: { read: last(read), write: last(write) } };
}

/** The plans of all blocks with facts of earlier blocks used, and the locals that this needs. */
export function planDatGuards(
  blocks: ReadonlyMap<number, Block>,
  edges: ReadonlyMap<number, readonly number[]>,
  entry: number,
  plans: ReadonlyMap<number, GuardPlan>,
): { plans: ReadonlyMap<number, GuardPlan>; locals: ReadonlySet<string> } {
  const facts = new Map<number, GuardFacts>([[entry, NO_FACTS]]);
  const work = [entry];
  for (let start = work.pop(); start !== undefined; start = work.pop()) {
    const { out } = follow(blocks.get(start)!, plans.get(start)!, facts.get(start)!);
    for (const next of edges.get(start)!) {
      const old = facts.get(next);
      const merged = old ? meetFacts(old, out) : out;
      if (old && sameFacts(old, merged)) continue;
      facts.set(next, merged);
      work.push(next);
    }
  }
  const locals = new Set<string>();
  const found = new Map<number, GuardPlan>();
  for (const [start, plan] of plans) {
    const { before } = follow(blocks.get(start)!, plan, facts.get(start) ?? NO_FACTS);
    for (const guards of before.values()) {
      for (const { from } of guards) if (from !== undefined) locals.add(from);
    }
    found.set(start, { ...plan, before });
  }
  return { plans: found, locals };
}
