import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RSYa, SSF_r3 } from '../formats.ts';
import { address1, address2 } from '../operands.ts';
import { rowWith, section } from '../section.ts';
import { setSignedCc } from './add.ts';
import { requireAlignment } from './alignment.ts';

/**
 * Interlocked-access facility 1: the second operand in storage is combined with the third, and
 * its old value comes to the first. It must be on its own boundary.
 */
const INTERLOCKED = { facility: 45 };

interface Registers {
  readonly r1: number;
  readonly r3: number;
}

/** The old value; stores what `combine` makes of it and of R3, and loads R1 with it. */
function update32(
  ir: Builder,
  { r1, r3 }: Registers,
  address: Value,
  combine: (old: Value, third: Value) => Value,
): void {
  requireAlignment(ir, address, 4);
  ir.emit('probeStore', [address], 4);
  const old = ir.load32(address);
  ir.store32(address, combine(old, ir.getGr32(r3)));
  ir.setGr32(r1, old);
}

function update64(
  ir: Builder,
  { r1, r3 }: Registers,
  address: Value,
  combine: (old: Value, third: Value) => Value,
): void {
  requireAlignment(ir, address, 8);
  ir.emit('probeStore', [address], 8);
  const old = ir.load64(address);
  ir.store64(address, combine(old, ir.getGr64(r3)));
  ir.setGr64(r1, old);
}

/** LOAD AND ADD. CC 0 zero, 1 negative, 2 positive, 3 overflow. */
export const LOAD_AND_ADD_32 = section(
  'LOAD AND ADD',
  [rowWith(INTERLOCKED, 'LAA', RSYa, 0xebf8, address2)],
  (ir, fields: Registers, address) => {
    update32(ir, fields, address, (old, third) => {
      const sum = ir.add32(old, third);
      setSignedCc(ir, ir.emit('ccAdd32', [old, third, sum]));
      return sum;
    });
  },
);

export const LOAD_AND_ADD_64 = section(
  'LOAD AND ADD',
  [rowWith(INTERLOCKED, 'LAAG', RSYa, 0xebe8, address2)],
  (ir, fields: Registers, address) => {
    update64(ir, fields, address, (old, third) => {
      const sum = ir.add64(old, third);
      setSignedCc(ir, ir.emit('ccAdd64', [old, third, sum]));
      return sum;
    });
  },
);

/** LOAD AND ADD LOGICAL. CC 0 zero, 1 not zero, 2 and 3 the same with carry. */
export const LOAD_AND_ADD_LOGICAL_32 = section(
  'LOAD AND ADD LOGICAL',
  [rowWith(INTERLOCKED, 'LAAL', RSYa, 0xebfa, address2)],
  (ir, fields: Registers, address) => {
    update32(ir, fields, address, (old, third) => {
      const sum = ir.add32(old, third);
      ir.setCc(ir.emit('ccAddLogical32', [sum, third]));
      return sum;
    });
  },
);

export const LOAD_AND_ADD_LOGICAL_64 = section(
  'LOAD AND ADD LOGICAL',
  [rowWith(INTERLOCKED, 'LAALG', RSYa, 0xebea, address2)],
  (ir, fields: Registers, address) => {
    update64(ir, fields, address, (old, third) => {
      const sum = ir.add64(old, third);
      ir.setCc(ir.emit('ccAddLogical64', [sum, third]));
      return sum;
    });
  },
);

type Logical = 'and' | 'or' | 'xor';

/** CC 0 result zero, 1 not zero. */
function logical32(op: Logical) {
  return (ir: Builder, fields: Registers, address: Value): void => {
    update32(ir, fields, address, (old, third) => {
      const result = ir.emit(`${op}32`, [old, third]);
      ir.setCc(ir.emit('ccZero32', [result]));
      return result;
    });
  };
}

function logical64(op: Logical) {
  return (ir: Builder, fields: Registers, address: Value): void => {
    update64(ir, fields, address, (old, third) => {
      const result = ir.emit(`${op}64`, [old, third]);
      ir.setCc(ir.emit('ccZero64', [result]));
      return result;
    });
  };
}

/** LOAD AND AND. */
export const LOAD_AND_AND_32 = section(
  'LOAD AND AND',
  [rowWith(INTERLOCKED, 'LAN', RSYa, 0xebf4, address2)],
  logical32('and'),
);
export const LOAD_AND_AND_64 = section(
  'LOAD AND AND',
  [rowWith(INTERLOCKED, 'LANG', RSYa, 0xebe4, address2)],
  logical64('and'),
);

/** LOAD AND EXCLUSIVE OR. */
export const LOAD_AND_EXCLUSIVE_OR_32 = section(
  'LOAD AND EXCLUSIVE OR',
  [rowWith(INTERLOCKED, 'LAX', RSYa, 0xebf7, address2)],
  logical32('xor'),
);
export const LOAD_AND_EXCLUSIVE_OR_64 = section(
  'LOAD AND EXCLUSIVE OR',
  [rowWith(INTERLOCKED, 'LAXG', RSYa, 0xebe7, address2)],
  logical64('xor'),
);

/** LOAD AND OR. */
export const LOAD_AND_OR_32 = section(
  'LOAD AND OR',
  [rowWith(INTERLOCKED, 'LAO', RSYa, 0xebf6, address2)],
  logical32('or'),
);
export const LOAD_AND_OR_64 = section(
  'LOAD AND OR',
  [rowWith(INTERLOCKED, 'LAOG', RSYa, 0xebe6, address2)],
  logical64('or'),
);

/** LOAD PAIR DISJOINT: two operands into an even-odd pair. CC 0: loaded with nothing in between. */
export const LOAD_PAIR_DISJOINT_32 = section(
  'LOAD PAIR DISJOINT',
  [rowWith(INTERLOCKED, 'LPD', SSF_r3, 0xc84, address1, address2)],
  (ir, { r3 }: { r3: number }, first, second) => {
    if (r3 & 1) return ir.raise(PIC_SPECIFICATION);
    requireAlignment(ir, first, 4);
    requireAlignment(ir, second, 4);
    ir.setGr32(r3, ir.load32(first));
    ir.setGr32(r3 + 1, ir.load32(second));
    ir.setCc(ir.const32(0));
  },
);

export const LOAD_PAIR_DISJOINT_64 = section(
  'LOAD PAIR DISJOINT',
  [rowWith(INTERLOCKED, 'LPDG', SSF_r3, 0xc85, address1, address2)],
  (ir, { r3 }: { r3: number }, first, second) => {
    if (r3 & 1) return ir.raise(PIC_SPECIFICATION);
    requireAlignment(ir, first, 8);
    requireAlignment(ir, second, 8);
    ir.setGr64(r3, ir.load64(first));
    ir.setGr64(r3 + 1, ir.load64(second));
    ir.setCc(ir.const32(0));
  },
);
