import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RRE, RSa, RSYa } from '../formats.ts';
import { address2, gr32 } from '../operands.ts';
import { row, section } from '../section.ts';
import { requireAlignment } from './alignment.ts';

interface Range {
  readonly r1: number;
  readonly r3: number;
}

/** Calls `each` with every access register from R1 to R3, 15 being followed by 0, and its word. */
function eachRegister(
  ir: Builder,
  { r1, r3 }: Range,
  address: Value,
  each: (register: number, word: Value) => void,
): void {
  const count = ((r3 - r1) & 15) + 1;
  for (let i = 0; i < count; i++) {
    each((r1 + i) & 15, i === 0 ? address : ir.addressAt(address, 4 * i));
  }
}

/** LOAD ACCESS MULTIPLE. CC unchanged. */
export const LOAD_ACCESS_MULTIPLE = section(
  'LOAD ACCESS MULTIPLE',
  [row('LAM', RSa, 0x9a, address2), row('LAMY', RSYa, 0xeb9a, address2)],
  (ir, fields: Range, address) => {
    requireAlignment(ir, address, 4);
    eachRegister(ir, fields, address, (register, word) => {
      ir.setAr(register, ir.load32(word));
    });
  },
);

/** STORE ACCESS MULTIPLE. CC unchanged. */
export const STORE_ACCESS_MULTIPLE = section(
  'STORE ACCESS MULTIPLE',
  [row('STAM', RSa, 0x9b, address2), row('STAMY', RSYa, 0xeb9b, address2)],
  (ir, fields: Range, address) => {
    requireAlignment(ir, address, 4);
    ir.emit('probeStore', [address], 4 * (((fields.r3 - fields.r1) & 15) + 1));
    eachRegister(ir, fields, address, (register, word) => {
      ir.store32(word, ir.getAr(register));
    });
  },
);

/** EXTRACT ACCESS REGISTER, to bits 32-63. CC unchanged. */
export const EXTRACT_ACCESS = section(
  'EXTRACT ACCESS REGISTER',
  [row('EAR', RRE, 0xb24f)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    ir.setGr32(r1, ir.getAr(r2));
  },
);

/** SET ACCESS REGISTER, from bits 32-63. CC unchanged. */
export const SET_ACCESS = section(
  'SET ACCESS REGISTER',
  [row('SAR', RRE, 0xb24e, gr32.r2)],
  (ir, { r1 }: { r1: number }, second) => {
    ir.setAr(r1, second);
  },
);

/** COPY ACCESS. CC unchanged. */
export const COPY_ACCESS = section(
  'COPY ACCESS',
  [row('CPYA', RRE, 0xb24d)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    ir.setAr(r1, ir.getAr(r2));
  },
);
