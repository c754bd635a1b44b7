import type { RegionGraph } from '../../frontend/region.ts';
import { runPasses } from '../../ir/passes/index.ts';
import { generateRegion, type RegionSource } from './compile.ts';
import type { EmitOptions } from './emit-options.ts';
import { wideReads } from './narrow.ts';

/** What the source of a region is made of: data only, which another thread can be sent. */
export interface RegionJob {
  /** Its blocks are used up. */
  readonly graph: RegionGraph;
  readonly emit: EmitOptions;
  readonly disabledPasses: ReadonlySet<string>;
  /** General registers (bit r) that may be taken to be narrow at the entry. */
  readonly mayBeNarrow: number;
}

export interface WrittenRegion {
  readonly source: RegionSource;
  /** General registers (bit r) that the source takes to be narrow at the entry. */
  readonly narrow: number;
}

/** Runs the passes over a region's blocks and writes its source. */
export function writeRegion(job: RegionJob): WrittenRegion {
  const { graph, emit, disabledPasses, mayBeNarrow } = job;
  for (const block of graph.blocks.values()) runPasses(block, 'js', disabledPasses);
  const narrow = mayBeNarrow && wideReads(graph.blocks.values()) & mayBeNarrow;
  return { source: generateRegion(graph, { ...emit, narrow }), narrow };
}
