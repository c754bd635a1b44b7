import type { Block, Value } from '../../ir/block.ts';
import { OPS } from '../../ir/ops.ts';
import type { Graph } from '../../frontend/structure.ts';

/**
 * The registers that a region keeps in JavaScript locals, as bit sets of 32-bit halves:
 * `gr` bit 2r the low and 2r+1 the high word of general register r, `fpr` likewise,
 * and whether the condition code is in it.
 */
export interface RegisterSet {
  readonly gr: number;
  readonly fpr: number;
  readonly cc: boolean;
}

export const NO_REGISTERS: RegisterSet = { gr: 0, fpr: 0, cc: false };

export function union(a: RegisterSet, b: RegisterSet): RegisterSet {
  return { gr: a.gr | b.gr, fpr: a.fpr | b.fpr, cc: a.cc || b.cc };
}

export function minus(a: RegisterSet, b: RegisterSet): RegisterSet {
  return { gr: a.gr & ~b.gr, fpr: a.fpr & ~b.fpr, cc: a.cc && !b.cc };
}

function equal(a: RegisterSet, b: RegisterSet): boolean {
  return a.gr === b.gr && a.fpr === b.fpr && a.cc === b.cc;
}

/** The registers that a state op reads or writes; empty for other ops. */
export function registersOf({ op, imm }: Value): RegisterSet {
  switch (op) {
    case 'getGr64':
    case 'setGr64':
      return { gr: 3 << (2 * imm), fpr: 0, cc: false };
    case 'getGr32':
    case 'setGr32':
      return { gr: 1 << (2 * imm), fpr: 0, cc: false };
    case 'getGrHigh':
    case 'setGrHigh':
      return { gr: 2 << (2 * imm), fpr: 0, cc: false };
    case 'getFpr':
    case 'setFpr':
    case 'getF64':
    case 'setF64':
      return { gr: 0, fpr: 3 << (2 * imm), cc: false };
    case 'getF32':
    case 'setF32':
    case 'getFprHigh':
    case 'setFprHigh':
      return { gr: 0, fpr: 2 << (2 * imm), cc: false };
    case 'getCc':
    case 'setCc':
      return { gr: 0, fpr: 0, cc: true };
    default:
      return NO_REGISTERS;
  }
}

/** The registers that a helper writes in the register file. */
export function helperWrites(value: Value): RegisterSet {
  let gr = 0;
  let fpr = 0;
  for (const r of value.call!.writes) gr |= 3 << (2 * r);
  for (const r of value.call!.writesFpr) fpr |= 3 << (2 * r);
  return { gr, fpr, cc: false };
}

export function isRegisterWrite({ op }: Value): boolean {
  return op.startsWith('set');
}

/** Ops that generated code leaves the region at when a narrow result overflows: see narrow.ts. */
const CHECKED_OPS = new Set(['add64', 'sub64', 'mul64', 'shl64', 'shr64', 'address']);

/** Whether generated code may leave the region at this op. */
export function mayExit({ op }: Value): boolean {
  const { effect } = OPS[op];
  return (
    effect === 'load' ||
    effect === 'store' ||
    effect === 'trap' ||
    effect === 'call' ||
    CHECKED_OPS.has(op)
  );
}

/** FPRs (bit r) used as 64-bit numbers or bits only: these live in one double local. */
export function doubleRegisters(blocks: Iterable<Block>): number {
  let wide = 0;
  let narrow = 0;
  for (const { values } of blocks) {
    for (const value of values) {
      if (value.op === 'getF64' || value.op === 'setF64') wide |= 1 << value.imm;
      const { fpr } = registersOf(value);
      if (fpr !== 0 && (fpr & (1 << (2 * value.imm))) === 0) narrow |= 1 << value.imm;
    }
  }
  return wide & ~narrow;
}

export interface Flow {
  /** Registers whose local may differ from the register file at the start of each block. */
  readonly dirtyIn: ReadonlyMap<number, RegisterSet>;
  /** Registers whose local must be valid at the start of each block. */
  readonly liveIn: ReadonlyMap<number, RegisterSet>;
  /** Reads that look at the register file and not at the locals. */
  readonly homeReads: ReadonlySet<Value>;
}

interface Summary {
  /** Dirty at the end regardless of the start. */
  readonly gen: RegisterSet;
  /** Brought home at the end. */
  readonly homed: RegisterSet;
  /** Everything is written back somewhere inside. */
  readonly clears: boolean;
  readonly defs: RegisterSet;
  /** Registers written before the first place where the region may be left. */
  readonly exitDefs: RegisterSet | undefined;
}

/**
 * Forward and backward data flow over the blocks of a region. `homeWrites` bring their registers
 * home; `readHome` finds the reads of a block that look there, given the words that are dirty.
 */
export function analyseRegisters(
  blocks: ReadonlyMap<number, Block>,
  graph: Graph,
  loopHeads: ReadonlySet<number>,
  homeWrites: ReadonlySet<Value>,
  readHome: (dirty: number, block: Block) => readonly Value[],
): Flow {
  const summaries = new Map<number, Summary>();
  for (const [start, block] of blocks) {
    const edges = graph.edges.get(start)!.length;
    summaries.set(start, summarise(block, edges, loopHeads.has(start), homeWrites));
  }
  const dirtyIn = new Map<number, RegisterSet>();
  const liveIn = new Map<number, RegisterSet>();
  for (const start of blocks.keys()) {
    dirtyIn.set(start, NO_REGISTERS);
    liveIn.set(start, NO_REGISTERS);
  }
  for (let changed = true; changed;) {
    changed = false;
    for (const [start, { gen, homed, clears }] of summaries) {
      const out = clears ? gen : union(minus(dirtyIn.get(start)!, homed), gen);
      for (const next of graph.edges.get(start)!) {
        const merged = union(dirtyIn.get(next)!, out);
        if (!equal(merged, dirtyIn.get(next)!)) {
          dirtyIn.set(next, merged);
          changed = true;
        }
      }
    }
  }
  const homeReads = new Set<Value>();
  const uses = new Map<number, RegisterSet>();
  for (const [start, block] of blocks) {
    for (const read of readHome(dirtyIn.get(start)!.gr, block)) homeReads.add(read);
    uses.set(start, upwardUses(block, homeReads));
  }
  const order = [...blocks.keys()].reverse();
  for (let changed = true; changed;) {
    changed = false;
    for (const start of order) {
      const { defs, exitDefs } = summaries.get(start)!;
      let live = uses.get(start)!;
      // After a call everything live is loaded again, so nothing is live across it.
      if (blocks.get(start)!.terminal.kind !== 'call') {
        for (const next of graph.edges.get(start)!)
          live = union(live, minus(liveIn.get(next)!, defs));
      }
      if (exitDefs) live = union(live, minus(dirtyIn.get(start)!, exitDefs));
      if (!equal(live, liveIn.get(start)!)) {
        liveIn.set(start, live);
        changed = true;
      }
    }
  }
  return { dirtyIn, liveIn, homeReads };
}

/** The registers whose locals a block reads before it writes them. */
function upwardUses({ values }: Block, homeReads: ReadonlySet<Value>): RegisterSet {
  let defs = NO_REGISTERS;
  let uses = NO_REGISTERS;
  for (const value of values) {
    if (value.op === 'call') defs = union(defs, helperWrites(value));
    else if (isRegisterWrite(value)) defs = union(defs, registersOf(value));
    else if (!homeReads.has(value)) uses = union(uses, minus(registersOf(value), defs));
  }
  return uses;
}

function summarise(
  block: Block,
  edgeCount: number,
  isLoopHead: boolean,
  homeWrites: ReadonlySet<Value>,
): Summary {
  let gen = NO_REGISTERS;
  let homed = NO_REGISTERS;
  let clears = false;
  let defs = NO_REGISTERS;
  let exitDefs: RegisterSet | undefined = isLoopHead ? NO_REGISTERS : undefined;
  for (const value of block.values) {
    if (mayExit(value)) exitDefs ??= defs;
    if (value.op === 'call') {
      clears = true;
      gen = NO_REGISTERS;
      defs = union(defs, helperWrites(value));
      continue;
    }
    const registers = registersOf(value);
    if (isRegisterWrite(value)) {
      defs = union(defs, registers);
      if (homeWrites.has(value)) {
        homed = union(homed, registers);
        gen = minus(gen, registers);
      } else gen = union(gen, registers);
    }
  }
  const { kind } = block.terminal;
  if (kind === 'call') {
    clears = true;
    gen = NO_REGISTERS;
  }
  const wanted = kind === 'branch' ? 2 : kind === 'link' ? 1 : Infinity;
  if (edgeCount < wanted) exitDefs ??= defs;
  return { gen, homed, clears, defs, exitDefs };
}
