import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import { RRE } from '../formats.ts';
import { row, rowWith, section } from '../section.ts';

interface Registers {
  readonly r1: number;
  readonly r2: number;
}

/**
 * The string instructions take their character from general register 0 and run to the end in one
 * go: CC 3, "not complete", never comes.
 */

/** SEARCH STRING. CC 1 found, its address in R1; 2 not found up to the address in R1. */
export const SEARCH_STRING = section(
  'SEARCH STRING',
  [row('SRST', RRE, 0xb25e)],
  (ir, { r1, r2 }: Registers) => {
    const effects = { reads: [0, r1, r2], writes: [r1] };
    ir.setCc(ir.call('searchString', [r1, r2, ir.mode.addressing], [], effects));
  },
);

/** SEARCH STRING UNICODE: characters of two bytes. */
export const SEARCH_STRING_UNICODE = section(
  'SEARCH STRING UNICODE',
  [rowWith({ facility: 22 }, 'SRSTU', RRE, 0xb9be)],
  (ir, { r1, r2 }: Registers) => {
    const effects = { reads: [0, r1, r2], writes: [r1] };
    ir.setCc(ir.call('searchStringUnicode', [r1, r2, ir.mode.addressing], [], effects));
  },
);

/** MOVE STRING. CC 1: moved, the address of the ending character's new place is in R1. */
export const MOVE_STRING = section(
  'MOVE STRING',
  [row('MVST', RRE, 0xb255)],
  (ir, { r1, r2 }: Registers) => {
    const effects = { reads: [0, r1, r2], writes: [r1, r2] };
    ir.setCc(ir.call('moveString', [r1, r2, ir.mode.addressing], [], effects));
  },
);

/** COMPARE LOGICAL STRING. CC 0 equal, 1 first low, 2 first high. */
export const COMPARE_LOGICAL_STRING = section(
  'COMPARE LOGICAL STRING',
  [row('CLST', RRE, 0xb25d)],
  (ir, { r1, r2 }: Registers) => {
    const effects = { reads: [0, r1, r2], writes: [r1, r2] };
    ir.setCc(ir.call('compareString', [r1, r2, ir.mode.addressing], [], effects));
  },
);

/**
 * COMPARE UNTIL SUBSTRING EQUAL. CC 0 equal substrings of the length in GR0; 1 the last bytes
 * compared were equal, 2 not.
 */
export const COMPARE_UNTIL_SUBSTRING_EQUAL = section(
  'COMPARE UNTIL SUBSTRING EQUAL',
  [row('CUSE', RRE, 0xb257)],
  (ir, { r1, r2 }: Registers) => {
    if ((r1 | r2) & 1) return ir.raise(PIC_SPECIFICATION);
    const registers = [r1, r1 + 1, r2, r2 + 1];
    const effects = { reads: [0, 1, ...registers], writes: registers };
    ir.setCc(ir.call('compareUntilSubstringEqual', [r1, r2, ir.mode.addressing], [], effects));
  },
);
