import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { E, RR } from '../formats.ts';
import { row, section } from '../section.ts';

/** PSW bits 31-32 for each addressing mode. */
const MODE_BITS = { 24: 0, 31: 1, 64: 3 } as const;
const HIGHEST_ADDRESS = { 24: 0xff_ffff, 31: 0x7fff_ffff, 64: Infinity } as const;

/** The next instruction must have an address of the new mode. */
function setMode(ir: Builder, mode: 24 | 31 | 64): void {
  if (ir.next > HIGHEST_ADDRESS[mode]) return ir.raise(PIC_SPECIFICATION);
  ir.call('setAddressingMode', [], [ir.const32(MODE_BITS[mode])]);
  ir.modeChange();
}

/** SET ADDRESSING MODE. CC unchanged. */
export const SET_ADDRESSING_MODE_24 = section(
  'SET ADDRESSING MODE',
  [row('SAM24', E, 0x010c)],
  (ir) => {
    setMode(ir, 24);
  },
);

export const SET_ADDRESSING_MODE_31 = section(
  'SET ADDRESSING MODE',
  [row('SAM31', E, 0x010d)],
  (ir) => {
    setMode(ir, 31);
  },
);

export const SET_ADDRESSING_MODE_64 = section(
  'SET ADDRESSING MODE',
  [row('SAM64', E, 0x010e)],
  (ir) => {
    setMode(ir, 64);
  },
);

/** TEST ADDRESSING MODE. CC 0 24-bit, 1 31-bit, 3 64-bit. */
export const TEST_ADDRESSING_MODE = section(
  'TEST ADDRESSING MODE',
  [row('TAM', E, 0x010b)],
  (ir) => {
    ir.setCc(ir.const32(MODE_BITS[ir.mode.addressing]));
  },
);

/**
 * Branches to the address in `target`, whose bits say the mode: bit 63 one is 64-bit, else bit 32
 * one is 31-bit, else 24-bit.
 */
function branchAndSetMode(ir: Builder, target: Value): void {
  const low = ir.low32(target);
  const is64 = ir.and32(low, ir.const32(1));
  const is31 = ir.emit('shr32', [low, ir.const32(31)]);
  ir.call('setAddressingMode', [], [ir.select32(is64, ir.const32(MODE_BITS[64]), is31)]);
  const mask = ir.select32(is31, ir.const32(0x7fff_ffff), ir.const32(0xff_ffff));
  const address = ir.and32(low, ir.select32(is64, ir.const32(-2), mask));
  ir.modeChange(ir.make64(ir.select32(is64, ir.high32(target), ir.const32(0)), address));
}

interface Registers {
  readonly r1: number;
  readonly r2: number;
}

/**
 * BRANCH AND SET MODE: R1, unless zero, keeps the current mode (bit 63, or bit 32); R2, unless
 * zero, gives mode and address. CC unchanged.
 */
export const BRANCH_AND_SET_MODE = section(
  'BRANCH AND SET MODE',
  [row('BSM', RR, 0x0b)],
  (ir, { r1, r2 }: Registers) => {
    const { addressing } = ir.mode;
    if (r1 !== 0) {
      if (addressing === 64) ir.setGr64(r1, ir.or64(ir.getGr64(r1), ir.const64(1)));
      else {
        const rest = ir.and32(ir.getGr32(r1), ir.const32(0x7fff_ffff));
        ir.setGr32(r1, ir.or32(rest, ir.const32(MODE_BITS[addressing] << 31)));
      }
    }
    if (r2 !== 0) branchAndSetMode(ir, ir.getGr64(r2));
  },
);

/** BRANCH AND SAVE AND SET MODE: R1 gets mode and address of the next instruction. */
export const BRANCH_AND_SAVE_AND_SET_MODE = section(
  'BRANCH AND SAVE AND SET MODE',
  [row('BASSM', RR, 0x0c)],
  (ir, { r1, r2 }: Registers) => {
    const { addressing } = ir.mode;
    if (addressing === 64) ir.setGr64(r1, ir.const64(ir.next + 1));
    else ir.setGr32(r1, ir.const32(ir.next | (MODE_BITS[addressing] << 31)));
    if (r2 !== 0) branchAndSetMode(ir, ir.getGr64(r2));
  },
);
