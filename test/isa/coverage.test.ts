import { describe, expect, test } from 'vitest';
import { findMnemonic } from '../../src/isa/table.ts';
import { NOT_GENERATED } from '../fuzz/traits.ts';
import { executeAll } from './execution.ts';
import tiers from './tiers.json' with { type: 'json' };

const words = (text: string): string[] => text.split(' ');

describe('opcodes that real guests use, but for vector instructions', () => {
  test.each(Object.entries(tiers).filter(([name]) => name !== 'control'))(
    'tier %s is declared',
    (_name, { mnemonics }) => {
      const wanted = words(mnemonics).filter((m) => !m.startsWith('V'));
      expect(wanted.filter((mnemonic) => !findMnemonic(mnemonic))).toEqual([]);
    },
  );
});

test('the control instructions among them are not executed as ones of a process', () => {
  const inProcess = words(tiers.control.mnemonics).filter(
    (mnemonic) => !findMnemonic(mnemonic)?.privileged && !(mnemonic in NOT_GENERATED),
  );
  expect(inProcess).toEqual([]);
});

test('every declared instruction completes on some edge value', { timeout: 180_000 }, () => {
  // COMPARE AND TRAP and the like may do either; MONITOR CALL is never enabled.
  const never = [...executeAll()].filter(([, { completed }]) => completed === 0);
  expect(never.map(([mnemonic]) => mnemonic)).toEqual([]);
});
