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

/** Grows a region over direct branches and call continuations, breadth first from `entry`. */
export function growRegion(
  memory: AddressSpace,
  entry: number,
  mode: Mode,
  options: TranslateOptions & { readonly regionLimit?: number } = {},
): RegionGraph {
  const { regionLimit = REGION_LIMIT, hasFacility } = options;
  const leaders = new Set([entry]);
  const blocks = new Map<number, Block>();
  const pagesOf = new Map<number, ReadonlySet<number>>();
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
    insnCount += block.insns.length;
    for (const next of successors(block.terminal)) {
      if (leaders.has(next) || Math.abs(next - entry) > REGION_REACH) continue;
      leaders.add(next);
      const around = containing(blocks, next);
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
  const pages = new Set<number>();
  for (const start of blocks.keys()) for (const page of pagesOf.get(start)!) pages.add(page);
  return { entry, blocks, pages, insnCount };
}

/** The start of the block that has an instruction at `address` which is not its first. */
function containing(blocks: ReadonlyMap<number, Block>, address: number): number | undefined {
  for (const [start, { insns }] of blocks) {
    if (address <= start || insns.length === 0) continue;
    const last = insns[insns.length - 1]!;
    if (address > last.at) continue;
    if (insns.some(({ at }) => at === address)) return start;
  }
  return undefined;
}
