import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import { RR, RSa, RSYa, SSa } from '../formats.ts';
import { address1, address2 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

/** COMPARE LOGICAL (character). CC 0 equal, 1 first low, 2 first high. */
export const COMPARE_LOGICAL_CHARACTER = section(
  'COMPARE LOGICAL',
  [row('CLC', SSa, 0xd5, address1, address2)],
  (ir, { l1 }: { l1: number }, first, second) => {
    ir.setCc(ir.emit('compareBytes', [first, second, ir.lengthCode(l1)]));
  },
);

/**
 * COMPARE LOGICAL LONG. CC 0 equal, 1 first low, 2 first high. Interruptible; when unequal the
 * registers designate the bytes that differ.
 */
export const COMPARE_LOGICAL_LONG = section(
  'COMPARE LOGICAL LONG',
  [row('CLCL', RR, 0x0f)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    if ((r1 | r2) & 1) return ir.raise(PIC_SPECIFICATION);
    const registers = [r1, r1 + 1, r2, r2 + 1];
    const effects = { reads: registers, writes: registers };
    ir.setCc(ir.call('compareLogicalLong', [r1, r2, ir.mode.addressing], [], effects));
  },
);

/** COMPARE LOGICAL LONG EXTENDED. The second-operand address is only the padding byte. */
export const COMPARE_LOGICAL_LONG_EXTENDED = section(
  'COMPARE LOGICAL LONG EXTENDED',
  [row('CLCLE', RSa, 0xa9, address2)],
  (ir, { r1, r3 }: { r1: number; r3: number }, padding) => {
    if ((r1 | r3) & 1) return ir.raise(PIC_SPECIFICATION);
    const registers = [r1, r1 + 1, r3, r3 + 1];
    const effects = { reads: registers, writes: registers };
    const pad = ir.and32(ir.low32(padding), ir.const32(0xff));
    const { addressing } = ir.mode;
    ir.setCc(ir.call('compareLogicalLongExtended', [r1, r3, addressing], [pad], effects));
  },
);

/** COMPARE LOGICAL LONG UNICODE: characters of two bytes. */
export const COMPARE_LOGICAL_LONG_UNICODE = section(
  'COMPARE LOGICAL LONG UNICODE',
  [rowWith({ facility: 16 }, 'CLCLU', RSYa, 0xeb8f, address2)],
  (ir, { r1, r3 }: { r1: number; r3: number }, padding) => {
    if ((r1 | r3) & 1) return ir.raise(PIC_SPECIFICATION);
    const registers = [r1, r1 + 1, r3, r3 + 1];
    const effects = { reads: registers, writes: registers };
    const pad = ir.and32(ir.low32(padding), ir.const32(0xffff));
    const { addressing } = ir.mode;
    ir.setCc(ir.call('compareLogicalLongUnicode', [r1, r3, addressing], [pad], effects));
  },
);
