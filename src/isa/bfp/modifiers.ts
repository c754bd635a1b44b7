/** The three formats, as helpers take them. */
export const SHORT = 0;
export const LONG = 1;
export const EXTENDED = 2;
export type FormatCode = typeof SHORT | typeof LONG | typeof EXTENDED;

/**
 * Whether a rounding-mode modifier (M3 or M4) is valid: 0 the FPC's mode, 1 ties away, 3 prepare
 * for shorter precision, 4 ties to even, 5 toward zero, 6 toward plus, 7 toward minus infinity.
 */
export function isRoundingModifier(m: number): boolean {
  return m < 8 && m !== 2;
}

export const TOWARD_ZERO = 5;

/** M4 bit 1, the IEEE-inexact-exception control (XxC): inexact is not recognised. */
export const SUPPRESS_INEXACT = 4;

/** Fields of the instructions that round as they say. */
export interface Modifiers {
  readonly m3: number;
  readonly m4: number;
}

/** Whether M3 and M4 ask for what the IR ops do: the FPC's rounding mode, inexact recognised. */
export function areDefaults({ m3, m4 }: Modifiers): boolean {
  return m3 === 0 && (m4 & SUPPRESS_INEXACT) === 0;
}
