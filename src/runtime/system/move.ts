import { CR0_SECONDARY_SPACE } from '../../arch/dat-format.ts';
import { AS_HOME, AS_PRIMARY, AS_SECONDARY } from '../../arch/psw.ts';
import { CR } from '../../cpu/state.ts';
import type { SystemStorage } from '../../memory/system-storage.ts';
import type { HelperContext } from '../context.ts';
import { copyForward } from '../storage-bytes.ts';
import {
  addressSpaceControl,
  isProblemState,
  pswKey,
  requireDat,
  requireKey,
  specialOperation,
  systemOf,
} from './authority.ts';

/** An operand: where, in which space, with which key, and the access register that may be used. */
interface Operand {
  readonly hi: number;
  readonly lo: number;
  readonly space: number;
  readonly key: number;
  readonly register: number;
}

function find(memory: SystemStorage, operand: Operand, size: number, isStore: boolean): number {
  const { hi, lo, register } = operand;
  memory.accessRegister = register;
  return isStore
    ? memory.writableAs(operand, hi, lo, size)
    : memory.readableAs(operand, hi, lo, size);
}

function copy(memory: SystemStorage, to: Operand, from: Operand, length: number): void {
  if (length === 0) return;
  let source = find(memory, from, length, false);
  const target = find(memory, to, length, true);
  // A window that the target needed may have moved a page that the source is on.
  if (memory.open !== 0) source = find(memory, from, length, false);
  copyForward(memory.bytes, target, source, length);
}

/** The length `hi:lo` (64 bits), cut to `most`; CC 3 when it was more. */
function truncated(hi: number, lo: number, most: number): { length: number; cc: number } {
  const isMore = hi !== 0 || lo >>> 0 > most;
  return { length: isMore ? most : lo, cc: isMore ? 3 : 0 };
}

/**
 * MVCP (`toPrimary`), MVCS: between the primary space, with the PSW's key, and the secondary, with
 * the key in bits 56-59 of `keyWord`. At most 256 bytes.
 */
export function moveBetweenSpaces(
  context: HelperContext,
  toPrimary: number,
  ...[ah, al, bh, bl, lengthHigh, lengthLow, keyWord]: number[]
): number {
  const { state } = context;
  const control = addressSpaceControl(state);
  requireDat(state);
  if ((state.words[CR]! & CR0_SECONDARY_SPACE) === 0) specialOperation();
  if (control !== AS_PRIMARY && control !== AS_SECONDARY) specialOperation();
  const key = (keyWord! >>> 4) & 15;
  requireKey(state, key);
  const { memory } = systemOf(context);
  const primary = { space: AS_PRIMARY, key: pswKey(state), register: 0 };
  const secondary = { space: AS_SECONDARY, key, register: 0 };
  const { length, cc } = truncated(lengthHigh!, lengthLow!, 256);
  const to = { hi: ah!, lo: al!, ...(toPrimary ? primary : secondary) };
  const from = { hi: bh!, lo: bl!, ...(toPrimary ? secondary : primary) };
  copy(memory, to, from, length);
  return cc;
}

/** MVCK: the second operand is fetched with the key in bits 56-59 of `keyWord`. */
export function moveWithKey(
  context: HelperContext,
  b1: number,
  b2: number,
  ...[ah, al, bh, bl, lengthHigh, lengthLow, keyWord]: number[]
): number {
  const { state } = context;
  const key = (keyWord! >>> 4) & 15;
  requireKey(state, key);
  const { memory } = systemOf(context);
  const space = addressSpaceControl(state);
  const { length, cc } = truncated(lengthHigh!, lengthLow!, 256);
  copy(
    memory,
    { hi: ah!, lo: al!, space, key: pswKey(state), register: b1 },
    { hi: bh!, lo: bl!, space, key, register: b2 },
    length,
  );
  return cc;
}

/**
 * MVCDK (`isSource` 0), MVCSK (1): the length less one is in bits 56-63 of GR0, the key of the
 * destination or source in bits 56-59 of GR1.
 */
export function moveWithOneKey(
  context: HelperContext,
  isSource: number,
  b1: number,
  b2: number,
  ...[ah, al, bh, bl]: number[]
): void {
  const { state } = context;
  const key = (state.words[2]! >>> 4) & 15;
  requireKey(state, key);
  const { memory } = systemOf(context);
  const space = addressSpaceControl(state);
  const own = pswKey(state);
  copy(
    memory,
    { hi: ah!, lo: al!, space, key: isSource ? own : key, register: b1 },
    { hi: bh!, lo: bl!, space, key: isSource ? key : own, register: b2 },
    (state.words[0]! & 0xff) + 1,
  );
}

/** An operand-access control of MVCOS: key, address-space control, and whether they are meant. */
function accessControl(
  control: number,
  key: number,
  space: number,
): { key: number; space: number; hasKey: boolean; hasSpace: boolean } {
  const hasKey = (control & 2) !== 0;
  const hasSpace = (control & 1) !== 0;
  return {
    hasKey,
    hasSpace,
    key: hasKey ? (control >>> 12) & 15 : key,
    space: hasSpace ? (control >>> 6) & 3 : space,
  };
}

/**
 * MVCOS: bits 32-47 of GR0 are the control for the first operand, 48-63 for the second. At most
 * 4096 bytes: CC 3 when the length is more.
 */
export function moveWithOptionalSpecifications(
  context: HelperContext,
  b1: number,
  b2: number,
  ...[ah, al, bh, bl, lengthHigh, lengthLow]: number[]
): number {
  const { state } = context;
  const { memory } = systemOf(context);
  requireDat(state);
  const [key, space] = [pswKey(state), addressSpaceControl(state)];
  const word = state.words[0]!;
  const to = accessControl(word >>> 16, key, space);
  const from = accessControl(word & 0xffff, key, space);
  const isProblem = isProblemState(state);
  if (isProblem && to.hasSpace && to.space === AS_HOME) specialOperation();
  const usesSecondary = to.space === AS_SECONDARY || from.space === AS_SECONDARY;
  if (usesSecondary && (state.words[CR]! & CR0_SECONDARY_SPACE) === 0) specialOperation();
  if (to.hasKey) requireKey(state, to.key);
  if (from.hasKey) requireKey(state, from.key);
  const { length, cc } = truncated(lengthHigh!, lengthLow!, 4096);
  copy(
    memory,
    { hi: ah!, lo: al!, space: to.space, key: to.key, register: b1 },
    { hi: bh!, lo: bl!, space: from.space, key: from.key, register: b2 },
    length,
  );
  return cc;
}
