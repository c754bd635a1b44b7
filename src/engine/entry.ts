import type { LoweredBlock, Stop } from '../backend/interpreter/lower.ts';
import type { RegionGraph } from '../frontend/region.ts';
import type { CodePages } from '../frontend/translate-block.ts';
import type { Region } from './region-cache.ts';

/** What the engine wants to know of a block's end: see {@link BlockEntry}. */
export interface Ending {
  readonly chains: boolean;
  readonly calls: boolean;
  readonly jumpsAt: number;
}

/** The end of a block of which nothing is to be remembered. */
export const PLAIN_ENDING: Ending = { chains: false, calls: false, jumpsAt: -1 };

/** Hit count of a block that generated code cannot begin with. */
export const NEVER = -(2 ** 30);

/** A translated block as the interpreter runs it, with its counters and chains. */
export class BlockEntry {
  readonly address: number;
  readonly lowered: LoweredBlock;
  readonly steps: readonly (() => void)[];
  readonly finish: () => number;
  readonly pages: CodePages;
  readonly insnCount: number;
  readonly stop: Stop | undefined;
  /** The code space's epoch in which its pages were in place; -1 once a byte of it has changed. */
  epoch = 0;
  /** Executions counted towards the next tier. */
  hits = 0;
  region: Region | null = null;
  /** A region is kept for its address: `hits` began near the threshold. */
  hasEarly = false;
  /** The region to make when the block is next executed, chosen when another block became hot. */
  planned: RegionGraph | null = null;
  /** The bytes it was made from, where they may change unannounced. */
  bytes: Uint8Array | null = null;
  /** How often the dispatcher has entered the region. */
  runs = 0;
  /** The two successors met last: chaining without a look-up. */
  nextAddress = -1;
  next: BlockEntry | null = null;
  otherAddress = -1;
  other: BlockEntry | null = null;
  /** False when the successor may run in another mode. */
  readonly chains: boolean;
  /** Whether the block ends in a call. */
  readonly calls: boolean;
  /** The address of the indirect branch in which the block ends, or -1. */
  readonly jumpsAt: number;

  constructor(
    address: number,
    lowered: LoweredBlock,
    pages: CodePages,
    { chains, calls, jumpsAt }: Ending,
  ) {
    this.address = address;
    this.lowered = lowered;
    this.steps = lowered.steps;
    this.finish = lowered.finish;
    this.pages = pages;
    this.insnCount = lowered.insns.length;
    this.stop = lowered.stop;
    this.chains = chains;
    this.calls = calls;
    this.jumpsAt = jumpsAt;
  }

  /** Remembers a successor. */
  chain(following: BlockEntry): void {
    this.otherAddress = this.nextAddress;
    this.other = this.next;
    this.nextAddress = following.address;
    this.next = following;
  }

  /**
   * Marks the block stale. If it is running, it stops before its next instruction: the first step
   * of every instruction now throws, and those of the running one are behind us.
   */
  invalidate(): void {
    this.epoch = -1;
    const { insnOf } = this.lowered;
    const steps = this.lowered.steps as (() => void)[];
    for (let i = 0; i < steps.length; i++) {
      if (i === 0 || insnOf[i] !== insnOf[i - 1]) steps[i] = stopStale;
    }
  }
}

/** Thrown inside a block that has just overwritten its own instructions. */
export const STALE_BLOCK = { name: 'StaleBlock' };

function stopStale(): void {
  throw STALE_BLOCK;
}
