import * as linux from '../../linux/errno.ts';

/** Linux's number of each error name; the host's own numbers may differ. */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ...Object.entries(linux).flatMap(([name, value]): [string, number][] =>
    typeof value === 'number' ? [[name, value]] : [],
  ),
  ['ENOTSUP', linux.EOPNOTSUPP],
  ['EWOULDBLOCK', linux.EAGAIN],
]);

/** `-errno` in Linux's numbers for what a function of node:fs threw. */
export function errnoOf(error: unknown): number {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return -linux.EIO;
  const number = NUMBERS.get(code);
  if (number !== undefined) return -number;
  // Node checks arguments itself: lengths, positions, bytes of value 0 in paths.
  return code.startsWith('ERR_') ? -linux.EINVAL : -linux.EIO;
}
