import { beforeAll, describe, expect, test } from 'vitest';
import type { Instruction } from '../../src/isa/section.ts';
import { SECTIONS } from '../../src/isa/table.ts';
import { hasQemu } from '../drivers/oracle.ts';
import { Comparator, type Finding, type Trial } from '../fuzz/compare.ts';
import { listing } from '../fuzz/program.ts';
import { NOT_GENERATED } from '../fuzz/traits.ts';
import { edgeTrials } from './edge-cases.ts';

/*
 * Every declared instruction on edge values of its operands, with every condition code and mask:
 * interpreter, JIT and, where it is installed, qemu-s390x (but for its known holes) agree.
 */

/** The instructions of each title: several sections describe ADD. */
const byTitle = new Map<string, Instruction[]>();
for (const { title, instructions } of SECTIONS) {
  const wanted = instructions.filter((i) => !i.privileged && !(i.mnemonic in NOT_GENERATED));
  if (wanted.length > 0) byTitle.set(title, [...(byTitle.get(title) ?? []), ...wanted]);
}

/** A process of the oracle costs as much as hundreds of cases. */
const SLOTS_A_BATCH = 800;
const counts = new Map<Instruction, number>();
const failures = new Map<Instruction, Finding[]>();

beforeAll(() => {
  const comparator = new Comparator(hasQemu);
  let trials: Trial[] = [];
  let slot = 0;
  const flush = (): void => {
    for (const finding of comparator.compare(trials).findings) {
      const { instruction } = finding.trial.program.steps[0]!;
      failures.set(instruction, [...(failures.get(instruction) ?? []), finding]);
    }
    trials = [];
    slot = 0;
  };
  for (const instruction of [...byTitle.values()].flat()) {
    const made = edgeTrials(instruction, slot);
    counts.set(instruction, made.length);
    trials.push(...made);
    slot = made.at(-1)!.slot + 1;
    if (slot >= SLOTS_A_BATCH) flush();
  }
  flush();
}, 300_000);

describe(`edge values, interpreter = jit${hasQemu ? ' = qemu-s390x' : ''}`, () => {
  test.each([...byTitle])('%s', (_title, instructions) => {
    for (const instruction of instructions) {
      const found = failures.get(instruction) ?? [];
      const [first] = found;
      const count = `${found.length} of ${counts.get(instruction)} cases differ`;
      expect(first && [count, ...listing(first.case), ...first.differences]).toBeUndefined();
      expect(counts.get(instruction)).toBeGreaterThanOrEqual(50);
    }
  });
});
