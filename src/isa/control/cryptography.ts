import { RRE_none } from '../formats.ts';
import { rowWith, section } from '../section.ts';

/** PERFORM CRYPTOGRAPHIC KEY MANAGEMENT OPERATION: only the query is installed. CC unchanged. */
export const PERFORM_CRYPTOGRAPHIC_KEY_MANAGEMENT = section(
  'PERFORM CRYPTOGRAPHIC KEY MANAGEMENT OPERATION',
  [rowWith({ privileged: true, facility: 76 }, 'PCKMO', RRE_none, 0xb928)],
  (ir) => {
    ir.call('queryCryptography', [1, ir.mode.addressing], [], { reads: [0, 1] });
  },
);
