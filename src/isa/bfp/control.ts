import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RRE_r1, S } from '../formats.ts';
import { address2, gr32, storage32 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';
import { finishBfp, type R1 } from './extended.ts';

/** EXTRACT FPC. */
export const EXTRACT_FPC = section(
  'EXTRACT FPC',
  [row('EFPC', RRE_r1, 0xb38c)],
  (ir, { r1 }: R1) => {
    ir.setGr32(r1, ir.emit('getFpc'));
  },
);

/** STORE FPC. */
export const STORE_FPC = section(
  'STORE FPC',
  [row('STFPC', S, 0xb29c, address2)],
  (ir, _fields: unknown, address) => {
    ir.store32(address, ir.emit('getFpc'));
  },
);

/** SET FPC and LOAD FPC: unassigned bits must be zero and the rounding mode one that exists. */
export const SET_FPC = section(
  'SET FPC',
  [row('SFPC', RRE_r1, 0xb384, gr32.r1), row('LFPC', S, 0xb29d, storage32)],
  (ir, _fields: unknown, fpc) => {
    ir.call('bfpSetFpc', [], [fpc]);
    ir.modeChange();
  },
);

/**
 * SET FPC AND SIGNAL and LOAD FPC AND SIGNAL: as SET FPC, but flags that were on stay on, and one
 * that the new masks enable ends in a simulated IEEE exception.
 */
export const SET_FPC_AND_SIGNAL = section(
  'SET FPC AND SIGNAL',
  [row('SFASR', RRE_r1, 0xb385, gr32.r1), row('LFAS', S, 0xb2bd, storage32)],
  (ir, _fields: unknown, fpc) => {
    finishBfp(ir, ir.call('bfpSetFpcAndSignal', [], [fpc]));
    ir.modeChange();
  },
);

/** Replaces the FPC bits of `mask` with those of `bits`. */
function setRounding(ir: Builder, mask: number, bits: Value): void {
  const others = ir.and32(ir.emit('getFpc'), ir.const32(~mask));
  ir.call('bfpSetFpc', [], [ir.or32(others, bits)]);
  ir.modeChange();
}

/** SET BFP ROUNDING MODE (2 bit): FPC bits 30-31 from the address; bit 29 becomes zero. */
export const SET_BFP_ROUNDING_MODE_2 = section(
  'SET BFP ROUNDING MODE',
  [row('SRNM', S, 0xb299, address2)],
  (ir, _fields: unknown, address) => {
    setRounding(ir, 7, ir.and32(ir.low32(address), ir.const32(3)));
  },
);

/** SET BFP ROUNDING MODE (3 bit): address bits 56-63 must be a mode that exists. */
export const SET_BFP_ROUNDING_MODE_3 = section(
  'SET BFP ROUNDING MODE',
  [rowWith({ facility: 37 }, 'SRNMB', S, 0xb2b8, address2)],
  (ir, _fields: unknown, address) => {
    const mode = ir.and32(ir.low32(address), ir.const32(0xff));
    ir.trapIf(ir.emit('lt32u', [ir.const32(7), mode]), PIC_SPECIFICATION);
    setRounding(ir, 7, mode);
  },
);

/** SET DFP ROUNDING MODE: FPC bits 25-27. */
export const SET_DFP_ROUNDING_MODE = section(
  'SET DFP ROUNDING MODE',
  [row('SRNMT', S, 0xb2b9, address2)],
  (ir, _fields: unknown, address) => {
    const mode = ir.and32(ir.low32(address), ir.const32(7));
    setRounding(ir, 0x70, ir.emit('shl32', [mode, ir.const32(4)]));
  },
);
