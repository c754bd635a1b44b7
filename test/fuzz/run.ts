import type { Comparator, Finding, Trial } from './compare.ts';
import { Generator } from './generate.ts';
import { Random } from './random.ts';

export type Mode = 'single' | 'sequence' | 'loop';

export interface FuzzOptions {
  /** Cases to compare: a program and a starting state. */
  readonly count: number;
  readonly seed: number;
  /** Only instructions whose mnemonic matches. */
  readonly only?: RegExp | undefined;
  /** Default: all three, mostly single instructions. */
  readonly mode?: Mode | undefined;
  readonly oracle: boolean;
  /** Stops after so many milliseconds. */
  readonly limit?: number;
  /** Stops at so many findings. */
  readonly stopAt?: number;
  readonly progress?: (summary: FuzzSummary) => void;
}

export interface FuzzSummary {
  cases: number;
  /** Of these compared with qemu-s390x. */
  withOracle: number;
  /** Known differences from it, by reason. */
  explained: Map<string, number>;
  /** Instructions that were run, by mnemonic. */
  mnemonics: Map<string, number>;
  findings: Finding[];
}

const PROGRAMS_A_BATCH = 1000;
const STATES_A_PROGRAM = 4;
const MODES: readonly Mode[] = [
  ...['single', 'single', 'single', 'single', 'single', 'single'],
  ...['sequence', 'sequence', 'sequence', 'loop'],
] as Mode[];

function count<K>(map: Map<K, number>, key: K, n = 1): void {
  map.set(key, (map.get(key) ?? 0) + n);
}

/** Compares random cases on the interpreter, the JIT and, where it is, qemu-s390x. */
export function runFuzz(options: FuzzOptions, comparator: Comparator): FuzzSummary {
  const { limit = Infinity, stopAt = 10 } = options;
  const random = new Random(options.seed);
  const generator = new Generator(random, options.only);
  const started = performance.now();
  const summary: FuzzSummary = {
    cases: 0,
    withOracle: 0,
    explained: new Map(),
    mnemonics: new Map(),
    findings: [],
  };
  while (summary.cases < options.count) {
    const wanted = Math.ceil((options.count - summary.cases) / STATES_A_PROGRAM);
    const trials: Trial[] = [];
    for (let slot = 0; slot < Math.min(wanted, PROGRAMS_A_BATCH); slot++) {
      const mode = options.mode ?? random.pick(MODES);
      const { program, states } = generator.candidate(slot, STATES_A_PROGRAM, mode);
      for (const before of states) trials.push({ program, before, slot });
      for (const { instruction } of [
        ...program.steps,
        ...(program.target ? [program.target] : []),
      ]) {
        count(summary.mnemonics, instruction.mnemonic, states.length);
      }
    }
    const { findings, withOracle, explained } = comparator.compare(trials);
    summary.cases += trials.length;
    summary.withOracle += withOracle;
    for (const [reason, n] of explained) count(summary.explained, reason, n);
    // One finding a program is enough.
    const seen = new Set<unknown>();
    for (const finding of findings) {
      if (!seen.has(finding.trial.program)) summary.findings.push(finding);
      seen.add(finding.trial.program);
    }
    options.progress?.(summary);
    if (summary.findings.length >= stopAt || performance.now() - started > limit) break;
  }
  return summary;
}
