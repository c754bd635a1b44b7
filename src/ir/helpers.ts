import type { Type } from './ops.ts';

/**
 * Run-time helpers: instructions too long for IR. A helper works on the register file and storage
 * directly; `runtime/` implements it under the same name. It may raise a program interruption:
 * then it must not have changed anything, or (interruptible instructions such as MOVE LONG) have
 * left the registers at a unit of operation.
 *
 * `numbers` names constant parameters (register numbers, masks), `args` IR value parameters;
 * an i64 argument is passed as two int32 parameters, high word first.
 * `result`: `void`, or `i32` which is the condition code in most helpers.
 */
export interface HelperInfo {
  readonly numbers: readonly string[];
  readonly args: readonly Type[];
  readonly result: 'void' | 'i32';
  /** `reads`: guest storage is read only; `writes`: may be written; `none`: not touched. */
  readonly storage: 'none' | 'reads' | 'writes';
}

function helper(
  numbers: string,
  args: string,
  result: 'void' | 'i32',
  storage: HelperInfo['storage'],
): HelperInfo {
  const words = (text: string): string[] => (text === '' ? [] : text.split(' '));
  return { numbers: words(numbers), args: words(args) as Type[], result, storage };
}

// One file of declarations, sorted by subject; the section that uses a helper names it.
export const HELPERS = {
  // General instructions, division: r1 names the even register of the pair.
  divideLogical64: helper('r1', 'i64', 'void', 'none'), // DLGR DLG: 128 by 64 bits
} as const satisfies Record<string, HelperInfo>;

export type HelperName = keyof typeof HELPERS;
