import type { Progress } from '../system/ipl.ts';

/** Less is there at once. */
const LARGE = 16 * 1024 * 1024;
/** To the line's beginning, and from there to its end (ECMA-48, "ERASE IN LINE"). */
const ERASE_LINE = '\r\x1b[K';

/** Shows on a terminal how much of large images is loaded, in a line that goes when all is. */
export function progressLine(terminal: {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}): Progress {
  return (done, total) => {
    if (!terminal.isTTY || total < LARGE) return;
    const share = Math.floor((100 * done) / total);
    const line = done < total ? `js390: loading the kernel, ${share} %` : '';
    terminal.write(`${ERASE_LINE}${line}`);
  };
}
