import type { Expression } from 'estree';
import { fprWord } from '../../cpu/state.ts';
import type { Kinds } from './narrow.ts';
import { expr, int, name } from './quote.ts';
import type { RegisterSet } from './registers.ts';

/** A JavaScript local that holds a register or half of one. */
export interface Local {
  readonly kind: 'gr' | 'fpr' | 'cc';
  readonly name: string;
  readonly bits: number;
  /** First word in the register file. */
  readonly word: number;
  readonly double: boolean;
}

const half = (bit: number): string => (bit & 1 ? 'h' : 'l');

function grLocal(bit: number): Local {
  return { kind: 'gr', name: `r${bit >> 1}${half(bit)}`, bits: 1 << bit, word: bit, double: false };
}

function fprLocal(bit: number): Local {
  const word = fprWord(bit >> 1) + (bit & 1);
  return { kind: 'fpr', name: `f${bit >> 1}${half(bit)}`, bits: 1 << bit, word, double: false };
}

function doubleLocal(r: number): Local {
  return { kind: 'fpr', name: `f${r}`, bits: 3 << (2 * r), word: fprWord(r), double: true };
}

const CC_LOCAL: Local = { kind: 'cc', name: 'cc', bits: 0, word: 212, double: false };

/** The locals of a set; `doubles` has the FPRs (bit r) that live in one local of type double. */
export function localsOf({ gr, fpr, cc }: RegisterSet, doubles: number): Local[] {
  const locals: Local[] = [];
  for (let bit = 0; bit < 32; bit++) if (gr & (1 << bit)) locals.push(grLocal(bit));
  for (let r = 0; r < 16; r++) {
    const bits = (fpr >>> (2 * r)) & 3;
    if (bits === 0) continue;
    if (doubles & (1 << r)) locals.push(doubleLocal(r));
    else for (const half of [0, 1]) if (bits & (1 << half)) locals.push(fprLocal(2 * r + half));
  }
  if (cc) locals.push(CC_LOCAL);
  return locals;
}

export function isIn(local: Local, set: RegisterSet): boolean {
  if (local.kind === 'cc') return set.cc;
  const bits = local.kind === 'gr' ? set.gr : set.fpr;
  return (bits & local.bits) !== 0;
}

/** Where the register lives when it is not in a local. */
export function homeOf({ double, word }: Local): Expression {
  return double ? expr`doubles[${word >> 1}]` : expr`state[${word}]`;
}

/** What a local's register holds: for the high word of a narrow register, what follows for it. */
export function highOr({ kind, name: local, word }: Local, kinds: Kinds): Expression {
  const known = kind === 'gr' && word & 1 ? kinds[word >> 1] : 'w';
  if (known === 's') return expr`${`r${word >> 1}l`} >> 31`;
  return known === 'z' ? int(0) : name(local);
}

/** Of narrow registers the low word is wanted, whichever word was asked for. */
export function withLowWords(live: RegisterSet, kinds: Kinds): RegisterSet {
  let { gr } = live;
  kinds.forEach((kind, r) => {
    if (kind !== 'w' && (gr >>> (2 * r)) & 3) gr = (gr & ~(2 << (2 * r))) | (1 << (2 * r));
  });
  return { ...live, gr };
}
