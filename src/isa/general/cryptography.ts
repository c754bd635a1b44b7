import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Builder } from '../../ir/builder.ts';
import { RRE, RRE_none, RRFb_r3 } from '../formats.ts';
import { rowWith, section } from '../section.ts';

/**
 * Message-security assist. Only function code 0, the query, is installed: it says that there is
 * nothing else, and every other code is a specification exception.
 */
const EFFECTS = { reads: [0, 1] };

/** Register fields must name even registers other than 0. */
function query(ir: Builder, registers: readonly number[], noModifier: boolean): void {
  if (registers.some((r) => r === 0 || r & 1)) return ir.raise(PIC_SPECIFICATION);
  ir.call('queryCryptography', [Number(noModifier), ir.mode.addressing], [], EFFECTS);
  ir.setCc(ir.const32(0));
}

interface Registers {
  readonly r1: number;
  readonly r2: number;
}

/** CIPHER MESSAGE and its chaining and feedback modes. */
export const CIPHER_MESSAGE = section(
  'CIPHER MESSAGE',
  [
    rowWith({ facility: 17 }, 'KM', RRE, 0xb92e),
    rowWith({ facility: 17 }, 'KMC', RRE, 0xb92f),
    rowWith({ facility: 77 }, 'KMF', RRE, 0xb92a),
    rowWith({ facility: 77 }, 'KMO', RRE, 0xb92b),
  ],
  (ir, { r1, r2 }: Registers) => {
    query(ir, [r1, r2], false);
  },
);

export const CIPHER_MESSAGE_WITH_COUNTER = section(
  'CIPHER MESSAGE WITH COUNTER',
  [rowWith({ facility: 77 }, 'KMCTR', RRFb_r3, 0xb92d)],
  (ir, { r1, r2, r3 }: Registers & { r3: number }) => {
    query(ir, [r1, r2, r3], false);
  },
);

/** CIPHER MESSAGE WITH AUTHENTICATION: R3 must differ from R1 and R2. */
export const CIPHER_MESSAGE_WITH_AUTHENTICATION = section(
  'CIPHER MESSAGE WITH AUTHENTICATION',
  [rowWith({ facility: 146 }, 'KMA', RRFb_r3, 0xb929)],
  (ir, { r1, r2, r3 }: Registers & { r3: number }) => {
    if (r3 === r1 || r3 === r2) return ir.raise(PIC_SPECIFICATION);
    query(ir, [r1, r2, r3], false);
  },
);

/** COMPUTE INTERMEDIATE and LAST MESSAGE DIGEST, COMPUTE MESSAGE AUTHENTICATION CODE. */
export const COMPUTE_MESSAGE_DIGEST = section(
  'COMPUTE MESSAGE DIGEST',
  [
    rowWith({ facility: 17 }, 'KIMD', RRE, 0xb93e),
    rowWith({ facility: 17 }, 'KLMD', RRE, 0xb93f),
    rowWith({ facility: 17 }, 'KMAC', RRE, 0xb91e),
  ],
  (ir, { r2 }: Registers) => {
    query(ir, [r2], true);
  },
);

export const PERFORM_CRYPTOGRAPHIC_COMPUTATION = section(
  'PERFORM CRYPTOGRAPHIC COMPUTATION',
  [rowWith({ facility: 77 }, 'PCC', RRE_none, 0xb92c)],
  (ir) => {
    query(ir, [], true);
  },
);

/** PERFORM RANDOM NUMBER OPERATION, once PERFORM PSEUDORANDOM NUMBER OPERATION. */
export const PERFORM_RANDOM_NUMBER_OPERATION = section(
  'PERFORM RANDOM NUMBER OPERATION',
  [rowWith({ facility: 57 }, 'PRNO', RRE, 0xb93c)],
  (ir, { r1, r2 }: Registers) => {
    query(ir, [r1, r2], false);
  },
);

export const COMPUTE_DIGITAL_SIGNATURE = section(
  'COMPUTE DIGITAL SIGNATURE AUTHENTICATION',
  [rowWith({ facility: 155 }, 'KDSA', RRE, 0xb93a)],
  (ir, { r2 }: Registers) => {
    query(ir, [r2], false);
  },
);
