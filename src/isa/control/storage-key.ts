import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RRE, RRFc_opt } from '../formats.ts';
import { rowWith, section } from '../section.ts';

const PRIVILEGED = { privileged: true };

interface Registers {
  readonly r1: number;
  readonly r2: number;
}

/** The address in R2, wrapped to the addressing mode. */
function address(ir: Builder, r2: number): Value {
  return ir.addressAt(ir.getGr64(r2));
}

/** SET STORAGE KEY EXTENDED. CC unchanged, unless M3 makes it conditional: 0 not set, 1 set. */
export const SET_STORAGE_KEY_EXTENDED = section(
  'SET STORAGE KEY EXTENDED',
  [rowWith(PRIVILEGED, 'SSKE', RRFc_opt, 0xb22b)],
  (ir, { r1, r2, m3 }: Registers & { m3: number }) => {
    const numbers = [r1, r2, m3, ir.mode.addressing];
    const effects = { reads: [r1, r2], writes: [r1, r2] };
    ir.setCc(ir.call('setStorageKey', numbers, [address(ir, r2), ir.getCc()], effects));
    ir.modeChange();
  },
);

/** INSERT STORAGE KEY EXTENDED. CC unchanged. */
export const INSERT_STORAGE_KEY_EXTENDED = section(
  'INSERT STORAGE KEY EXTENDED',
  [rowWith(PRIVILEGED, 'ISKE', RRE, 0xb229)],
  (ir, { r1, r2 }: Registers) => {
    const effects = { reads: [r1], writes: [r1] };
    ir.call('insertStorageKey', [r1], [address(ir, r2)], effects);
  },
);

/** RESET REFERENCE BIT EXTENDED. CC: the reference and change bits as they were. */
export const RESET_REFERENCE_BIT_EXTENDED = section(
  'RESET REFERENCE BIT EXTENDED',
  [rowWith(PRIVILEGED, 'RRBE', RRE, 0xb22a)],
  (ir, { r2 }: Registers) => {
    ir.setCc(ir.call('resetReferenceBit', [], [address(ir, r2)]));
    ir.modeChange();
  },
);

/** RESET REFERENCE BITS MULTIPLE: of 64 blocks, to R1. CC unchanged. */
export const RESET_REFERENCE_BITS_MULTIPLE = section(
  'RESET REFERENCE BITS MULTIPLE',
  [rowWith({ ...PRIVILEGED, facility: 66 }, 'RRBM', RRE, 0xb9ae)],
  (ir, { r1, r2 }: Registers) => {
    ir.call('resetReferenceBits', [r1], [address(ir, r2)], { writes: [r1] });
    ir.modeChange();
  },
);

/** PERFORM FRAME MANAGEMENT FUNCTION: sets keys, clears storage, as R1 says. CC unchanged. */
export const PERFORM_FRAME_MANAGEMENT_FUNCTION = section(
  'PERFORM FRAME MANAGEMENT FUNCTION',
  [rowWith({ ...PRIVILEGED, facility: 8 }, 'PFMF', RRE, 0xb9af)],
  (ir, { r1, r2 }: Registers) => {
    const effects = { reads: [r1, r2], writes: [r2] };
    const numbers = [r1, r2, ir.mode.addressing];
    ir.call('performFrameManagement', numbers, [address(ir, r2)], effects);
    ir.modeChange();
  },
);
