import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { SSd, SSE, SSF } from '../formats.ts';
import { address1, address2, gr32, gr64 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

interface Bases {
  readonly b1: number;
  readonly b2: number;
}

/** A true length: 64 bits in the 64-bit mode, else 32. */
function trueLength(ir: Builder, register: Value): Value {
  return ir.mode.addressing === 64 ? register : ir.zext64(ir.low32(register));
}

/** SS-d: D1(R1,B1),D2(B2),R3. */
const OPERANDS = [address1, address2, gr64.r1, gr32.r3] as const;

/** MOVE TO PRIMARY: from the secondary space, with the key in R3. CC 3: there is more to move. */
export const MOVE_TO_PRIMARY = section(
  'MOVE TO PRIMARY',
  [row('MVCP', SSd, 0xda, ...OPERANDS)],
  (ir, _fields: unknown, first, second, length, key) => {
    ir.setCc(ir.call('moveBetweenSpaces', [1], [first, second, trueLength(ir, length), key]));
  },
);

/** MOVE TO SECONDARY. */
export const MOVE_TO_SECONDARY = section(
  'MOVE TO SECONDARY',
  [row('MVCS', SSd, 0xdb, ...OPERANDS)],
  (ir, _fields: unknown, first, second, length, key) => {
    ir.setCc(ir.call('moveBetweenSpaces', [0], [first, second, trueLength(ir, length), key]));
  },
);

/** MOVE WITH KEY: R3 has the second operand's key. CC 3: there is more to move. */
export const MOVE_WITH_KEY = section(
  'MOVE WITH KEY',
  [row('MVCK', SSd, 0xd9, ...OPERANDS)],
  (ir, { b1, b2 }: Bases, first, second, length, key) => {
    const args = [first, second, trueLength(ir, length), key];
    ir.setCc(ir.call('moveWithKey', [b1, b2], args));
  },
);

/** MOVE WITH DESTINATION KEY: length less one in GR0, key in GR1. CC unchanged. */
export const MOVE_WITH_DESTINATION_KEY = section(
  'MOVE WITH DESTINATION KEY',
  [row('MVCDK', SSE, 0xe50f, address1, address2)],
  (ir, { b1, b2 }: Bases, first, second) => {
    ir.call('moveWithOneKey', [0, b1, b2], [first, second], { reads: [0, 1] });
  },
);

/** MOVE WITH SOURCE KEY. */
export const MOVE_WITH_SOURCE_KEY = section(
  'MOVE WITH SOURCE KEY',
  [row('MVCSK', SSE, 0xe50e, address1, address2)],
  (ir, { b1, b2 }: Bases, first, second) => {
    ir.call('moveWithOneKey', [1, b1, b2], [first, second], { reads: [0, 1] });
  },
);

/** MOVE WITH OPTIONAL SPECIFICATIONS: GR0 has the controls, R3 the length. CC 3: there is more. */
export const MOVE_WITH_OPTIONAL_SPECIFICATIONS = section(
  'MOVE WITH OPTIONAL SPECIFICATIONS',
  [rowWith({ facility: 27 }, 'MVCOS', SSF, 0xc80, address1, address2, gr64.r3)],
  (ir, { b1, b2 }: Bases, first, second, length) => {
    const args = [first, second, trueLength(ir, length)];
    ir.setCc(ir.call('moveWithOptionalSpecifications', [b1, b2], args, { reads: [0] }));
  },
);
