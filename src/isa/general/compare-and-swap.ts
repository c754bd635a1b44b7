import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import { RSa, RSYa, SI_none, SSe, SSF } from '../formats.ts';
import { address1, address2 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';
import { requireAlignment } from './alignment.ts';

interface Registers {
  readonly r1: number;
  readonly r3: number;
}

/**
 * COMPARE AND SWAP. CC 0 equal: the third operand is stored; 1 unequal: the second is loaded.
 * Loading it always is the same: when equal it is what the register holds.
 */
export const COMPARE_AND_SWAP_32 = section(
  'COMPARE AND SWAP',
  [row('CS', RSa, 0xba, address2), row('CSY', RSYa, 0xeb14, address2)],
  (ir, { r1, r3 }: Registers, address) => {
    requireAlignment(ir, address, 4);
    ir.emit('probeStore', [address], 4);
    const old = ir.load32(address);
    const equal = ir.emit('eq32', [old, ir.getGr32(r1)]);
    ir.emit('storeIf32', [equal, address, ir.getGr32(r3)]);
    ir.setGr32(r1, old);
    ir.setCc(ir.not(equal));
  },
);

/** COMPARE AND SWAP (64). */
export const COMPARE_AND_SWAP_64 = section(
  'COMPARE AND SWAP',
  [row('CSG', RSYa, 0xeb30, address2)],
  (ir, { r1, r3 }: Registers, address) => {
    requireAlignment(ir, address, 8);
    ir.emit('probeStore', [address], 8);
    const old = ir.load64(address);
    const equal = ir.emit('eq64', [old, ir.getGr64(r1)]);
    ir.emit('storeIf64', [equal, address, ir.getGr64(r3)]);
    ir.setGr64(r1, old);
    ir.setCc(ir.not(equal));
  },
);

/** COMPARE DOUBLE AND SWAP: pairs of 32-bit registers against a doubleword. CC as above. */
export const COMPARE_DOUBLE_AND_SWAP_32 = section(
  'COMPARE DOUBLE AND SWAP',
  [row('CDS', RSa, 0xbb, address2), row('CDSY', RSYa, 0xeb31, address2)],
  (ir, { r1, r3 }: Registers, address) => {
    if ((r1 | r3) & 1) return ir.raise(PIC_SPECIFICATION);
    requireAlignment(ir, address, 8);
    ir.emit('probeStore', [address], 8);
    const old = ir.load64(address);
    const expected = ir.make64(ir.getGr32(r1), ir.getGr32(r1 + 1));
    const equal = ir.emit('eq64', [old, expected]);
    const replacement = ir.make64(ir.getGr32(r3), ir.getGr32(r3 + 1));
    ir.emit('storeIf64', [equal, address, replacement]);
    ir.setGr32(r1, ir.high32(old));
    ir.setGr32(r1 + 1, ir.low32(old));
    ir.setCc(ir.not(equal));
  },
);

/** COMPARE DOUBLE AND SWAP: pairs of 64-bit registers against a quadword. */
export const COMPARE_DOUBLE_AND_SWAP_64 = section(
  'COMPARE DOUBLE AND SWAP',
  [row('CDSG', RSYa, 0xeb3e, address2)],
  (ir, { r1, r3 }: Registers, address) => {
    if ((r1 | r3) & 1) return ir.raise(PIC_SPECIFICATION);
    requireAlignment(ir, address, 16);
    ir.emit('probeStore', [address], 16);
    const right = ir.addressAt(address, 8);
    const old = ir.load64(address);
    const oldRight = ir.load64(right);
    const equal = ir.and32(
      ir.emit('eq64', [old, ir.getGr64(r1)]),
      ir.emit('eq64', [oldRight, ir.getGr64(r1 + 1)]),
    );
    ir.emit('storeIf64', [equal, address, ir.getGr64(r3)]);
    ir.emit('storeIf64', [equal, right, ir.getGr64(r3 + 1)]);
    ir.setGr64(r1, old);
    ir.setGr64(r1 + 1, oldRight);
    ir.setCc(ir.not(equal));
  },
);

/** COMPARE AND SWAP AND STORE: function codes in GR0, parameter list at GR1. CC as above. */
export const COMPARE_AND_SWAP_AND_STORE = section(
  'COMPARE AND SWAP AND STORE',
  [rowWith({ facility: 32 }, 'CSST', SSF, 0xc82, address1, address2)],
  (ir, { r3 }: { r3: number }, first, second) => {
    const pair = [r3, r3 | 1];
    const effects = { reads: [0, 1, ...pair], writes: pair };
    const numbers = [r3, ir.mode.addressing];
    ir.setCc(ir.call('compareAndSwapAndStore', numbers, [first, second], effects));
  },
);

/**
 * PERFORM LOCKED OPERATION: function code in GR0. CC 0 equal, 1 first comparison unequal, 2
 * second; with the test bit 0 code installed, 3 not.
 */
export const PERFORM_LOCKED_OPERATION = section(
  'PERFORM LOCKED OPERATION',
  [row('PLO', SSe, 0xee, address2)],
  (ir, { r1, r3, b4, d4 }: Registers & { b4: number; d4: number }, second) => {
    const registers = [r1, r1 | 1, r3, r3 | 1];
    const effects = { reads: [0, ...registers], writes: registers };
    const args = [second, ir.address(b4, d4)];
    ir.setCc(ir.call('performLockedOperation', [r1, r3, ir.mode.addressing], args, effects));
  },
);

/** TEST AND SET: the byte becomes all ones. CC is its leftmost bit before. */
export const TEST_AND_SET = section(
  'TEST AND SET',
  [row('TS', SI_none, 0x93, address1)],
  (ir, _fields: unknown, address) => {
    ir.emit('probeStore', [address], 1);
    const old = ir.load8(address);
    ir.store8(address, ir.const32(0xff));
    ir.setCc(ir.emit('shr32', [old, ir.const32(7)]));
  },
);
