import { INSTRUCTIONS } from '../../src/isa/table.ts';
import { EngineDriver } from '../drivers/engine.ts';
import { makeCase } from '../fuzz/program.ts';
import { NOT_GENERATED } from '../fuzz/traits.ts';
import { CODE_AREA, CODE_STRIDE } from '../drivers/state.ts';
import { edgeTrials } from './edge-cases.ts';

export interface Execution {
  /** Edge cases in which the instruction completed. */
  readonly completed: number;
  /** In which it was interrupted. */
  readonly interrupted: number;
}

/** Executes the edge cases of every declared problem-state instruction on the interpreter. */
export function executeAll(): Map<string, Execution> {
  const driver = new EngineDriver('interpreter');
  const found = new Map<string, Execution>();
  for (const instruction of INSTRUCTIONS) {
    if (instruction.privileged || instruction.mnemonic in NOT_GENERATED) continue;
    const cases = edgeTrials(instruction, 0).map(({ program, before, slot }) =>
      makeCase(program, CODE_AREA + slot * CODE_STRIDE, before),
    );
    const results = driver.run(cases);
    const interrupted = results.filter((result) => result?.interruption).length;
    found.set(instruction.mnemonic, { completed: results.length - interrupted, interrupted });
  }
  return found;
}
