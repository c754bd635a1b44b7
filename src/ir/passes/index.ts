import type { Block } from '../block.ts';
import { conditionFusion } from './condition-fusion.ts';
import { constantFolding } from './constant-folding.ts';
import { deadCc } from './dead-cc.ts';
import { deadCode } from './dead-code.ts';
import { deadHalves } from './dead-halves.ts';

/**
 * The passes over one block, in order: name, what for, who runs it. Every pass is safe: with it
 * off, the block means the same.
 */
export const PASSES = [
  {
    name: 'constant-folding',
    reason: 'computes what is known at translation time',
    run: constantFolding,
    backends: ['js'],
  },
  {
    name: 'condition-fusion',
    reason: 'turns a branch on a condition code into the comparison that made it',
    run: conditionFusion,
    backends: ['interpreter', 'js'],
  },
  {
    name: 'dead-cc',
    reason: 'removes condition codes that are overwritten before anything can see them',
    run: deadCc,
    backends: ['interpreter', 'js'],
  },
  {
    name: 'dead-halves',
    reason: 'narrows 64-bit operations of which only the low word is used',
    run: deadHalves,
    backends: ['js'],
  },
  {
    name: 'dead-code',
    reason: 'removes operations whose result nobody uses',
    run: deadCode,
    backends: ['interpreter', 'js'],
  },
] as const;

export type PassName = (typeof PASSES)[number]['name'];

export const PASS_NAMES: readonly PassName[] = PASSES.map((p) => p.name);

/** Runs the passes meant for `backend`, except those switched off; other names are not looked at. */
export function runPasses(
  block: Block,
  backend: 'interpreter' | 'js',
  disabled: ReadonlySet<string> = new Set(),
  after?: (name: PassName) => void,
): void {
  for (const { name, run, backends } of PASSES) {
    if (disabled.has(name) || !(backends as readonly string[]).includes(backend)) continue;
    run(block);
    after?.(name);
  }
}
