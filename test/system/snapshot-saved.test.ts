import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/host/node/seeded-random.ts';
import { SnapshotError, type Saved } from '../../src/system/services.ts';
import { decodeSaved, encodeSaved } from '../../src/system/snapshot/saved.ts';

function roundTrip(value: Saved): Saved {
  return decodeSaved(encodeSaved(value));
}

/** Numbers below a limit, from a seed. */
function chooser(seed: string): (limit: number) => number {
  const random = new SeededRandom(seed);
  const bytes = new Uint8Array(4);
  return (limit) => {
    random.fill(bytes);
    return new DataView(bytes.buffer).getUint32(0) % limit;
  };
}

function randomValue(choose: (limit: number) => number, depth: number): Saved {
  switch (choose(depth > 4 ? 8 : 10)) {
    case 0:
      return null;
    case 1:
      return choose(2) === 1;
    case 2:
      return (choose(2 ** 32) - 2 ** 31) * 2 ** choose(22);
    case 3:
      return new Float64Array(new Uint32Array([choose(2 ** 32), choose(2 ** 32)]).buffer)[0]!;
    case 4:
      return (BigInt(choose(2 ** 32)) << BigInt(choose(200))) * (choose(2) ? 1n : -1n);
    case 5:
    case 6:
      return String.fromCharCode(...Array.from({ length: choose(20) }, () => choose(0x1_0000)));
    case 7:
      return Uint8Array.from({ length: choose(300) }, () => choose(256));
    case 8:
      return Array.from({ length: choose(6) }, () => randomValue(choose, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: choose(6) }, (_, i) => [
          `${i}${choose(9)}`,
          randomValue(choose, depth),
        ]),
      );
  }
}

describe('what parts of the machine save', () => {
  test.each<[string, Saved]>([
    ['null', null],
    ['booleans', [true, false]],
    ['small integers', [0, 1, -1, 127, 128, -128, -129, 65535, 2 ** 31, -(2 ** 31)]],
    ['the ends of the safe integers', [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]],
    ['integers beyond them', [2 ** 53, -(2 ** 53), 2 ** 64, 1e300]],
    ['numbers that are no integers', [0.1, -1.5, 5e-324, Infinity, -Infinity, NaN]],
    ['negative zero', -0],
    ['bigints', [0n, 1n, -1n, 255n, 256n, -256n, 2n ** 64n - 1n, -(2n ** 63n), 3n ** 500n]],
    ['strings', ['', 'a', 'Zürich', '\u{1F600}', 'a\0b', '\uFEFFmark']],
    ['lone surrogates', ['\ud800', 'a\udfffb']],
    ['bytes', [new Uint8Array(0), new Uint8Array([0, 1, 255])]],
    ['empty containers', [[], {}]],
    ['numbers and strings that look alike', ['1', 1, 1n, true, [1], { 1: 1 }]],
    ['names of every kind', { '': 1, 'a b': 2, constructor: 3, ['__proto__']: { x: 4 } }],
  ])('comes back: %s', (_, value) => {
    expect(roundTrip(value)).toStrictEqual(value);
  });

  test('comes back in the same order', () => {
    expect(Object.keys(roundTrip({ b: 1, a: 2, c: 3 }) as object)).toEqual(['b', 'a', 'c']);
  });

  test('comes back as bytes of its own', () => {
    const encoded = encodeSaved([new Uint8Array([1, 2, 3])]);
    const [bytes] = decodeSaved(encoded) as [Uint8Array];
    encoded.fill(0);
    expect([...bytes]).toEqual([1, 2, 3]);
  });

  test('comes back whatever it is (random values)', () => {
    const choose = chooser('saved values');
    for (let i = 0; i < 2000; i++) {
      const value = randomValue(choose, 0);
      expect(roundTrip(value)).toStrictEqual(value);
    }
  });

  test('has another encoding when it is another value', () => {
    const choose = chooser('different values');
    const seen = new Map<string, string>();
    const show = (value: Saved): string => {
      if (typeof value === 'bigint') return `${value}n`;
      if (value instanceof Uint8Array) return `bytes ${value.join()}`;
      if (Array.isArray(value)) return `[${value.map(show).join()}]`;
      if (typeof value !== 'object' || value === null) {
        return Object.is(value, -0)
          ? '-0'
          : typeof value === 'number'
            ? `${value}`
            : JSON.stringify(value);
      }
      return `{${Object.entries(value)
        .map(([name, member]) => `${JSON.stringify(name)}:${show(member)}`)
        .join()}}`;
    };
    for (let i = 0; i < 2000; i++) {
      const value = randomValue(choose, 4);
      const encoded = encodeSaved(value).join();
      expect(seen.get(encoded) ?? show(value)).toBe(show(value));
      seen.set(encoded, show(value));
    }
  });

  test('is small: a number below 128 has two bytes, a register of 64 bits ten', () => {
    expect(encodeSaved(127).length).toBe(2);
    expect(encodeSaved(2n ** 64n - 1n).length).toBe(10);
  });

  test.each<[string, unknown, RegExp]>([
    ['undefined', { cpu: [{ psw: undefined }] }, /\.cpu\.0\.psw: undefined/],
    ['a function', { run: () => {} }, /\.run: function/],
    ['a Map', { map: new Map() }, /\.map: a Map/],
    ['words instead of bytes', [new Uint32Array(1)], /\.0: a Uint32Array/],
  ])('must not hold %s, and the message says where', (_, value, message) => {
    expect(() => encodeSaved(value as Saved)).toThrow(message);
  });

  test('must not hold itself', () => {
    const cycle: Saved[] = [];
    cycle.push(cycle);
    expect(() => encodeSaved(cycle)).toThrow(/too deep/);
  });
});

describe('bytes that are no saved state', () => {
  test('are refused when they end early, wherever that is', () => {
    const encoded = encodeSaved({ a: [1.5, -3n, 'text', '\ud800', new Uint8Array(200)], b: 1e6 });
    for (let length = 0; length < encoded.length; length++) {
      expect(() => decodeSaved(encoded.subarray(0, length))).toThrow(SnapshotError);
    }
  });

  test('are refused when there is more', () => {
    expect(() => decodeSaved(new Uint8Array([0, 0]))).toThrow(SnapshotError);
  });

  test('are refused when they are nested without end', () => {
    expect(() => decodeSaved(new Uint8Array(100_000).fill(11))).toThrow(SnapshotError);
    expect(() => decodeSaved(new Uint8Array(100_000).map((_, i) => (i % 2 ? 1 : 11)))).toThrow(
      SnapshotError,
    );
  });

  test('are refused or read, and cause nothing else (random bytes)', () => {
    const choose = chooser('no saved state');
    for (let i = 0; i < 20_000; i++) {
      const bytes = Uint8Array.from({ length: choose(40) }, () => choose(choose(2) ? 14 : 256));
      try {
        decodeSaved(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(SnapshotError);
      }
    }
  });
});
