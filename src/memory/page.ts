export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 4096;
