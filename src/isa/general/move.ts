import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import { RR, RSa, RSYa, SSa, SSb, SSE } from '../formats.ts';
import { address1, address2 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

/** MOVE (character): from left to right, byte by byte. CC unchanged. */
export const MOVE_CHARACTER = section(
  'MOVE',
  [row('MVC', SSa, 0xd2, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    ir.emit('moveBytes', [first, second, ir.lengthCode(l1)]);
  },
);

/** MOVE INVERSE: the second operand is taken from right to left. CC unchanged. */
export const MOVE_INVERSE = section(
  'MOVE INVERSE',
  [row('MVCIN', SSa, 0xe8, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    ir.call('moveInverse', [], [first, second, ir.lengthCode(l1)]);
  },
);

/** MOVE NUMERICS: right halves of bytes. CC unchanged. */
export const MOVE_NUMERICS = section(
  'MOVE NUMERICS',
  [row('MVN', SSa, 0xd1, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    ir.call('moveNumerics', [], [first, second, ir.lengthCode(l1)]);
  },
);

/** MOVE ZONES: left halves of bytes. CC unchanged. */
export const MOVE_ZONES = section(
  'MOVE ZONES',
  [row('MVZ', SSa, 0xd3, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    ir.call('moveZones', [], [first, second, ir.lengthCode(l1)]);
  },
);

/** MOVE WITH OFFSET: left of the first operand's rightmost four bits. CC unchanged. */
export const MOVE_WITH_OFFSET = section(
  'MOVE WITH OFFSET',
  [row('MVO', SSb, 0xf1, address1, address2)],
  (ir, { l1, l2 }: { l1: number; l2: number }, first, second) => {
    ir.call('moveWithOffset', [], [first, second, ir.lengthCode((l1 << 4) | l2)]);
  },
);

/** MOVE RIGHT TO LEFT: the length less one is in general register 0. CC unchanged. */
export const MOVE_RIGHT_TO_LEFT = section(
  'MOVE RIGHT TO LEFT',
  [rowWith({ facility: 61 }, 'MVCRL', SSE, 0xe50a, address1, address2)],
  (ir, _fields: unknown, first, second) => {
    ir.call('moveRightToLeft', [], [first, second], { reads: [0] });
  },
);

/**
 * MOVE LONG. CC 0 lengths equal, 1 first shorter, 2 first longer, 3 destructive overlap: nothing
 * moved. Interruptible: the registers show how far it came.
 */
export const MOVE_LONG = section(
  'MOVE LONG',
  [row('MVCL', RR, 0x0e)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    if ((r1 | r2) & 1) return ir.raise(PIC_SPECIFICATION);
    const registers = [r1, r1 + 1, r2, r2 + 1];
    const effects = { reads: registers, writes: registers };
    ir.setCc(ir.call('moveLong', [r1, r2, ir.mode.addressing], [], effects));
  },
);

/**
 * MOVE LONG EXTENDED. The second-operand address is only the padding byte. CC as MOVE LONG; it
 * runs to the end, so CC 3 never comes.
 */
export const MOVE_LONG_EXTENDED = section(
  'MOVE LONG EXTENDED',
  [row('MVCLE', RSa, 0xa8, address2)],
  (ir, { r1, r3 }: { r1: number; r3: number }, padding) => {
    if ((r1 | r3) & 1) return ir.raise(PIC_SPECIFICATION);
    const registers = [r1, r1 + 1, r3, r3 + 1];
    const effects = { reads: registers, writes: registers };
    const pad = ir.and32(ir.low32(padding), ir.const32(0xff));
    ir.setCc(ir.call('moveLongExtended', [r1, r3, ir.mode.addressing], [pad], effects));
  },
);

/** MOVE LONG UNICODE: characters of two bytes. CC as MOVE LONG EXTENDED. */
export const MOVE_LONG_UNICODE = section(
  'MOVE LONG UNICODE',
  [rowWith({ facility: 16 }, 'MVCLU', RSYa, 0xeb8e, address2)],
  (ir, { r1, r3 }: { r1: number; r3: number }, padding) => {
    if ((r1 | r3) & 1) return ir.raise(PIC_SPECIFICATION);
    const registers = [r1, r1 + 1, r3, r3 + 1];
    const effects = { reads: registers, writes: registers };
    const pad = ir.and32(ir.low32(padding), ir.const32(0xffff));
    ir.setCc(ir.call('moveLongUnicode', [r1, r3, ir.mode.addressing], [pad], effects));
  },
);
