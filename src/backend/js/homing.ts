import type { Graph } from '../../frontend/structure.ts';
import type { Block, Value } from '../../ir/block.ts';
import type { OpName } from '../../ir/ops.ts';
import { terminalArguments } from '../../ir/terminal.ts';
import { analyseRegisters, type Flow } from './registers.ts';

/**
 * Functions save registers that they never look at and restore them for callers. Such registers go
 * between storage and the register file eight bytes at a time (`registers64`, which V8 moves
 * through one host register), not through two locals each.
 */
export interface Homing {
  readonly flow: Flow;
  /** Register writes that go to the register file and not to locals. */
  readonly direct: ReadonlySet<Value>;
}

/** What homing must know of a region. */
export interface HomingScope {
  readonly blocks: ReadonlyMap<number, Block>;
  readonly graph: Graph;
  readonly loopHeads: ReadonlySet<number>;
  /** Whether to look for saved and restored registers in a block. */
  moves(block: Block): boolean;
  /** Writes that go to the register file in any case. */
  readonly homeWrites: ReadonlySet<Value>;
  /** Words of registers that hold operands of the condition code at a block's start. */
  operandRegisters(start: number): number;
}

export function planHoming(scope: HomingScope): Homing {
  const { blocks, graph, loopHeads, homeWrites } = scope;
  /** Writes by block that might be direct, and those that would not go home otherwise. */
  const candidates = new Map<number, Value[]>();
  const restored = new Set<Value>();
  for (const [start, block] of blocks) {
    const found = block.values.filter((value) => homeWrites.has(value));
    if (scope.moves(block)) {
      for (const write of restores(block)) {
        found.push(write);
        restored.add(write);
      }
    }
    if (found.length > 0) candidates.set(start, found);
  }
  for (;;) {
    const writes = new Set([...homeWrites, ...restored]);
    const reads = (dirty: number, block: Block): Value[] =>
      scope.moves(block) ? saves(block, dirty) : [];
    const flow = analyseRegisters(blocks, graph, loopHeads, writes, reads);
    const direct = new Set<Value>();
    let isStable = true;
    for (const [start, found] of candidates) {
      for (const write of found) {
        // After a call everything is loaded again.
        const isCall = blocks.get(start)!.terminal.kind === 'call';
        const isWanted =
          !isCall &&
          graph.edges.get(start)!.some((next) => {
            const words = flow.liveIn.get(next)!.gr | scope.operandRegisters(next);
            return ((words >>> (2 * write.imm)) & 3) !== 0;
          });
        if (!isWanted && writes.has(write)) direct.add(write);
        else if (restored.delete(write)) isStable = false;
      }
    }
    if (isStable) return { flow, direct };
  }
}

/** Writes of registers with what has just been loaded, which the block does not look at again. */
function restores({ values, terminal }: Block): Value[] {
  if (!values.some(({ op }) => op === 'load64')) return [];
  const uses = usesOf(values);
  const outside = new Set(terminalArguments(terminal));
  const last = new Map<number, Value>();
  /** Loaded by the present instruction, which has done nothing else yet. */
  let loaded = new Set<Value>();
  for (const value of values) {
    const r = value.imm;
    if (!HARMLESS.has(value.op)) loaded = new Set();
    switch (value.op) {
      case 'load64':
        loaded.add(value);
        break;
      case 'setGr64': {
        const source = value.args[0]!;
        const isRestore =
          loaded.has(source) && uses.get(source)!.length === 1 && !outside.has(source);
        if (isRestore) last.set(r, value);
        else last.delete(r);
        break;
      }
      case 'getGr64':
      case 'getGr32':
      case 'getGrHigh':
      case 'setGr32':
      case 'setGrHigh':
        last.delete(r);
        break;
      case 'call':
        for (const written of value.call!.writes) last.delete(written);
        break;
      default:
    }
  }
  return [...last.values()];
}

/** Ops that may stand between a load and the register write that it is for. */
const HARMLESS: ReadonlySet<OpName> = new Set([
  'getGr64',
  'address',
  'const32',
  'const64',
  'load64',
  'setGr64',
]);

/** Reads of registers that are only stored, while the register file has what they hold. */
function saves({ values, terminal }: Block, dirty: number): Value[] {
  if (!values.some(({ op }) => op === 'store64')) return [];
  const uses = usesOf(values);
  const outside = new Set(terminalArguments(terminal));
  let changed = dirty;
  /** Reads that no write of the register has come behind. */
  const fresh = new Map<number, Set<Value>>();
  const found = new Set<Value>();
  for (const value of values) {
    const r = value.imm;
    if (value.op === 'getGr64') {
      const isSave =
        ((changed >>> (2 * r)) & 3) === 0 &&
        !outside.has(value) &&
        uses.has(value) &&
        uses.get(value)!.every(({ op, args }) => op === 'store64' && args[0] !== value);
      if (!isSave) continue;
      found.add(value);
      const reads = fresh.get(r) ?? new Set();
      fresh.set(r, reads.add(value));
    } else if (value.op === 'setGr64' || value.op === 'setGr32' || value.op === 'setGrHigh') {
      changed |= 3 << (2 * r);
      fresh.delete(r);
    } else if (value.op === 'call') {
      for (const written of value.call!.writes) fresh.delete(written);
    } else if (value.op === 'store64') {
      const [, stored] = value.args as [Value, Value];
      if (found.has(stored) && !fresh.get(stored.imm)?.has(stored)) found.delete(stored);
    }
  }
  return [...found];
}

function usesOf(values: readonly Value[]): Map<Value, Value[]> {
  const uses = new Map<Value, Value[]>();
  for (const value of values) {
    for (const arg of value.args) {
      const list = uses.get(arg);
      if (list) list.push(value);
      else uses.set(arg, [value]);
    }
  }
  return uses;
}
