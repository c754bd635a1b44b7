import { describe, expect, test } from 'vitest';
import { AddressSpace, PAGE_EXEC, PAGE_READ, PAGE_WRITE } from '../../src/memory/user-space.ts';
import { PAGE_SIZE } from '../../src/memory/page.ts';

const MIB = 0x10_0000;
const RW = PAGE_READ | PAGE_WRITE;

describe('an address space', () => {
  test('is copied with contents, permissions and nothing else', () => {
    const parent = new AddressSpace();
    parent.map(16 * MIB, 4 * PAGE_SIZE, RW);
    parent.map(300 * MIB - PAGE_SIZE, 2 * PAGE_SIZE, PAGE_READ | PAGE_EXEC);
    parent.map(1000 * MIB, PAGE_SIZE, 0);
    parent.bytes.set([1, 2, 3], 16 * MIB + 5000);
    parent.bytes[300 * MIB] = 9;
    const child = new AddressSpace();
    child.map(50 * MIB, PAGE_SIZE, RW);
    child.bytes[50 * MIB] = 7;
    child.copyFrom(parent);
    for (const table of ['flags', 'noRead', 'noWrite', 'noReadSpan', 'noWriteSpan'] as const) {
      expect(Buffer.compare(child[table], parent[table]), table).toBe(0);
    }
    expect([...child.bytes.subarray(16 * MIB + 5000, 16 * MIB + 5003)]).toEqual([1, 2, 3]);
    expect(child.bytes[300 * MIB]).toBe(9);
    expect(child.bytes[50 * MIB], 'what was there before').toBe(0);
    child.bytes[300 * MIB] = 10;
    expect(parent.bytes[300 * MIB]).toBe(9);
  });

  test('is blank after a reset, and listeners hear of its code pages', () => {
    const space = new AddressSpace();
    const fresh = new AddressSpace();
    space.map(20 * MIB, 3 * PAGE_SIZE, RW | PAGE_EXEC);
    space.bytes.fill(5, 20 * MIB, 20 * MIB + 3 * PAGE_SIZE);
    space.protect(20 * MIB, PAGE_SIZE, 0);
    space.unmap(20 * MIB + PAGE_SIZE, PAGE_SIZE);
    const code = (20 * MIB) / PAGE_SIZE + 2;
    space.markCode(code);
    const changed: number[] = [];
    space.codeListeners.add({ codePageChanged: (page) => changed.push(page) });
    space.reset();
    expect(changed).toEqual([code]);
    for (const table of ['flags', 'noRead', 'noWrite', 'noReadSpan', 'noWriteSpan'] as const) {
      expect(Buffer.compare(space[table], fresh[table]), table).toBe(0);
    }
    expect(space.bytes.subarray(20 * MIB, 20 * MIB + 3 * PAGE_SIZE).every((b) => b === 0)).toBe(
      true,
    );
  });

  test('gives zeros for pages that are mapped again', () => {
    const space = new AddressSpace();
    space.map(20 * MIB, 2 * PAGE_SIZE, RW);
    space.bytes.fill(5, 20 * MIB, 20 * MIB + 2 * PAGE_SIZE);
    space.unmap(20 * MIB, PAGE_SIZE);
    space.map(20 * MIB, 2 * PAGE_SIZE, PAGE_READ);
    expect(space.bytes.subarray(20 * MIB, 20 * MIB + 2 * PAGE_SIZE).every((b) => b === 0)).toBe(
      true,
    );
  });
});
