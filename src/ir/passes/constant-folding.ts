import { high, rotl64, sar64, shl64, shr64 } from '../../base/int64.ts';
import type { Block, Value } from '../block.ts';
import { rewrite, type Make } from './rewrite.ts';

const isConst = (value: Value): boolean => value.op === 'const32' || value.op === 'const64';

type Fold32 = (a: number, b: number) => number;
type Fold64 = (ah: number, al: number, bh: number, bl: number) => [hi: number, lo: number];

const FOLD32: Partial<Record<string, Fold32>> = {
  add32: (a, b) => a + b,
  sub32: (a, b) => a - b,
  mul32: Math.imul,
  and32: (a, b) => a & b,
  or32: (a, b) => a | b,
  xor32: (a, b) => a ^ b,
  shl32: (a, n) => (n > 31 ? 0 : a << n),
  shr32: (a, n) => (n > 31 ? 0 : a >>> n),
  sar32: (a, n) => a >> (n > 31 ? 31 : n),
  eq32: (a, b) => Number(a === b),
  lt32s: (a, b) => Number(a < b),
  lt32u: (a, b) => Number(a >>> 0 < b >>> 0),
};

const FOLD64: Partial<Record<string, Fold64>> = {
  add64: (ah, al, bh, bl) => {
    const lo = (al + bl) | 0;
    return [ah + bh + Number(lo >>> 0 < al >>> 0), lo];
  },
  sub64: (ah, al, bh, bl) => [ah - bh - Number(al >>> 0 < bl >>> 0), al - bl],
  and64: (ah, al, bh, bl) => [ah & bh, al & bl],
  or64: (ah, al, bh, bl) => [ah | bh, al | bl],
  xor64: (ah, al, bh, bl) => [ah ^ bh, al ^ bl],
};

const SHIFTS = { shl64, shr64, sar64, rotl64 };

/** Folds ops of constants, and identities: x+0 = x, x|0 = x, x&0 = 0, x^x = 0, shifts by 0. */
export function constantFolding(block: Block): void {
  rewrite(block, fold);
}

function fold(value: Value, make: Make): Value | undefined {
  const { op, args } = value;
  const [a, b] = args as [Value, Value];
  const pair = (hi: number, lo: number): Value => make('const64', 'i64', [], lo | 0, hi | 0);
  const word = (x: number): Value => make('const32', 'i32', [], x | 0);
  if (args.length === 1 && isConst(a)) {
    switch (op) {
      case 'low32':
        return word(a.imm);
      case 'high32':
        return word(a.immHigh);
      case 'sext64':
        return pair(a.imm >> 31, a.imm);
      case 'zext64':
        return pair(0, a.imm);
      case 'not':
        return word(a.imm ^ 1);
      default:
        return undefined;
    }
  }
  if (args.length === 1) {
    if (op === 'low32' && (a.op === 'sext64' || a.op === 'zext64')) return a.args[0]!;
    if (op === 'low32' && a.op === 'make64') return a.args[1]!;
    if (op === 'high32' && a.op === 'make64') return a.args[0]!;
    if (op === 'high32' && a.op === 'zext64') return word(0);
    if (op === 'not' && a.op === 'not') return a.args[0]!;
    return undefined;
  }
  if (args.length !== 2) return undefined;
  const narrow = FOLD32[op];
  if (narrow && isConst(a) && isConst(b)) return word(narrow(a.imm, b.imm));
  const wide = FOLD64[op];
  if (wide && isConst(a) && isConst(b)) return pair(...wide(a.immHigh, a.imm, b.immHigh, b.imm));
  if (op in SHIFTS && isConst(b)) {
    if (b.imm === 0) return a;
    if (isConst(a)) {
      const lo = SHIFTS[op as keyof typeof SHIFTS](a.immHigh, a.imm, b.imm);
      return pair(high.word, lo);
    }
    return undefined;
  }
  if (!isConst(b) || b.imm !== 0 || b.immHigh !== 0) {
    if ((op === 'xor32' || op === 'sub32') && a === b) return word(0);
    if ((op === 'xor64' || op === 'sub64') && a === b) return pair(0, 0);
    return undefined;
  }
  switch (op) {
    case 'add32':
    case 'sub32':
    case 'or32':
    case 'xor32':
    case 'shl32':
    case 'shr32':
    case 'sar32':
    case 'rotl32':
    case 'add64':
    case 'sub64':
    case 'or64':
    case 'xor64':
      return a;
    case 'and32':
      return word(0);
    case 'and64':
      return pair(0, 0);
    default:
      return undefined;
  }
}
