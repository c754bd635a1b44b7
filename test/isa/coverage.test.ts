import { describe, expect, test } from 'vitest';
import { findMnemonic } from '../../src/isa/table.ts';
import { executeAll } from './execution.ts';
import tiers from './tiers.json' with { type: 'json' };

const words = (text: string): string[] => text.split(' ');
const control = new Set(words(tiers.control.mnemonics));

describe('opcodes that real guests use, but for vector and control instructions', () => {
  test.each(Object.entries(tiers).filter(([name]) => name !== 'control'))(
    'tier %s is declared',
    (_name, { mnemonics }) => {
      const wanted = words(mnemonics).filter((m) => !m.startsWith('V') && !control.has(m));
      expect(wanted.filter((mnemonic) => !findMnemonic(mnemonic))).toEqual([]);
    },
  );
});

test('every declared instruction completes on some edge value', { timeout: 180_000 }, () => {
  // COMPARE AND TRAP and the like may do either; MONITOR CALL is never enabled.
  const never = [...executeAll()].filter(([, { completed }]) => completed === 0);
  expect(never.map(([mnemonic]) => mnemonic)).toEqual([]);
});
