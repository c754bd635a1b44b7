export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 4096;

/** The number of the page of an address, which is given as words. */
export function pageNumber(hi: number, lo: number): number {
  return (hi >>> 0) * 2 ** 20 + (lo >>> 12);
}
