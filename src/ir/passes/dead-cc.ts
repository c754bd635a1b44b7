import type { Block } from '../block.ts';
import { OPS } from '../ops.ts';

/** A CC is dead only if overwritten before the next op that may fault or read it. */
export function deadCc(block: Block): void {
  let dead = false;
  const kept = [];
  for (let i = block.values.length - 1; i >= 0; i--) {
    const value = block.values[i]!;
    const { effect } = OPS[value.op];
    if (value.op === 'setCc') {
      if (dead) continue;
      dead = true;
    } else if (value.op === 'getCc') dead = false;
    else if (effect === 'load' || effect === 'store' || effect === 'trap' || effect === 'call') {
      dead = false;
    }
    kept.push(value);
  }
  block.values = kept.reverse();
}
