import { PIC_DECIMAL_DIVIDE, ProgramInterruption } from '../cpu/interruption.ts';
import type { HelperContext } from './context.ts';
import { specification } from './operand.ts';
import { decimalData, POWERS, readPacked, writePacked, type Packed } from './packed.ts';
import { findOperands, second as secondOperand } from './storage-bytes.ts';

/**
 * Decimal arithmetic (PoP, chapter 8). `lengthCodes` holds L1 and L2, each a length less one.
 * Operands may overlap: both are read before the first is stored.
 */

/** Both operands, checked for access, and where they are. */
interface Operands {
  readonly at: number;
  readonly size1: number;
  readonly size2: number;
  readonly second: number;
}

function operands(
  { memory }: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCodes: number,
): Operands {
  const size1 = (lengthCodes >> 4) + 1;
  const size2 = (lengthCodes & 15) + 1;
  const at = findOperands(memory, ah, al, size1, bh, bl, size2);
  return { at, size1, size2, second: secondOperand.at };
}

/**
 * Stores a result that may overflow, with the sign of the true result even when only zeros fit.
 * Returns the CC: 0 zero, 1 negative, 2 positive, 3 overflow.
 */
function storeResult(
  { memory }: HelperContext,
  at: number,
  size: number,
  { magnitude, negative }: Packed,
): number {
  const minus = negative && magnitude !== 0n;
  writePacked(memory.bytes, at, size, magnitude, minus);
  if (magnitude >= POWERS[2 * size - 1]!) return 3;
  return magnitude === 0n ? 0 : minus ? 1 : 2;
}

function signed({ magnitude, negative }: Packed): bigint {
  return negative ? -magnitude : magnitude;
}

function packed(value: bigint): Packed {
  return { magnitude: value < 0n ? -value : value, negative: value < 0n };
}

/** AP. CC 0 zero, 1 negative, 2 positive, 3 overflow. */
export function addDecimal(
  context: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCodes: number,
): number {
  const { at, size1, size2, second } = operands(context, ah, al, bh, bl, lengthCodes);
  const { bytes } = context.memory;
  const sum = signed(readPacked(bytes, at, size1)) + signed(readPacked(bytes, second, size2));
  return storeResult(context, at, size1, packed(sum));
}

/** SP. CC as {@link addDecimal}. */
export function subtractDecimal(
  context: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCodes: number,
): number {
  const { at, size1, size2, second } = operands(context, ah, al, bh, bl, lengthCodes);
  const { bytes } = context.memory;
  const rest = signed(readPacked(bytes, at, size1)) - signed(readPacked(bytes, second, size2));
  return storeResult(context, at, size1, packed(rest));
}

/** ZAP: the first operand is only a place. CC as {@link addDecimal}. */
export function zeroAndAdd(
  context: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCodes: number,
): number {
  const { at, size1, size2, second } = operands(context, ah, al, bh, bl, lengthCodes);
  return storeResult(context, at, size1, readPacked(context.memory.bytes, second, size2));
}

/** CP. CC 0 equal, 1 first low, 2 first high; the zeros are equal. */
export function compareDecimal(
  { memory }: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCodes: number,
): number {
  const size1 = (lengthCodes >> 4) + 1;
  const size2 = (lengthCodes & 15) + 1;
  memory.operand(1);
  const second = memory.readable(bh, bl, size2);
  memory.operand(0);
  const first = memory.readable(ah, al, size1);
  const a = signed(readPacked(memory.bytes, first, size1));
  const b = signed(readPacked(memory.bytes, second, size2));
  return a === b ? 0 : a < b ? 1 : 2;
}

/** MP. The first operand must have as many bytes of zeros on its left as the second has bytes. */
export function multiplyDecimal(
  context: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCodes: number,
): void {
  if ((lengthCodes & 15) > 7 || (lengthCodes & 15) >= lengthCodes >> 4) specification();
  const { at, size1, size2, second } = operands(context, ah, al, bh, bl, lengthCodes);
  const { bytes } = context.memory;
  const a = readPacked(bytes, at, size1);
  const b = readPacked(bytes, second, size2);
  if (a.magnitude >= POWERS[2 * (size1 - size2) - 1]!) decimalData();
  writePacked(bytes, at, size1, a.magnitude * b.magnitude, a.negative !== b.negative);
}

/** DP: the quotient, then the remainder in as many bytes as the divisor, replace the dividend. */
export function divideDecimal(
  context: HelperContext,
  ah: number,
  al: number,
  bh: number,
  bl: number,
  lengthCodes: number,
): void {
  if ((lengthCodes & 15) > 7 || (lengthCodes & 15) >= lengthCodes >> 4) specification();
  const { at, size1, size2, second } = operands(context, ah, al, bh, bl, lengthCodes);
  const { bytes } = context.memory;
  const dividend = readPacked(bytes, at, size1);
  const divisor = readPacked(bytes, second, size2);
  const quotientSize = size1 - size2;
  const tooBig =
    divisor.magnitude === 0n ||
    dividend.magnitude / divisor.magnitude >= POWERS[2 * quotientSize - 1]!;
  if (tooBig) throw new ProgramInterruption(PIC_DECIMAL_DIVIDE);
  const quotient = dividend.magnitude / divisor.magnitude;
  const remainder = dividend.magnitude % divisor.magnitude;
  writePacked(bytes, at, quotientSize, quotient, dividend.negative !== divisor.negative);
  writePacked(bytes, at + quotientSize, size2, remainder, dividend.negative);
}

/**
 * SRP. `codes` holds L1 and the rounding digit I3; bits 58-63 of the second address are the number
 * of places, positive to the left. CC as {@link addDecimal}.
 */
export function shiftAndRoundDecimal(
  context: HelperContext,
  ah: number,
  al: number,
  _shiftHigh: number,
  shift: number,
  codes: number,
): number {
  const { memory } = context;
  const size = (codes >> 4) + 1;
  const rounding = codes & 15;
  const at = memory.writable(ah, al, size);
  const operand = readPacked(memory.bytes, at, size);
  if (rounding > 9) decimalData();
  const places = (shift << 26) >> 26;
  if (places >= 0) operand.magnitude *= POWERS[places]!;
  else {
    const dropped = POWERS[-places - 1]!;
    operand.magnitude = (operand.magnitude / dropped + BigInt(rounding)) / 10n;
  }
  return storeResult(context, at, size, operand);
}
