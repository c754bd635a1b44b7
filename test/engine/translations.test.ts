import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import { packTranslations, unpackTranslations } from '../../src/engine/translation-archive.ts';
import { translationKey } from '../../src/engine/translation-key.ts';
import { TranslationStore } from '../../src/engine/translation-store.ts';
import { CODE, guestCode, guestState } from './guest-code.ts';

/** Adds 1 to 300 in R2, and `odd` for each odd number by way of EXECUTE. */
const program = ({ odd = 0, step = -1 } = {}): string => `
        lghi %r6,300
        lghi %r2,0
        lghi %r7,0
loop:   agr %r2,%r6
        tmll %r6,1
        je even
        exrl %r0,add
even:   aghi %r6,${step}
        jh loop
        svc 1
        .skip 4096
add:    aghi %r2,${odd}`;

const SUM = 45_150n;

function run(source: string, translations: TranslationStore, options: EngineOptions = {}) {
  const state = guestState();
  const engine = new Engine(guestCode(source), state, {
    threshold: 150,
    ...options,
    translations,
  });
  const exit = engine.run(1_000_000);
  expect(exit.kind).toBe('supervisorCall');
  return { engine, sum: state.gr(2) };
}

describe.each<EngineOptions>([{ backend: 'tiered' }, { backend: 'jit' }])(
  'regions that are kept ($backend)',
  (options) => {
    test('are taken by the next engine, which translates none', () => {
      const store = new TranslationStore();
      const first = run(program(), store, options);
      expect(first.engine.statistics).toMatchObject({ restored: 0 });
      expect(first.engine.statistics.regions).toBeGreaterThan(0);
      const second = run(program(), store, options);
      expect(second.sum).toBe(SUM);
      expect(second.engine.statistics).toMatchObject({ regions: 0 });
      expect(second.engine.statistics.restored).toBeGreaterThan(0);
    });

    test('are not taken for other instructions in the same place', () => {
      const store = new TranslationStore();
      expect(run(program(), store, options).sum).toBe(SUM);
      const even = run(program({ step: -2 }), store, options);
      expect(even.sum).toBe(22_650n);
      // Both are known now.
      expect(run(program(), store, options).engine.statistics.restored).toBeGreaterThan(0);
      expect(run(program({ step: -2 }), store, options).engine.statistics.restored).toBeGreaterThan(
        0,
      );
    });

    test('are not taken where EXECUTE finds another instruction', () => {
      const store = new TranslationStore();
      expect(run(program(), store, options).sum).toBe(SUM);
      expect(run(program({ odd: 1000 }), store, options).sum).toBe(SUM + 150_000n);
    });

    test('go when their code changes', () => {
      const store = new TranslationStore();
      run(program(), store, options);
      const source = program();
      const memory = guestCode(source);
      const state = guestState();
      const engine = new Engine(memory, state, { threshold: 150, ...options, translations: store });
      engine.run(1_000_000);
      expect(engine.statistics.restored).toBeGreaterThan(0);
      const changed = guestCode(program({ step: -2 })).bytes.slice(CODE, CODE + 64);
      memory.bytes.set(changed, CODE);
      for (const page of [CODE >>> 12]) engine.codePageChanged(page);
      state.ia = CODE;
      engine.run(1_000_000);
      expect(state.gr(2)).toBe(22_650n);
    });
  },
);

test('a packed store is the same when it is unpacked', () => {
  const store = new TranslationStore();
  run(program(), store);
  run(program({ odd: 5 }), store);
  const copy = new TranslationStore();
  unpackTranslations(packTranslations(store), copy);
  const byEntry = (kept: TranslationStore) =>
    [...kept].map(({ entry, bytes }) => [entry, ...bytes]);
  expect(new Set(byEntry(copy).map(String))).toEqual(new Set(byEntry(store).map(String)));
  expect(copy.hasNew).toBe(false);
  const { engine, sum } = run(program(), copy);
  expect(sum).toBe(SUM);
  expect(engine.statistics).toMatchObject({ regions: 0 });
});

test('engines that make other code have another key', () => {
  const keys = [
    {},
    { countInstructions: true },
    { comments: true },
    { logStores: true },
    { disabledPasses: new Set(['chaining'] as const) },
    { facilities: Uint8Array.of(1) },
  ].map(translationKey);
  expect(new Set(keys).size).toBe(keys.length);
});
