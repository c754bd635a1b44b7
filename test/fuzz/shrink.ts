import type { MachineState } from '../drivers/state.ts';
import type { Comparator, Finding, Trial } from './compare.ts';
import type { FuzzProgram, Step } from './program.ts';

/** One change that would make a trial simpler; undefined when it does not apply. */
type Simplification = (trial: Trial) => Trial | undefined;

function withState(trial: Trial, change: (state: MachineState) => void): Trial | undefined {
  const before = trial.before.copy();
  change(before);
  return before.difference(trial.before).length > 0 ? { ...trial, before } : undefined;
}

const STATE: readonly Simplification[] = [
  (trial) => withState(trial, (s) => void (s.fpc = 0)),
  (trial) => withState(trial, (s) => void (s.cc = 0)),
  ...Array.from({ length: 16 }, (_, r): Simplification[] => [
    (trial) => withState(trial, (s) => s.setGr(r, 0n)),
    (trial) => withState(trial, (s) => s.setGr(r, s.gr(r) & 0xffff_ffffn)),
    (trial) => withState(trial, (s) => s.setFpr(r, 0n)),
    (trial) => withState(trial, (s) => s.setAr(r, 0)),
  ]).flat(),
  ...Array.from(
    { length: 24 },
    (_, i): Simplification =>
      (trial) =>
        withState(trial, (s) => s.memory.fill(0, 32 * i, 32 * i + 32)),
  ),
];

/** The program without step `i`; labels by index move along. */
function withoutStep({ steps, target }: FuzzProgram, i: number): FuzzProgram {
  const left = steps.flatMap((step, k): Step[] => {
    if (k === i) return [];
    const { relative } = step;
    if (relative && 'step' in relative && relative.step > i) {
      return [{ ...step, relative: { ...relative, step: relative.step - 1 } }];
    }
    return [step];
  });
  return { steps: left, target };
}

function programs(trial: Trial): Trial[] {
  const { program } = trial;
  const simpler: Trial[] = [];
  if (program.steps.length > 1) {
    program.steps.forEach((_, i) =>
      simpler.push({ ...trial, program: withoutStep(program, i), slot: 0 }),
    );
  }
  // Displacements, indexes and the like to zero.
  program.steps.forEach((step, i) => {
    for (const [name, value] of Object.entries(step.fields)) {
      if (value === 0 || /^[bl]/.test(name)) continue;
      const steps = program.steps.with(i, { ...step, fields: { ...step.fields, [name]: 0 } });
      simpler.push({ ...trial, program: { ...program, steps }, slot: 0 });
    }
  });
  return simpler;
}

/** What makes two findings the same failure: its kind and what sort of things differ. */
function signature({ kind, differences }: Finding): string {
  const sorts = differences.map((line) => line.replace(/[0-9 ].*/, ''));
  return `${kind} ${[...new Set(sorts)].sort().join(' ')}`;
}

/** The trials of `list` that still show the same failure, in order. */
function stillWrong(comparator: Comparator, wanted: string, list: readonly Trial[]): Trial[] {
  const numbered = list.map((trial, slot) => ({ ...trial, slot }));
  const wrong = new Set(
    comparator
      .compare(numbered)
      .findings.filter((finding) => signature(finding) === wanted)
      .map(({ trial }) => trial.slot),
  );
  return list.filter((_, i) => wrong.has(i));
}

/** The smallest trial found that fails the same way. */
export function shrink(comparator: Comparator, finding: Finding): Finding {
  const wanted = signature(finding);
  let trial: Trial = { ...finding.trial, slot: 0 };
  if (stillWrong(comparator, wanted, [trial]).length === 0) return finding;
  for (let changed = true; changed;) {
    changed = false;
    const [simpler] = stillWrong(comparator, wanted, programs(trial));
    if (simpler) {
      trial = simpler;
      changed = true;
    }
  }
  // All state changes that work alone, together if possible, else one after the other.
  const working = STATE.filter((simplify) => {
    const simpler = simplify(trial);
    return simpler && stillWrong(comparator, wanted, [simpler]).length > 0;
  });
  const together = working.reduce((so, simplify) => simplify(so) ?? so, trial);
  if (stillWrong(comparator, wanted, [together]).length > 0) trial = together;
  else {
    for (const simplify of working) {
      const simpler = simplify(trial);
      if (simpler && stillWrong(comparator, wanted, [simpler]).length > 0) trial = simpler;
    }
  }
  return comparator.compare([trial]).findings[0] ?? finding;
}
