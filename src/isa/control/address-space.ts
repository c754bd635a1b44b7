import { RRE_r1, S } from '../formats.ts';
import { address2, gr64 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

/** The ASN-and-LX-reuse facility. */
const INSTANCE = { facility: 6 };

interface R1 {
  readonly r1: number;
}

/** SET ADDRESS SPACE CONTROL (FAST): bits 52-55 of the address. CC unchanged. */
export const SET_ADDRESS_SPACE_CONTROL = section(
  'SET ADDRESS SPACE CONTROL',
  [row('SAC', S, 0xb219, address2), row('SACF', S, 0xb279, address2)],
  (ir, _fields: unknown, address) => {
    ir.call('setAddressSpaceControl', [ir.length], [address]);
    ir.modeChange();
  },
);

/** INSERT ADDRESS SPACE CONTROL. CC 0 primary, 1 secondary, 2 access registers, 3 home. */
export const INSERT_ADDRESS_SPACE_CONTROL = section(
  'INSERT ADDRESS SPACE CONTROL',
  [row('IAC', RRE_r1, 0xb224)],
  (ir, { r1 }: R1) => {
    const effects = { reads: [r1], writes: [r1] };
    ir.setCc(ir.call('insertAddressSpaceControl', [r1], [], effects));
  },
);

/** Control registers that hold the primary and the secondary ASN. */
const PRIMARY = 4;
const SECONDARY = 3;

/** EXTRACT PRIMARY ASN. CC unchanged. */
export const EXTRACT_PRIMARY_ASN = section(
  'EXTRACT PRIMARY ASN',
  [row('EPAR', RRE_r1, 0xb226)],
  (ir, { r1 }: R1) => {
    ir.call('extractAsn', [r1, PRIMARY, 0], [], { reads: [r1], writes: [r1] });
  },
);

export const EXTRACT_PRIMARY_ASN_AND_INSTANCE = section(
  'EXTRACT PRIMARY ASN AND INSTANCE',
  [rowWith(INSTANCE, 'EPAIR', RRE_r1, 0xb99a)],
  (ir, { r1 }: R1) => {
    ir.call('extractAsn', [r1, PRIMARY, 1], [], { writes: [r1] });
  },
);

/** EXTRACT SECONDARY ASN. CC unchanged. */
export const EXTRACT_SECONDARY_ASN = section(
  'EXTRACT SECONDARY ASN',
  [row('ESAR', RRE_r1, 0xb227)],
  (ir, { r1 }: R1) => {
    ir.call('extractAsn', [r1, SECONDARY, 0], [], { reads: [r1], writes: [r1] });
  },
);

export const EXTRACT_SECONDARY_ASN_AND_INSTANCE = section(
  'EXTRACT SECONDARY ASN AND INSTANCE',
  [rowWith(INSTANCE, 'ESAIR', RRE_r1, 0xb99b)],
  (ir, { r1 }: R1) => {
    ir.call('extractAsn', [r1, SECONDARY, 1], [], { writes: [r1] });
  },
);

/** SET SECONDARY ASN. CC unchanged. */
export const SET_SECONDARY_ASN = section(
  'SET SECONDARY ASN',
  [row('SSAR', RRE_r1, 0xb225, gr64.r1)],
  (ir, _fields: unknown, first) => {
    ir.call('setSecondaryAsn', [0], [first]);
    ir.modeChange();
  },
);

export const SET_SECONDARY_ASN_WITH_INSTANCE = section(
  'SET SECONDARY ASN WITH INSTANCE',
  [rowWith(INSTANCE, 'SSAIR', RRE_r1, 0xb99f, gr64.r1)],
  (ir, _fields: unknown, first) => {
    ir.call('setSecondaryAsn', [1], [first]);
    ir.modeChange();
  },
);
