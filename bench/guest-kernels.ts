/** The programs of `bench/kernels/`: their files, and how much work they do. */
import fs from 'node:fs';
import path from 'node:path';
import { KERNELS, kernelNames } from '../tools/build-kernels.ts';
import { UsageError } from './report.ts';

/** Does nothing but start and end. */
export const START_UP = 'hello';

export const binaryOf = (kernel: string) => path.join(KERNELS, `${kernel}.s390x`);

/** What a kernel does without an argument: about half a second. */
export function defaultIterations(kernel: string): number {
  const source = fs.readFileSync(path.join(KERNELS, `${kernel}.c`), 'utf8');
  return Number(/^#define ITERATIONS (\d+)$/m.exec(source)![1]);
}

/**
 * The kernels that `--kernels` names, or all but the one for start-up.
 * @throws UsageError
 */
export function chooseKernels(list: string | undefined): string[] {
  const known = kernelNames().filter((name) => name !== START_UP);
  const chosen = list?.split(',') ?? known;
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown === undefined) return chosen;
  throw new UsageError(`--kernels: no kernel '${unknown}'; there are ${known.join(',')}`);
}

/** How much a kernel does where all of its work takes too long. */
export function shareOf(iterations: number, share: number): number {
  return Math.max(1, Math.round(iterations / share));
}
