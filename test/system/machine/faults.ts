import { expect } from 'vitest';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import { type GuestOptions, runGuest, SCRATCH, SUCCESS } from './guest.ts';

/** A program interruption as it was found in the prefix area. */
export interface Fault {
  /** 0: there was none. */
  readonly code: number;
  /** Instruction length in bytes. */
  readonly length: number;
  /** Translation-exception identification: of exceptions that have none it means nothing. */
  readonly identification: bigint;
  readonly accessId: number;
  readonly mask: bigint;
  /** Address in the old PSW, counted from the first byte of the piece. */
  readonly offset: bigint;
}

/** Where the records of {@link faults} are, 64 bytes each. */
const RECORDS = 0xc000;

/**
 * Runs pieces of code one after the other, which may use general registers 0-10; their program
 * interruptions. `before` runs first; `data` is behind all code.
 */
export async function faults(
  pieces: readonly string[],
  { before = '', data = '', ...options }: GuestOptions & { before?: string; data?: string } = {},
): Promise<Fault[]> {
  const source = [
    'start:',
    before,
    ...pieces.map(
      (piece, i) => `
        llilf %r12,${RECORDS + 64 * i}
        larl %r11,behind_${i}
        piece_${i}:
        ${piece}
        behind_${i}:`,
    ),
    `svc 255
    svc_new: lpswe ${SUCCESS}
    program_new:
      mvc 0(8,%r12),${LOWCORE.programLength}
      mvc 8(8,%r12),${LOWCORE.translationException}
      mvc 16(1,%r12),${LOWCORE.exceptionAccessId}
      mvc 24(16,%r12),${LOWCORE.programOldPsw}
      mvc ${SCRATCH}(8),${LOWCORE.programOldPsw}
      stg %r11,${SCRATCH + 8}
      lpswe ${SCRATCH}
    .align 8
    ${data}`,
  ].join('\n');
  const guest = await runGuest(source, options);
  const { storage } = guest;
  return pieces.map((_, i) => {
    const at = RECORDS + 64 * i;
    return {
      length: storage.read16(at),
      code: storage.read16(at + 2),
      identification: storage.read64(at + 8),
      accessId: storage.read8(at + 16),
      mask: storage.read64(at + 24),
      offset: storage.read64(at + 32) - BigInt(guest.label(`piece_${i}`)),
    };
  });
}

/** A piece, and what it is to cause: nothing, or a code with its identification. */
export type FaultRow = readonly [piece: string, code?: number, identification?: bigint | number];

/** Runs pieces, and checks codes and translation-exception identifications. */
export async function checkFaults(
  rows: readonly FaultRow[],
  options: Parameters<typeof faults>[1],
): Promise<void> {
  const found = await faults(
    rows.map(([piece]) => piece),
    options,
  );
  const text = (code = 0, identification?: bigint | number): string =>
    [code === 0 ? 'nothing' : code.toString(16), identification?.toString(16)].join(' ');
  const seen = found.map(({ code, identification }, i) =>
    text(code, rows[i]![2] === undefined ? undefined : identification),
  );
  const pieces = rows.map(([piece]) => piece);
  expect(seen.map((what, i) => `${pieces[i]}: ${what}`)).toEqual(
    rows.map(([piece, code, identification]) => `${piece}: ${text(code, identification)}`),
  );
}
