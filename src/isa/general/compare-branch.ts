import { PIC_DATA } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { RIEa, RIEa_u, RIEb, RIEc, RIEc_u, RIS, RIS_u, RRFc, RRS, RSYb } from '../formats.ts';
import { gr32, gr64, immediate32, immediate64, storage32, storage64 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

type Kind = '32s' | '32u' | '64s' | '64u';

/**
 * Whether mask `m` accepts the comparison of `a` and `b`: 8 equal, 4 first low, 2 first high. The
 * rightmost bit is ignored.
 */
function compared(ir: Builder, kind: Kind, a: Value, b: Value, m: number): Value {
  const equal = kind.startsWith('32') ? 'eq32' : 'eq64';
  switch (m & 14) {
    case 8:
      return ir.emit(equal, [a, b]);
    case 6:
      return ir.not(ir.emit(equal, [a, b]));
    case 4:
      return ir.emit(`lt${kind}`, [a, b]);
    case 10:
      return ir.not(ir.emit(`lt${kind}`, [a, b]));
    case 2:
      return ir.emit(`lt${kind}`, [b, a]);
    case 12:
      return ir.not(ir.emit(`lt${kind}`, [b, a]));
    default:
      return ir.const32((m & 14) === 0 ? 0 : 1);
  }
}

interface Relative {
  readonly m3: number;
  readonly ri4: number;
}

/** Branches to RI4 when the comparison matches the mask. */
const branchRelative =
  (kind: Kind) =>
  (ir: Builder, { m3, ri4 }: Relative, first: Value, second: Value): void => {
    const mask = m3 & 14;
    const target = ir.insn.at + 2 * ri4;
    if (mask === 0) return;
    if (mask === 14) ir.jump(target);
    else ir.branch(compared(ir, kind, first, second, mask), target);
  };

/** COMPARE AND BRANCH RELATIVE. CC unchanged. */
export const COMPARE_AND_BRANCH_RELATIVE_32 = section(
  'COMPARE AND BRANCH RELATIVE',
  [row('CRJ', RIEb, 0xec76, gr32.r1, gr32.r2), row('CIJ', RIEc, 0xec7e, gr32.r1, immediate32.i2)],
  branchRelative('32s'),
);

export const COMPARE_AND_BRANCH_RELATIVE_64 = section(
  'COMPARE AND BRANCH RELATIVE',
  [row('CGRJ', RIEb, 0xec64, gr64.r1, gr64.r2), row('CGIJ', RIEc, 0xec7c, gr64.r1, immediate64.i2)],
  branchRelative('64s'),
);

/** COMPARE LOGICAL AND BRANCH RELATIVE. CC unchanged. */
export const COMPARE_LOGICAL_AND_BRANCH_RELATIVE_32 = section(
  'COMPARE LOGICAL AND BRANCH RELATIVE',
  [
    row('CLRJ', RIEb, 0xec77, gr32.r1, gr32.r2),
    row('CLIJ', RIEc_u, 0xec7f, gr32.r1, immediate32.i2),
  ],
  branchRelative('32u'),
);

export const COMPARE_LOGICAL_AND_BRANCH_RELATIVE_64 = section(
  'COMPARE LOGICAL AND BRANCH RELATIVE',
  [
    row('CLGRJ', RIEb, 0xec65, gr64.r1, gr64.r2),
    row('CLGIJ', RIEc_u, 0xec7d, gr64.r1, immediate64.i2),
  ],
  branchRelative('64u'),
);

interface Target {
  readonly m3: number;
  readonly b4: number;
  readonly d4: number;
}

/** Branches to D4(B4) when the comparison matches the mask. */
const branchTo =
  (kind: Kind) =>
  (ir: Builder, { m3, b4, d4 }: Target, first: Value, second: Value): void => {
    const mask = m3 & 14;
    if (mask === 0) return;
    const condition = mask === 14 ? undefined : compared(ir, kind, first, second, mask);
    ir.branchIndirect(condition, ir.address(b4, d4), b4 === 14 && d4 === 0 ? 'return' : 'jump');
  };

/** COMPARE AND BRANCH. CC unchanged. */
export const COMPARE_AND_BRANCH_32 = section(
  'COMPARE AND BRANCH',
  [row('CRB', RRS, 0xecf6, gr32.r1, gr32.r2), row('CIB', RIS, 0xecfe, gr32.r1, immediate32.i2)],
  branchTo('32s'),
);

export const COMPARE_AND_BRANCH_64 = section(
  'COMPARE AND BRANCH',
  [row('CGRB', RRS, 0xece4, gr64.r1, gr64.r2), row('CGIB', RIS, 0xecfc, gr64.r1, immediate64.i2)],
  branchTo('64s'),
);

/** COMPARE LOGICAL AND BRANCH. CC unchanged. */
export const COMPARE_LOGICAL_AND_BRANCH_32 = section(
  'COMPARE LOGICAL AND BRANCH',
  [row('CLRB', RRS, 0xecf7, gr32.r1, gr32.r2), row('CLIB', RIS_u, 0xecff, gr32.r1, immediate32.i2)],
  branchTo('32u'),
);

export const COMPARE_LOGICAL_AND_BRANCH_64 = section(
  'COMPARE LOGICAL AND BRANCH',
  [
    row('CLGRB', RRS, 0xece5, gr64.r1, gr64.r2),
    row('CLGIB', RIS_u, 0xecfd, gr64.r1, immediate64.i2),
  ],
  branchTo('64u'),
);

/** Data-exception code of compare-and-trap and load-and-trap instructions. */
export const DXC_TRAP = 0xff;

/**
 * A data exception when the comparison matches the mask. It completes the instruction, which shows
 * as suppression does, because nothing else changes.
 */
const trap =
  (kind: Kind) =>
  (ir: Builder, { m3 }: { m3: number }, first: Value, second: Value): void => {
    ir.trapIf(compared(ir, kind, first, second, m3), PIC_DATA, DXC_TRAP);
  };

/** COMPARE AND TRAP. CC unchanged. */
export const COMPARE_AND_TRAP_32 = section(
  'COMPARE AND TRAP',
  [row('CRT', RRFc, 0xb972, gr32.r1, gr32.r2), row('CIT', RIEa, 0xec72, gr32.r1, immediate32.i2)],
  trap('32s'),
);

export const COMPARE_AND_TRAP_64 = section(
  'COMPARE AND TRAP',
  [row('CGRT', RRFc, 0xb960, gr64.r1, gr64.r2), row('CGIT', RIEa, 0xec70, gr64.r1, immediate64.i2)],
  trap('64s'),
);

/** COMPARE LOGICAL AND TRAP. CC unchanged. */
export const COMPARE_LOGICAL_AND_TRAP_32 = section(
  'COMPARE LOGICAL AND TRAP',
  [
    row('CLRT', RRFc, 0xb973, gr32.r1, gr32.r2),
    rowWith({ facility: 49 }, 'CLT', RSYb, 0xeb23, gr32.r1, storage32),
    row('CLFIT', RIEa_u, 0xec73, gr32.r1, immediate32.i2),
  ],
  trap('32u'),
);

export const COMPARE_LOGICAL_AND_TRAP_64 = section(
  'COMPARE LOGICAL AND TRAP',
  [
    row('CLGRT', RRFc, 0xb961, gr64.r1, gr64.r2),
    rowWith({ facility: 49 }, 'CLGT', RSYb, 0xeb2b, gr64.r1, storage64),
    row('CLGIT', RIEa_u, 0xec71, gr64.r1, immediate64.i2),
  ],
  trap('64u'),
);
