import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RSa, RSYa, S } from '../formats.ts';
import { requireAlignment } from '../general/alignment.ts';
import { address2 } from '../operands.ts';
import { rowWith, section } from '../section.ts';

const PRIVILEGED = { privileged: true };

interface Range {
  readonly r1: number;
  readonly r3: number;
}

function load(ir: Builder, { r1, r3 }: Range, address: Value, size: number): void {
  requireAlignment(ir, address, size);
  ir.call('loadControl', [r1, r3, size], [address]);
  ir.modeChange();
}

function store(ir: Builder, { r1, r3 }: Range, address: Value, size: number): void {
  requireAlignment(ir, address, size);
  ir.call('storeControl', [r1, r3, size], [address]);
}

/** LOAD CONTROL: bits 32-63 of the registers from R1 to R3. CC unchanged. */
export const LOAD_CONTROL_32 = section(
  'LOAD CONTROL',
  [rowWith(PRIVILEGED, 'LCTL', RSa, 0xb7, address2)],
  (ir, fields: Range, address) => {
    load(ir, fields, address, 4);
  },
);

/** LOAD CONTROL: 64 bits. */
export const LOAD_CONTROL_64 = section(
  'LOAD CONTROL',
  [rowWith(PRIVILEGED, 'LCTLG', RSYa, 0xeb2f, address2)],
  (ir, fields: Range, address) => {
    load(ir, fields, address, 8);
  },
);

/** STORE CONTROL. CC unchanged. */
export const STORE_CONTROL_32 = section(
  'STORE CONTROL',
  [rowWith(PRIVILEGED, 'STCTL', RSa, 0xb6, address2)],
  (ir, fields: Range, address) => {
    store(ir, fields, address, 4);
  },
);

/** STORE CONTROL: 64 bits. */
export const STORE_CONTROL_64 = section(
  'STORE CONTROL',
  [rowWith(PRIVILEGED, 'STCTG', RSYa, 0xeb25, address2)],
  (ir, fields: Range, address) => {
    store(ir, fields, address, 8);
  },
);

/** SET PREFIX. CC unchanged. */
export const SET_PREFIX = section(
  'SET PREFIX',
  [rowWith(PRIVILEGED, 'SPX', S, 0xb210, address2)],
  (ir, _fields: unknown, address) => {
    requireAlignment(ir, address, 4);
    ir.call('setPrefix', [], [ir.load32(address)]);
    ir.modeChange();
  },
);

/** STORE PREFIX. CC unchanged. */
export const STORE_PREFIX = section(
  'STORE PREFIX',
  [rowWith(PRIVILEGED, 'STPX', S, 0xb211, address2)],
  (ir, _fields: unknown, address) => {
    requireAlignment(ir, address, 4);
    ir.call('storePrefix', [], [address]);
  },
);

/** LOAD PROGRAM PARAMETER: a doubleword for who samples the CPU. CC unchanged. */
export const LOAD_PROGRAM_PARAMETER = section(
  'LOAD PROGRAM PARAMETER',
  [rowWith({ ...PRIVILEGED, facility: 40 }, 'LPP', S, 0xb280, address2)],
  (ir, _fields: unknown, address) => {
    ir.call('loadProgramParameter', [], [ir.load64(address)]);
  },
);
