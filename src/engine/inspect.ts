import { generateRegion } from '../backend/js/compile.ts';
import { emitOptions } from '../backend/js/emit-options.ts';
import { hex, hexBytes } from '../base/hex.ts';
import type { RegionGraph } from '../frontend/region.ts';
import type { Block, Terminal } from '../ir/block.ts';
import { PASSES } from '../ir/passes/index.ts';
import { printBlock, printTerminal } from '../ir/print.ts';
import { successors } from '../ir/terminal.ts';
import { verifyBlock } from '../ir/verify.ts';
import type { Engine } from './engine.ts';

/** One region completely: what it was made from, what was made of it. */
export interface Inspection {
  /** Entry address in hexadecimal, as all addresses here. */
  readonly address: string;
  /** The bytes of each block, behind its address. */
  readonly bytes: readonly string[];
  readonly disassembly: readonly string[];
  /** The IR before any pass. */
  readonly ir: string;
  readonly passes: readonly PassInspection[];
  readonly javascript: string;
  /** Ways out of the region. */
  readonly exits: readonly string[];
  /** Other regions that the code calls or goes on in, and helpers that it calls. */
  readonly links: readonly string[];
  readonly helpers: readonly string[];
}

/** What one pass did. */
export interface PassInspection {
  readonly name: string;
  readonly reason: string;
  /** False when it was switched off. */
  readonly on: boolean;
  /** The blocks that it changed, as they are behind it. */
  readonly changed: string;
}

/**
 * Describes the region entered at `address`. Its JavaScript is what the engine runs, if the engine
 * has made the region, otherwise what it would make, without assumptions about register values.
 * @throws Error when a pass has broken a rule of ir/verify.ts
 */
export function inspectRegion(engine: Engine, address: number): Inspection {
  const { memory, options } = engine;
  const { disabledPasses } = options;
  const graph = engine.regionGraph(address);
  const blocks = [...graph.blocks.values()].sort((a, b) => a.start - b.start);
  const ir = blocks.map(printBlock).join('\n');
  verify(blocks, 'before any pass');
  const passes = PASSES.map(({ name, reason, run, backends }): PassInspection => {
    const on = !disabledPasses?.has(name) && (backends as readonly string[]).includes('js');
    const changed: string[] = [];
    if (on) {
      for (const block of blocks) {
        const before = printBlock(block);
        run(block);
        const after = printBlock(block);
        if (after !== before) changed.push(after);
      }
      verify(blocks, `after ${name}`);
    }
    return { name, reason, on, changed: changed.join('\n') };
  });
  const made = [...engine.regions.all()].find(({ entry }) => entry === address);
  const source =
    made?.source ?? generateRegion(graph, { ...emitOptions(disabledPasses), comments: true });
  return {
    address: hex(address),
    bytes: blocks.map((block) => {
      const bytes = memory.bytes.subarray(block.start, endOf(block));
      return `${hex(block.start)}: ${hexBytes(bytes)}`;
    }),
    disassembly: disassembly(blocks),
    ir,
    passes,
    javascript: source.text,
    exits: exits(graph),
    links: source.links.map((target) => hex(target)),
    helpers: source.helpers,
  };
}

function verify(blocks: readonly Block[], when: string): void {
  const problems = blocks.flatMap(verifyBlock);
  if (problems.length > 0) throw new Error(`invalid IR ${when}:\n${problems.join('\n')}`);
}

/** One past the last byte. */
function endOf({ start, insns }: Block): number {
  const last = insns.at(-1);
  return last ? last.at + last.length : start;
}

/** Instructions by address, with a line that names each block, as a debugger shows them. */
function disassembly(blocks: readonly Block[]): string[] {
  return blocks.flatMap(({ start, insns }) => [
    `${hex(start)}:`,
    ...insns.map(({ at, text }) => `  ${hex(at)}  ${text()}`),
  ]);
}

/** The terminals that leave the region, or may. */
function exits({ blocks }: RegionGraph): string[] {
  const leaves = (terminal: Terminal): boolean => {
    const next = successors(terminal);
    const isDirect = terminal.kind === 'link' || terminal.kind === 'branch';
    return !isDirect || next.some((target) => !blocks.has(target));
  };
  return [...blocks.values()]
    .filter(({ terminal }) => leaves(terminal))
    .map(
      ({ start, insns, terminal }) =>
        `${hex(insns.at(-1)?.at ?? start)}: ${printTerminal(terminal)}`,
    );
}
