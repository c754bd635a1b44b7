import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { I, RIb, RIc, RILb, RILc, RR, RR_m, RX, RXb, RXYb } from '../formats.ts';
import { address2, storage64 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

interface Mask {
  readonly m1: number;
}

/** Address of a relative branch's target. */
export function relativeTarget(ir: Builder, { ri2 }: { ri2: number }): number {
  return ir.insn.at + 2 * ri2;
}

/** Branches to `address` on mask `m`; a mask of 0 never branches, one of 15 always does. */
function branchOnMask(ir: Builder, m: number, address: Value, hint: 'return' | 'jump'): void {
  if (m === 0) return;
  ir.branchIndirect(m === 15 ? undefined : ir.condition(m), address, hint);
}

/**
 * BRANCH ON CONDITION (register). With R2 zero nothing is branched to: a no-operation, or for
 * masks 14 and 15 serialization, which one CPU never notices.
 */
export const BRANCH_ON_CONDITION_REGISTER = section(
  'BRANCH ON CONDITION',
  [row('BCR', RR_m, 0x07)],
  (ir, { m1, r2 }: Mask & { r2: number }) => {
    if (r2 === 0) return;
    branchOnMask(ir, m1, ir.address(r2, 0), r2 === 14 ? 'return' : 'jump');
  },
);

/** BRANCH ON CONDITION. */
export const BRANCH_ON_CONDITION = section(
  'BRANCH ON CONDITION',
  [row('BC', RXb, 0x47, address2)],
  (ir, { m1 }: Mask, address) => {
    branchOnMask(ir, m1, address, 'jump');
  },
);

/** BRANCH INDIRECT ON CONDITION: the second operand holds the branch address. */
export const BRANCH_INDIRECT_ON_CONDITION = section(
  'BRANCH INDIRECT ON CONDITION',
  [rowWith({ facility: 58 }, 'BIC', RXYb, 0xe347, storage64)],
  (ir, { m1 }: Mask, address) => {
    branchOnMask(ir, m1, ir.addressAt(address), 'jump');
  },
);

/** BRANCH RELATIVE ON CONDITION. The offset counts halfwords from this instruction. */
export const BRANCH_RELATIVE_ON_CONDITION = section(
  'BRANCH RELATIVE ON CONDITION',
  [row('BRC', RIc, 0xa74), row('BRCL', RILc, 0xc04)],
  (ir, { m1, ri2 }: Mask & { ri2: number }) => {
    if (m1 === 0) return;
    const target = relativeTarget(ir, { ri2 });
    if (m1 === 15) ir.jump(target);
    else ir.branch(ir.condition(m1), target);
  },
);

/** Places the link information of the basic-mode branches: the address, in 31-bit mode marked. */
function setLink(ir: Builder, r1: number): void {
  const { addressing } = ir.mode;
  if (addressing === 64) ir.setGr64(r1, ir.const64(ir.next));
  else ir.setGr32(r1, ir.const32(addressing === 31 ? ir.next | 0x80000000 : ir.next));
}

/** BRANCH AND SAVE (register). With R2 zero only the link is placed. */
export const BRANCH_AND_SAVE_REGISTER = section(
  'BRANCH AND SAVE',
  [row('BASR', RR, 0x0d)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    setLink(ir, r1);
    if (r2 !== 0) ir.callTo(ir.address(r2, 0));
  },
);

/** BRANCH AND SAVE. */
export const BRANCH_AND_SAVE = section(
  'BRANCH AND SAVE',
  [row('BAS', RX, 0x4d, address2)],
  (ir, { r1 }: { r1: number }, address) => {
    setLink(ir, r1);
    ir.callTo(address);
  },
);

/** BRANCH RELATIVE AND SAVE. */
export const BRANCH_RELATIVE_AND_SAVE = section(
  'BRANCH RELATIVE AND SAVE',
  [row('BRAS', RIb, 0xa75), row('BRASL', RILb, 0xc05)],
  (ir, fields: { r1: number; ri2: number }) => {
    setLink(ir, fields.r1);
    ir.callTo(relativeTarget(ir, fields));
  },
);

/**
 * BRANCH AND LINK's link information: as BRANCH AND SAVE, but in 24-bit mode the left byte holds
 * instruction-length code, condition code and program mask.
 */
function setLinkAndMask(ir: Builder, r1: number, ilc: number): void {
  if (ir.mode.addressing !== 24) return setLink(ir, r1);
  const cc = ir.emit('shl32', [ir.getCc(), ir.const32(28)]);
  const rest = (ilc << 30) | (ir.mode.programMask << 24) | ir.next;
  ir.setGr32(r1, ir.or32(cc, ir.const32(rest)));
}

/** The length code of an instruction of two or four bytes, or of the EXECUTE that executes it. */
function lengthCodeOf(ir: Builder): number {
  const { at, executedAt, length } = ir.insn;
  return (executedAt === at ? length : ir.next - executedAt) / 2;
}

/** BRANCH AND LINK (register). With R2 zero only the link is placed. */
export const BRANCH_AND_LINK_REGISTER = section(
  'BRANCH AND LINK',
  [row('BALR', RR, 0x05)],
  (ir, { r1, r2 }: { r1: number; r2: number }) => {
    setLinkAndMask(ir, r1, lengthCodeOf(ir));
    if (r2 !== 0) ir.callTo(ir.address(r2, 0));
  },
);

/** BRANCH AND LINK. */
export const BRANCH_AND_LINK = section(
  'BRANCH AND LINK',
  [row('BAL', RX, 0x45, address2)],
  (ir, { r1 }: { r1: number }, address) => {
    setLinkAndMask(ir, r1, lengthCodeOf(ir));
    ir.callTo(address);
  },
);

/** SUPERVISOR CALL. */
export const SUPERVISOR_CALL = section(
  'SUPERVISOR CALL',
  [row('SVC', I, 0x0a)],
  (ir, { i1 }: { i1: number }) => {
    ir.supervisorCall(i1);
  },
);
