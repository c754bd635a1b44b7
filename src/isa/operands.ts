import { PIC_SPECIFICATION } from '../cpu/interruption.ts';
import type { Value } from '../ir/block.ts';
import type { Builder } from '../ir/builder.ts';

/**
 * Where operands come from: the columns of a section's rows. `gr64.r1` reads general register R1,
 * `storage64` loads 8 bytes at D2(X2,B2) or D2(B2), and so on. The word before the number of bits
 * is the source, a final `s` means sign-extended to 64 bits, `u` zero-extended.
 */
type RegisterFields = 'r1' | 'r2' | 'r3';
type RegisterOperand = {
  [K in RegisterFields]: (ir: Builder, fields: { readonly [P in K]: number }) => Value;
};

function registers(read: (ir: Builder, r: number) => Value): RegisterOperand {
  return {
    r1: (ir, { r1 }) => read(ir, r1),
    r2: (ir, { r2 }) => read(ir, r2),
    r3: (ir, { r3 }) => read(ir, r3),
  };
}

export const gr64 = registers((ir, r) => ir.getGr64(r));
export const gr32 = registers((ir, r) => ir.getGr32(r));
export const gr32s = registers((ir, r) => ir.sext64(ir.getGr32(r)));
export const gr32u = registers((ir, r) => ir.zext64(ir.getGr32(r)));
export const grHigh = registers((ir, r) => ir.getGrHigh(r));
export const fpr = registers((ir, r) => ir.getFpr(r));
export const fprHigh = registers((ir, r) => ir.getFprHigh(r));
export const f64 = registers((ir, r) => ir.getF64(r));
export const f32 = registers((ir, r) => ir.getF32(r));

interface StorageFields {
  readonly b2: number;
  readonly d2: number;
  readonly x2?: number;
}

/** The address D2(X2,B2) or D2(B2), not accessed. */
export function address2(ir: Builder, { b2, d2, x2 = 0 }: StorageFields): Value {
  return ir.address(b2, d2, x2);
}

/** The address D1(B1), not accessed. */
export function address1(ir: Builder, { b1, d1 }: { b1: number; d1: number }): Value {
  return ir.address(b1, d1);
}

/** The address designated by RI2, counted in halfwords from the instruction. */
export function relative2(ir: Builder, { ri2 }: { ri2: number }): Value {
  return ir.addressConst(ir.insn.at + 2 * ri2);
}

type Read = (ir: Builder, address: Value) => Value;

const read8s32: Read = (ir, a) => ir.emit('sext8', [ir.load8(a)]);
const read16s32: Read = (ir, a) => ir.emit('sext16', [ir.load16(a)]);
const read32: Read = (ir, a) => ir.load32(a);
const read64: Read = (ir, a) => ir.load64(a);

type StorageOperand = (ir: Builder, fields: StorageFields) => Value;
const at2 =
  (read: Read): StorageOperand =>
  (ir, f) =>
    read(ir, address2(ir, f));

export const storage8 = at2((ir, a) => ir.load8(a));
export const storage16 = at2((ir, a) => ir.load16(a));
export const storage32 = at2(read32);
export const storage64 = at2(read64);
/** Sign-extended to 32 bits. */
export const storage8s32 = at2(read8s32);
export const storage16s32 = at2(read16s32);
/** Extended to 64 bits. */
export const storage8s = at2((ir, a) => ir.sext64(read8s32(ir, a)));
export const storage8u = at2((ir, a) => ir.zext64(ir.load8(a)));
export const storage16s = at2((ir, a) => ir.sext64(read16s32(ir, a)));
export const storage16u = at2((ir, a) => ir.zext64(ir.load16(a)));
export const storage32s = at2((ir, a) => ir.sext64(ir.load32(a)));
export const storage32u = at2((ir, a) => ir.zext64(ir.load32(a)));
export const storageF64 = at2((ir, a) => ir.emit('loadF64', [a]));
export const storageF32 = at2((ir, a) => ir.emit('loadF32', [a]));

type RelativeOperand = (ir: Builder, fields: { readonly ri2: number }) => Value;

/** Relative-long operands are on a boundary of their size, or a specification exception. */
const aligned =
  (size: number): RelativeOperand =>
  (ir, f) => {
    if ((ir.insn.at + 2 * f.ri2) % size !== 0) ir.trapIf(ir.const32(1), PIC_SPECIFICATION);
    return relative2(ir, f);
  };

/** As {@link relative2}, for a word or doubleword. */
export const relative2of4 = aligned(4);
export const relative2of8 = aligned(8);

const relative =
  (read: Read, address: RelativeOperand = relative2): RelativeOperand =>
  (ir, f) =>
    read(ir, address(ir, f));

/** Relative-long storage operands. */
export const relative16s32 = relative(read16s32);
export const relative16s = relative((ir, a) => ir.sext64(read16s32(ir, a)));
export const relative16u = relative((ir, a) => ir.zext64(ir.load16(a)));
export const relative16 = relative((ir, a) => ir.load16(a));
export const relative32 = relative(read32, relative2of4);
export const relative32s = relative((ir, a) => ir.sext64(ir.load32(a)), relative2of4);
export const relative32u = relative((ir, a) => ir.zext64(ir.load32(a)), relative2of4);
export const relative64 = relative(read64, relative2of8);

/** Immediates, as i32 or extended to i64 according to the sign of the format's field. */
export const immediate32 = {
  i2: (ir: Builder, { i2 }: { i2: number }): Value => ir.const32(i2),
};
export const immediate64 = {
  i2: (ir: Builder, { i2 }: { i2: number }): Value => ir.const64(i2),
};
