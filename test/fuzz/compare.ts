import {
  type Case,
  type Driver,
  type Interruption,
  resultDifference,
  type Result,
} from '../drivers/driver.ts';
import { EngineDriver } from '../drivers/engine.ts';
import { OracleDriver } from '../drivers/oracle.ts';
import { CODE_AREA, CODE_STRIDE, type MachineState, sameBytes } from '../drivers/state.ts';
import { endReason, holeReason, notRunReason } from './oracle-holes.ts';
import { type FuzzProgram, makeCase } from './program.ts';

/** One program with one starting state. */
export interface Trial {
  readonly program: FuzzProgram;
  readonly before: MachineState;
  /** Which CODE_STRIDE of the code area; trials of one program may share it. */
  readonly slot: number;
}

export interface Finding {
  readonly trial: Trial;
  readonly case: Case;
  /** `backends`: interpreter and JIT differ; `oracle`: both differ from it; `failure`: we threw. */
  readonly kind: 'backends' | 'oracle' | 'failure';
  readonly differences: readonly string[];
  /** What qemu-s390x says, where it was asked. */
  readonly expected: Result | undefined;
}

export interface Comparison {
  readonly findings: Finding[];
  /** Cases compared with the oracle. */
  readonly withOracle: number;
  /** Differences from the oracle that are known, by reason. */
  readonly explained: ReadonlyMap<string, number>;
}

type Answer = Result | undefined | Error;

function isResult(answer: Answer): boolean {
  return answer !== undefined && !(answer instanceof Error);
}

/** A branch far beyond every address space. */
function isRounded(interruption: Interruption | undefined): boolean {
  return interruption !== undefined && (interruption.ia >= 2 ** 53 || interruption.page >= 2 ** 64);
}

/** Like `driver.run`, but an error that one case causes is that case's answer. */
function answers(driver: Driver, cases: readonly Case[]): Answer[] {
  try {
    return driver.run(cases);
  } catch (error) {
    if (cases.length === 1) return [error as Error];
    const half = cases.length >> 1;
    return [...answers(driver, cases.slice(0, half)), ...answers(driver, cases.slice(half))];
  }
}

function equal(a: Result, b: Result): boolean {
  const i = a.interruption;
  const j = b.interruption;
  if (!sameBytes(a.after.bytes, b.after.bytes)) return false;
  if (!i || !j) return i === j;
  return i.signal === j.signal && i.siCode === j.siCode && i.ia === j.ia && i.page === j.page;
}

/** Runs trials on the interpreter, the JIT and the oracle and says where they differ. */
export class Comparator {
  readonly #interpreter: Driver = new EngineDriver('interpreter');
  readonly #jit: Driver = new EngineDriver('jit');
  readonly #oracle: Driver | undefined;

  constructor(useOracle: boolean) {
    this.#oracle = useOracle ? new OracleDriver() : undefined;
  }

  compare(trials: readonly Trial[]): Comparison {
    const cases = trials.map(({ program, before, slot }) =>
      makeCase(program, CODE_AREA + slot * CODE_STRIDE, before),
    );
    const interpreted = answers(this.#interpreter, cases);
    const compiled = answers(this.#jit, cases);
    // What does not end here is not given to the oracle, which would only time out.
    const asked = trials.map(
      ({ program }, i) => !!this.#oracle && !notRunReason(program) && isResult(interpreted[i]),
    );
    const replies = this.#oracle?.run(cases.filter((_, i) => asked[i])) ?? [];
    const findings: Finding[] = [];
    const explained = new Map<string, number>();
    let withOracle = 0;
    let reply = 0;
    trials.forEach((trial, i) => {
      const expected = asked[i] ? replies[reply++] : undefined;
      const found = (kind: Finding['kind'], differences: readonly string[]): void => {
        findings.push({ trial, case: cases[i]!, kind, differences, expected });
      };
      const first = interpreted[i];
      const second = compiled[i];
      if (first instanceof Error) return found('failure', [`interpreter: ${first.stack}`]);
      if (second instanceof Error) return found('failure', [`jit: ${second.stack}`]);
      if (!first || !second) {
        if (first || second) found('backends', ['only one backend ends']);
        return;
      }
      const rounded = [first, second].some(({ interruption }) => isRounded(interruption));
      if (rounded) {
        // Instruction addresses are JavaScript numbers: exact where storage can be.
        const reason = 'an instruction address of 2**53 or more is rounded';
        explained.set(reason, (explained.get(reason) ?? 0) + 1);
        return;
      }
      if (!equal(first, second)) {
        return found('backends', [
          'interpreter != jit',
          ...resultDifference(first, second),
          ...(expected ? ['interpreter != qemu', ...resultDifference(first, expected)] : []),
        ]);
      }
      if (!asked[i]) return;
      withOracle++;
      if (expected && equal(first, expected)) return;
      const reason = expected
        ? holeReason(trial.program, cases[i]!, first, expected)
        : endReason(trial.program, first);
      if (reason) explained.set(reason, (explained.get(reason) ?? 0) + 1);
      else if (!expected) found('oracle', ['qemu-s390x does not end']);
      else found('oracle', ['ours != qemu', ...resultDifference(first, expected)]);
    });
    return { findings, withOracle, explained };
  }
}
