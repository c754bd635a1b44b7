import { describe, expect, test } from 'vitest';
import { AreaList } from '../../src/linux/areas.ts';
import type { Area } from '../../src/linux/mm.ts';

function area(start: number, end: number, changes: Partial<Area> = {}): Area {
  return {
    start: start * 4096,
    end: end * 4096,
    prot: 3,
    shared: false,
    growsDown: false,
    file: undefined,
    offset: 0,
    store: undefined,
    name: '',
    ...changes,
  };
}

function pages(list: AreaList): string {
  return [...list].map(({ start, end, prot }) => `${start / 4096}-${end / 4096}:${prot}`).join(' ');
}

describe('the list of mappings', () => {
  test('merges neighbours that continue each other, and only those', () => {
    const list = new AreaList();
    list.add(area(10, 12));
    list.add(area(14, 16));
    list.add(area(16, 18, { prot: 1 }));
    expect(pages(list)).toBe('10-12:3 14-16:3 16-18:1');
    list.add(area(12, 14));
    expect(pages(list)).toBe('10-16:3 16-18:1');
  });

  test('takes a range out of the middle of an area', () => {
    const list = new AreaList();
    list.add(area(10, 20));
    const removed = list.remove(12 * 4096, 15 * 4096);
    expect(removed).toEqual([{ ...area(12, 15), offset: 2 * 4096 }]);
    expect(pages(list)).toBe('10-12:3 15-20:3');
  });

  test('takes out a range over several areas and holes', () => {
    const list = new AreaList();
    for (const [start, end] of [
      [1, 3],
      [5, 7],
      [9, 11],
    ] as const)
      list.add(area(start, end));
    expect(list.remove(2 * 4096, 10 * 4096)).toHaveLength(3);
    expect(pages(list)).toBe('1-2:3 10-11:3');
  });

  test('knows what covers an address and a range', () => {
    const list = new AreaList();
    list.add(area(10, 12));
    list.add(area(12, 14, { prot: 1 }));
    expect(list.at(10 * 4096 - 1)).toBeUndefined();
    expect(list.at(12 * 4096 - 1)?.prot).toBe(3);
    expect(list.at(12 * 4096)?.prot).toBe(1);
    expect(list.at(14 * 4096)).toBeUndefined();
    expect(list.covers(10 * 4096, 14 * 4096)).toBe(true);
    expect(list.covers(10 * 4096, 15 * 4096)).toBe(false);
    expect(list.covers(9 * 4096, 12 * 4096)).toBe(false);
  });

  test('finds the highest gap that is large enough', () => {
    const list = new AreaList();
    list.add(area(20, 30));
    list.add(area(33, 40));
    const gap = (length: number, bottom: number, top: number): number | undefined => {
      const found = list.highestGap(length * 4096, bottom * 4096, top * 4096);
      return found === undefined ? undefined : found / 4096;
    };
    expect(gap(3, 1, 40)).toBe(30);
    expect(gap(4, 1, 40)).toBe(16);
    expect(gap(5, 1, 50)).toBe(45);
    expect(gap(2, 1, 35)).toBe(31);
    expect(gap(19, 1, 40)).toBe(1);
    expect(gap(20, 1, 40)).toBeUndefined();
    expect(gap(4, 18, 40)).toBeUndefined();
  });
});
