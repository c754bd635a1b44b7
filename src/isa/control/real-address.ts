import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RRE, RX, RXYa, SSE } from '../formats.ts';
import { requireAlignment } from '../general/alignment.ts';
import { address1, address2 } from '../operands.ts';
import { rowWith, section } from '../section.ts';

const PRIVILEGED = { privileged: true };

interface Designation {
  readonly r1: number;
  readonly b2: number;
}

interface Registers {
  readonly r1: number;
  readonly r2: number;
}

function loadReal(ir: Builder, { r1, b2 }: Designation, address: Value, wide: boolean): void {
  const effects = { reads: [r1], writes: [r1] };
  ir.setCc(ir.call('loadRealAddress', [r1, b2, Number(wide)], [address], effects));
}

/**
 * LOAD REAL ADDRESS. CC 0 translated; 1 the segment-table entry is invalid, 2 the page-table entry,
 * and R1 has its address; 3 R1 has the code of another exception.
 */
export const LOAD_REAL_ADDRESS = section(
  'LOAD REAL ADDRESS',
  [
    rowWith(PRIVILEGED, 'LRA', RX, 0xb1, address2),
    rowWith(PRIVILEGED, 'LRAY', RXYa, 0xe313, address2),
  ],
  (ir, fields: Designation, address) => {
    loadReal(ir, fields, address, ir.mode.addressing === 64);
  },
);

export const LOAD_REAL_ADDRESS_64 = section(
  'LOAD REAL ADDRESS',
  [rowWith(PRIVILEGED, 'LRAG', RXYa, 0xe303, address2)],
  (ir, fields: Designation, address) => {
    loadReal(ir, fields, address, true);
  },
);

/** The real address in R2, which is a multiple of `size`. */
function realAddress(ir: Builder, r2: number, size: number): Value {
  const address = ir.addressAt(ir.getGr64(r2));
  requireAlignment(ir, address, size);
  return address;
}

function loadUsing(ir: Builder, { r1, r2 }: Registers, size: number): void {
  const effects = { reads: [r1], writes: [r1] };
  ir.call('loadUsingRealAddress', [r1, size], [realAddress(ir, r2, size)], effects);
}

/** LOAD USING REAL ADDRESS. CC unchanged. */
export const LOAD_USING_REAL_ADDRESS_32 = section(
  'LOAD USING REAL ADDRESS',
  [rowWith(PRIVILEGED, 'LURA', RRE, 0xb24b)],
  (ir, fields: Registers) => {
    loadUsing(ir, fields, 4);
  },
);

export const LOAD_USING_REAL_ADDRESS_64 = section(
  'LOAD USING REAL ADDRESS',
  [rowWith(PRIVILEGED, 'LURAG', RRE, 0xb905)],
  (ir, fields: Registers) => {
    loadUsing(ir, fields, 8);
  },
);

function storeUsing(ir: Builder, { r1, r2 }: Registers, size: number): void {
  ir.call('storeUsingRealAddress', [r1, size], [realAddress(ir, r2, size)], { reads: [r1] });
}

/** STORE USING REAL ADDRESS. CC unchanged. */
export const STORE_USING_REAL_ADDRESS_32 = section(
  'STORE USING REAL ADDRESS',
  [rowWith(PRIVILEGED, 'STURA', RRE, 0xb246)],
  (ir, fields: Registers) => {
    storeUsing(ir, fields, 4);
  },
);

export const STORE_USING_REAL_ADDRESS_64 = section(
  'STORE USING REAL ADDRESS',
  [rowWith(PRIVILEGED, 'STURG', RRE, 0xb925)],
  (ir, fields: Registers) => {
    storeUsing(ir, fields, 8);
  },
);

/** TEST PROTECTION. CC 0 fetch and store permitted, 1 fetch, 2 neither, 3 not translated. */
export const TEST_PROTECTION = section(
  'TEST PROTECTION',
  [rowWith(PRIVILEGED, 'TPROT', SSE, 0xe501, address1, address2)],
  (ir, { b1 }: { b1: number }, first, second) => {
    ir.setCc(ir.call('testProtection', [b1], [first, ir.low32(second)]));
  },
);
