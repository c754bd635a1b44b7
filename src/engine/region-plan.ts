import { analyseDominators, loopsAround } from '../frontend/dominators.ts';
import {
  growRegion,
  REGION_LIMIT,
  regionEdges,
  restrictRegion,
  type RegionGraph,
  type RegionOptions,
} from '../frontend/region.ts';
import type { Mode } from '../ir/builder.ts';
import type { CodeSource } from '../memory/code-source.ts';

/** What the interpreter has counted. */
export interface Profile {
  /** How often the block at an address was executed; 0 when never. */
  hits(address: number): number;
  /** Function entries that calls went to, in order of address. */
  readonly functions: readonly number[];
}

/** An outer block must have come by this often before a region waits for it to come again. */
const RECURRING = 4;
/** How far before a block its function may begin. */
const FUNCTION_REACH = 0x8000;
/** Guest instructions looked at to find the loops around a block. */
const VIEW_LIMIT = 3 * REGION_LIMIT;

/**
 * Chooses the region to make when a block is hot. V8 keeps values in registers well only in a
 * function whose loops nest as the guest's do, so a region begins where a function does, or at the
 * head of a loop, and then has just that loop in it: the outermost that comes round again.
 * @param has whether there is a region already, entered at `entry`, with the block in it
 */
export function planRegion(
  code: CodeSource,
  hot: number,
  mode: Mode,
  profile: Profile,
  options: RegionOptions,
  has: (entry: number, block: number) => boolean,
): RegionGraph {
  const start = functionOf(hot, profile.functions);
  const view = { ...options, regionLimit: VIEW_LIMIT };
  let whole = growRegion(code, start ?? hot, mode, view);
  if (!whole.blocks.has(hot)) whole = growRegion(code, hot, mode, view);
  const wanted = (entry: number): boolean =>
    entry === hot || (profile.hits(entry) >= RECURRING && !has(entry, hot));
  const fits = ({ insnCount }: RegionGraph): boolean => insnCount <= REGION_LIMIT;
  if (wanted(whole.entry)) {
    if (fits(whole)) return whole;
    if (whole.entry === hot) return growRegion(code, hot, mode, options);
  }
  const edges = regionEdges(whole);
  const order = analyseDominators(whole.entry, (node) => edges.get(node)!);
  const loops = order.index.has(hot) ? loopsAround(hot, order) : [];
  for (const { head, body } of loops) {
    const loop = wanted(head) ? restrictRegion(whole, head, body) : undefined;
    if (loop && fits(loop)) return loop;
  }
  // In the middle of a loop: to its end, from where the region of the loop goes on.
  const innermost = loops.at(-1);
  if (!innermost || innermost.head === hot) return growRegion(code, hot, mode, options);
  const rest = new Set(innermost.body);
  rest.delete(innermost.head);
  return restrictRegion(whole, hot, rest);
}

/** The closest function entry at or before an address. */
function functionOf(address: number, functions: readonly number[]): number | undefined {
  let low = 0;
  let high = functions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (functions[middle]! <= address) low = middle + 1;
    else high = middle;
  }
  const found = functions[low - 1];
  return found !== undefined && address - found <= FUNCTION_REACH ? found : undefined;
}
