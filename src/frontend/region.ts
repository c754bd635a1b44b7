import type { Block } from '../ir/block.ts';
import type { Mode } from '../ir/builder.ts';
import { successors } from '../ir/terminal.ts';
import type { AddressSpace } from '../memory/user-space.ts';
import { translateBlock, type TranslateOptions } from './translate-block.ts';

/** Guest instructions in one region. V8 stops optimising functions of more than 60 KB of bytecode. */
export const REGION_LIMIT = 500;
/** How far from its entry a region follows direct branches: beyond, it is another function. */
const REGION_REACH = 0x8000;

/** A piece of one guest function: blocks by address, entered only at `entry`. */
export interface RegionGraph {
  readonly entry: number;
  readonly blocks: ReadonlyMap<number, Block>;
  readonly pages: ReadonlySet<number>;
  readonly insnCount: number;
}

export interface RegionOptions extends TranslateOptions {
  readonly regionLimit?: number;
  /** Whether a block was ever executed: what was not stays out. Without it, all of it is wanted. */
  readonly executed?: (address: number) => boolean;
}

/** Grows a region over direct branches and call continuations, breadth first from `entry`. */
export function growRegion(
  memory: AddressSpace,
  entry: number,
  mode: Mode,
  options: RegionOptions = {},
): RegionGraph {
  const { regionLimit = REGION_LIMIT, hasFacility, executed } = options;
  const leaders = new Set([entry]);
  const blocks = new Map<number, Block>();
  const pagesOf = new Map<number, ReadonlySet<number>>();
  /** The block of each instruction. */
  const containing = new Map<number, number>();
  const queue = [entry];
  let insnCount = 0;
  const add = (start: number): void => {
    const { block, pages } = translateBlock(memory, start, mode, {
      leaders,
      limit: 256,
      ...(hasFacility ? { hasFacility } : {}),
    });
    blocks.set(start, block);
    pagesOf.set(start, pages);
    for (const { at } of block.insns) containing.set(at, start);
    insnCount += block.insns.length;
    for (const next of successors(block.terminal)) {
      if (leaders.has(next) || Math.abs(next - entry) > REGION_REACH) continue;
      // What a block runs into has been executed with it.
      if (block.terminal.kind !== 'link' && executed && !executed(next)) continue;
      leaders.add(next);
      const around = containing.get(next);
      if (around !== undefined) {
        // A branch into the middle of a block: split it there.
        insnCount -= blocks.get(around)!.insns.length;
        blocks.delete(around);
        add(around);
      }
      queue.push(next);
    }
  };
  for (let start = queue.shift(); start !== undefined; start = queue.shift()) {
    if (blocks.has(start)) continue;
    if (insnCount >= regionLimit) break;
    add(start);
  }
  return makeGraph(entry, blocks, pagesOf);
}

function makeGraph(
  entry: number,
  blocks: ReadonlyMap<number, Block>,
  pagesOf: ReadonlyMap<number, ReadonlySet<number>>,
): RegionGraph {
  const pages = new Set<number>();
  let insnCount = 0;
  for (const [start, { insns }] of blocks) {
    insnCount += insns.length;
    for (const page of pagesOf.get(start)!) pages.add(page);
  }
  return { entry, blocks, pages, insnCount };
}

/** The part of a region that is entered at another of its blocks and stays within some of them. */
export function restrictRegion(
  { blocks, pages }: RegionGraph,
  entry: number,
  within: ReadonlySet<number>,
): RegionGraph {
  const kept = new Map([...blocks].filter(([start]) => within.has(start)));
  return makeGraph(entry, kept, new Map([...kept.keys()].map((start) => [start, pages])));
}

/** The successors of each block that are inside the region. */
export function regionEdges({ blocks }: RegionGraph): Map<number, number[]> {
  const edges = new Map<number, number[]>();
  for (const [start, { terminal }] of blocks) {
    edges.set(
      start,
      successors(terminal).filter((next) => blocks.has(next)),
    );
  }
  return edges;
}
