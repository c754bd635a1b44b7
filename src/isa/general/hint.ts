import { IE, MII, RILc, RRFc, RXYb, SMI } from '../formats.ts';
import { row, rowWith, section } from '../section.ts';

/** Hints to a cache or a branch predictor: no access exceptions, and nothing that shows. */
const EXECUTION_HINT = { facility: 49 };

function nothing(): void {
  // That is the instruction.
}

export const PREFETCH_DATA = section(
  'PREFETCH DATA',
  [row('PFD', RXYb, 0xe336), row('PFDRL', RILc, 0xc62)],
  nothing,
);

export const NEXT_INSTRUCTION_ACCESS_INTENT = section(
  'NEXT INSTRUCTION ACCESS INTENT',
  [rowWith(EXECUTION_HINT, 'NIAI', IE, 0xb2fa)],
  nothing,
);

export const BRANCH_PREDICTION_PRELOAD = section(
  'BRANCH PREDICTION PRELOAD',
  [rowWith(EXECUTION_HINT, 'BPP', SMI, 0xc7)],
  nothing,
);

export const BRANCH_PREDICTION_RELATIVE_PRELOAD = section(
  'BRANCH PREDICTION RELATIVE PRELOAD',
  [rowWith(EXECUTION_HINT, 'BPRP', MII, 0xc5)],
  nothing,
);

/** PERFORM PROCESSOR ASSIST: assists what is not there, aborted transactions. */
export const PERFORM_PROCESSOR_ASSIST = section(
  'PERFORM PROCESSOR ASSIST',
  [rowWith(EXECUTION_HINT, 'PPA', RRFc, 0xb2e8)],
  nothing,
);
