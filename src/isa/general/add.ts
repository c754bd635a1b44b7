import { PIC_FIXED_POINT_OVERFLOW } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RIa, RIEd, RILa, RR, RRE, RRFa, RX, RXYa, SIY_s } from '../formats.ts';
import {
  address1,
  gr32,
  gr32s,
  gr64,
  immediate32,
  immediate64,
  storage16s,
  storage16s32,
  storage32,
  storage32s,
  storage64,
} from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

/** Sets the CC of a signed result; interrupts on overflow when the program mask asks for it. */
export function setSignedCc(ir: Builder, cc: Value): void {
  ir.setCc(cc);
  if (ir.mode.programMask & 8) {
    ir.completeTrapIf(ir.emit('ccTest', [cc], 1), PIC_FIXED_POINT_OVERFLOW);
  }
}

/** ADD (32). CC 0 zero, 1 negative, 2 positive, 3 overflow. */
export const ADD_32 = section(
  'ADD',
  [
    row('AR', RR, 0x1a, gr32.r1, gr32.r2),
    rowWith({ facility: 45 }, 'ARK', RRFa, 0xb9f8, gr32.r2, gr32.r3),
    row('A', RX, 0x5a, gr32.r1, storage32),
    row('AY', RXYa, 0xe35a, gr32.r1, storage32),
    row('AH', RX, 0x4a, gr32.r1, storage16s32),
    row('AHY', RXYa, 0xe37a, gr32.r1, storage16s32),
    row('AHI', RIa, 0xa7a, gr32.r1, immediate32.i2),
    rowWith({ facility: 45 }, 'AHIK', RIEd, 0xecd8, gr32.r3, immediate32.i2),
    row('AFI', RILa, 0xc29, gr32.r1, immediate32.i2),
  ],
  (ir, { r1 }: { r1: number }, first, second) => {
    const sum = ir.add32(first, second);
    ir.setGr32(r1, sum);
    setSignedCc(ir, ir.emit('ccAdd32', [first, second, sum]));
  },
);

/** ADD (64). CC 0 zero, 1 negative, 2 positive, 3 overflow. */
export const ADD_64 = section(
  'ADD',
  [
    row('AGR', RRE, 0xb908, gr64.r1, gr64.r2),
    row('AGFR', RRE, 0xb918, gr64.r1, gr32s.r2),
    rowWith({ facility: 45 }, 'AGRK', RRFa, 0xb9e8, gr64.r2, gr64.r3),
    row('AG', RXYa, 0xe308, gr64.r1, storage64),
    row('AGF', RXYa, 0xe318, gr64.r1, storage32s),
    rowWith({ facility: 58 }, 'AGH', RXYa, 0xe338, gr64.r1, storage16s),
    row('AGHI', RIa, 0xa7b, gr64.r1, immediate64.i2),
    rowWith({ facility: 45 }, 'AGHIK', RIEd, 0xecd9, gr64.r3, immediate64.i2),
    row('AGFI', RILa, 0xc28, gr64.r1, immediate64.i2),
  ],
  (ir, { r1 }: { r1: number }, first, second) => {
    const sum = ir.add64(first, second);
    ir.setGr64(r1, sum);
    setSignedCc(ir, ir.emit('ccAdd64', [first, second, sum]));
  },
);

/** ADD IMMEDIATE to storage (32): the sum replaces the first operand, interlocked. */
export const ADD_IMMEDIATE_32 = section(
  'ADD',
  [row('ASI', SIY_s, 0xeb6a, address1, immediate32.i2)],
  (ir, _fields: unknown, address, second) => {
    ir.emit('probeStore', [address], 4);
    const first = ir.load32(address);
    const sum = ir.add32(first, second);
    ir.store32(address, sum);
    setSignedCc(ir, ir.emit('ccAdd32', [first, second, sum]));
  },
);

/** ADD IMMEDIATE to storage (64). */
export const ADD_IMMEDIATE_64 = section(
  'ADD',
  [row('AGSI', SIY_s, 0xeb7a, address1, immediate64.i2)],
  (ir, _fields: unknown, address, second) => {
    ir.emit('probeStore', [address], 8);
    const first = ir.load64(address);
    const sum = ir.add64(first, second);
    ir.store64(address, sum);
    setSignedCc(ir, ir.emit('ccAdd64', [first, second, sum]));
  },
);
