import { AS_ACCESS_REGISTER, AS_HOME, AS_PRIMARY, AS_SECONDARY } from '../../arch/psw.ts';
import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RILb, RX, RXE_m3, RXYa } from '../formats.ts';
import { address2, relative2 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

/** Places an address: 64 bits of it, or in 24- and 31-bit mode the low word only. */
function setAddress(ir: Builder, r1: number, address: Value): void {
  if (ir.mode.addressing === 64) ir.setGr64(r1, address);
  else ir.setGr32(r1, ir.low32(address));
}

/** LOAD ADDRESS. No access to storage. CC unchanged. */
export const LOAD_ADDRESS = section(
  'LOAD ADDRESS',
  [row('LA', RX, 0x41, address2), row('LAY', RXYa, 0xe371, address2)],
  (ir, { r1 }: { r1: number }, address) => {
    setAddress(ir, r1, address);
  },
);

/** LOAD ADDRESS RELATIVE LONG. CC unchanged. */
export const LOAD_ADDRESS_RELATIVE_LONG = section(
  'LOAD ADDRESS RELATIVE LONG',
  [row('LARL', RILb, 0xc00, relative2)],
  (ir, { r1 }: { r1: number }, address) => {
    setAddress(ir, r1, address);
  },
);

/** ALETs of the primary, secondary and home spaces, which LOAD ADDRESS EXTENDED gives. */
const TOKENS = { [AS_PRIMARY]: 0, [AS_SECONDARY]: 1, [AS_HOME]: 2 } as const;

/** LOAD ADDRESS EXTENDED: the access register tells the address space. CC unchanged. */
export const LOAD_ADDRESS_EXTENDED = section(
  'LOAD ADDRESS EXTENDED',
  [row('LAE', RX, 0x51, address2), row('LAEY', RXYa, 0xe375, address2)],
  (ir, { r1, b2 }: { r1: number; b2: number }, address) => {
    const { space } = ir.mode;
    setAddress(ir, r1, address);
    if (space !== AS_ACCESS_REGISTER) ir.setAr(r1, ir.const32(TOKENS[space as 0 | 2 | 3]));
    else ir.setAr(r1, b2 === 0 ? ir.const32(0) : ir.getAr(b2));
  },
);

/**
 * LOAD COUNT TO BLOCK BOUNDARY: bytes from the second operand's address to the end of its block of
 * 64 << M3 bytes, at most 16. CC 0 it is 16, 3 less.
 */
export const LOAD_COUNT_TO_BLOCK_BOUNDARY = section(
  'LOAD COUNT TO BLOCK BOUNDARY',
  [rowWith({ facility: 129 }, 'LCBB', RXE_m3, 0xe727, address2)],
  (ir, { r1, m3 }: { r1: number; m3: number }, address) => {
    if (m3 > 6) return ir.raise(PIC_SPECIFICATION);
    const size = 64 << m3;
    const offset = ir.and32(ir.low32(address), ir.const32(size - 1));
    const rest = ir.sub32(ir.const32(size), offset);
    const whole = ir.not(ir.emit('lt32s', [rest, ir.const32(16)]));
    ir.setGr32(r1, ir.select32(whole, ir.const32(16), rest));
    ir.setCc(ir.select32(whole, ir.const32(0), ir.const32(3)));
  },
);
