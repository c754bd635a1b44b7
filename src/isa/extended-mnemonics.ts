import type { Instruction } from './section.ts';

/** One way to write an instruction: its own mnemonic, or an extended one that implies fields. */
export interface Spelling {
  readonly name: string;
  /** Bits of fields that the name implies. A field with other bits left is still an operand. */
  readonly implied: readonly {
    readonly field: string;
    readonly mask: number;
    readonly value: number;
  }[];
  readonly syntax: string;
}

/** Names of the branch masks 1-14 (PoP, "Extended-Mnemonic Instructions"). */
const CONDITIONS = [
  ...['', 'o', 'h', 'nle', 'l', 'nhe', 'lh', 'ne', 'e', 'nlh', 'he', 'nl', 'le', 'nh', 'no', ''],
];
/** The same after arithmetic; accepted by the assembler only. */
const CONDITION_ALIASES: readonly (readonly [string, number])[] = [
  ...([
    ['p', 2],
    ['m', 4],
    ['nz', 7],
    ['z', 8],
    ['nm', 11],
    ['np', 13],
  ] as const),
];
/** Masks that compare-and-branch and compare-and-trap have names for: CC 3 does not occur. */
const COMPARISONS: readonly (readonly [string, number])[] = [
  ...([
    ['h', 2],
    ['l', 4],
    ['ne', 6],
    ['e', 8],
    ['nl', 10],
    ['nh', 12],
  ] as const),
];

interface Family {
  /** Field that holds the mask. */
  readonly field: string;
  /** The extended mnemonic for a condition's name. */
  readonly name: (condition: string) => string;
  readonly never?: string;
  readonly always?: string;
}

const BRANCHES: Readonly<Record<string, Family>> = {
  BCR: { field: 'm1', name: (c) => `b${c}r`, never: 'nopr', always: 'br' },
  BC: { field: 'm1', name: (c) => `b${c}`, never: 'nop', always: 'b' },
  BIC: { field: 'm1', name: (c) => `bi${c}`, always: 'bi' },
  BRC: { field: 'm1', name: (c) => `j${c}`, never: 'jnop', always: 'j' },
  BRCL: { field: 'm1', name: (c) => `jg${c}`, never: 'jgnop', always: 'jg' },
};

const ON_CONDITION = /^(LOC(G|FH)?R?|STOC(G|FH)?|LOC[GH]?HI|SEL(G|FH)?R)$/;
const COMPARE_AND = /^C(L?G?R[BJT]|L?G?I[BJ]|G?IT|LG?T|LFIT|LGIT)$/;

/** BFP instructions with an operand-less form and a form with M3 and M4, called ...A. */
const WITH_MODIFIERS = /^(L[ED]XBR|LEDBR|C[EDX][FG]BR|FI[EDX]BR|C[FG][EDX]BR)A?$/;

/** Names from before there was an M3; objdump uses them when it is zero. */
const UNMASKED: Readonly<Record<string, string>> = { CU12: 'cutfu', CU21: 'cuutf' };

function without(syntax: string, field: string): string {
  const name = field.toUpperCase();
  return syntax
    .split(/,(?![^(]*\))/)
    .filter((operand) => operand !== name)
    .join(',');
}

function masked(instruction: Instruction, field: string, name: string, value: number): Spelling {
  const syntax = without(instruction.format.syntax, field);
  return { name, implied: [{ field, mask: 15, value }], syntax };
}

function optional(spelling: Spelling): Spelling {
  return { ...spelling, syntax: `[${spelling.syntax}]` };
}

function branchSpellings(instruction: Instruction, family: Family): Spelling[] {
  const { field, name, never, always } = family;
  const spellings = CONDITIONS.flatMap((condition, value) =>
    condition === '' ? [] : [masked(instruction, field, name(condition), value)],
  );
  if (never) {
    const spelling = masked(instruction, field, never, 0);
    // NOP and NOPR may stand alone.
    spellings.push(never.startsWith('nop') ? optional(spelling) : spelling);
  }
  if (always) spellings.push(masked(instruction, field, always, 15));
  return spellings;
}

/** The field that holds the mask of a load on condition, compare and branch, or compare and trap. */
function maskField({ format }: Instruction): string {
  return format.fields.find(({ name }) => name.startsWith('m'))!.name;
}

/**
 * Every spelling of an instruction; the disassembler uses the first that fits, as objdump does.
 * The last is always the plain one.
 */
export function spellings(instruction: Instruction): Spelling[] {
  const { mnemonic, format } = instruction;
  const own = mnemonic.toLowerCase();
  const plain: Spelling = { name: own, implied: [], syntax: format.syntax };
  const branch = BRANCHES[mnemonic];
  if (branch) return [...branchSpellings(instruction, branch), plain];
  if (ON_CONDITION.test(mnemonic)) {
    const field = maskField(instruction);
    return [...branchSpellings(instruction, { field, name: (c) => own + c }), plain];
  }
  if (COMPARE_AND.test(mnemonic)) {
    const field = maskField(instruction);
    return [...COMPARISONS.map(([c, m]) => masked(instruction, field, own + c, m)), plain];
  }
  if (mnemonic === 'RISBG' || mnemonic === 'RISBGN') {
    // Bit 0 of I4 zeroes the bits that are not selected; bit 1 is ignored.
    const implied = [{ field: 'i4', mask: 0xc0, value: 0x80 }];
    return [{ name: `${own}z`, implied, syntax: format.syntax }, plain];
  }
  if (WITH_MODIFIERS.test(mnemonic)) {
    const short = own.replace(/a$/, '');
    const hasM4 = format.fields.some(({ name }) => name === 'm4');
    if (!hasM4) return [{ ...plain, name: short }];
    // The conversions to fixed and the roundings to integer always had their M3.
    const implied = /^(C[FG]|FI)/.test(mnemonic) ? ['m4'] : ['m3', 'm4'];
    return [
      {
        name: short,
        implied: implied.map((field) => ({ field, mask: 15, value: 0 })),
        syntax: implied.reduce(without, format.syntax),
      },
      { ...plain, name: `${short}a` },
    ];
  }
  const unmasked = UNMASKED[mnemonic];
  if (unmasked) {
    return [
      { name: unmasked, implied: [{ field: 'm3', mask: 15, value: 0 }], syntax: 'R1,R2' },
      plain,
    ];
  }
  return [plain];
}

/** Further names that the assembler accepts: [name, spelling it stands for]. */
export function assemblerAliases(instruction: Instruction): [string, Spelling][] {
  const { mnemonic } = instruction;
  const own = mnemonic.toLowerCase();
  const plain: Spelling = { name: own, implied: [], syntax: instruction.format.syntax };
  const branch = BRANCHES[mnemonic];
  if (branch) {
    return [
      ...CONDITION_ALIASES.map(([c, m]): [string, Spelling] => {
        const name = branch.name(c);
        return [name, masked(instruction, branch.field, name, m)];
      }),
      ...(own === 'brc' ? [['jc', plain] as [string, Spelling]] : []),
      ...(own === 'brcl' ? [['jlc', plain] as [string, Spelling]] : []),
    ];
  }
  // JUMP names of the relative branches.
  if (/^BR(AS|ASL|CT|CTG|CTH|XH|XLE|XHG|XLG)$/.test(mnemonic)) return [[`j${own.slice(2)}`, plain]];
  return [];
}
