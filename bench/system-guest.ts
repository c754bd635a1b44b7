/**
 * The kernels in a guest: an image with all of them, a script that runs them, and what the console
 * shows of that.
 */
import fs from 'node:fs';
import type { ConsoleSession } from '../test/boot/console-session.ts';
import { cpio, directory, file } from '../tools/guest-cpio.ts';
import { PROMPT, buildInitramfs } from '../tools/guest-initramfs.ts';
import type { Kernel } from '../tools/guest-kernel.ts';
import { binaryOf } from './guest-kernels.ts';
import type { StampedLine } from './guests.ts';
import type { Runner } from './measure.ts';

/** Seconds until a kernel must be done, or a hung guest is given up. */
const KERNEL_PATIENCE = 300;

/** Lists of what is to be done, which the script reads: all of it, and what the interpreter does. */
export type ListName = 'full' | 'share';

export interface Work {
  readonly kernel: string;
  readonly iterations: number;
}
export type Lists = Readonly<Record<ListName, readonly Work[]>>;

/** One execution of a kernel in a guest. */
export interface Execution extends Work {
  readonly runner: Runner;
  /** Counted from 1. */
  readonly boot: number;
  /** Counted from 1 in each boot. */
  readonly repeat: number;
  readonly list: ListName;
  readonly seconds: number;
  /** The line that the kernel printed. */
  readonly output: string;
}

/** sh /bench/run.sh LIST REPEATS. Nothing but the program runs between the lines around it. */
const SCRIPT = `\
round=0
while [ $round -lt $2 ]; do
  round=$((round + 1))
  while read -r kernel iterations; do
    echo "bench: begin $kernel $iterations"
    /bench/$kernel.s390x $iterations </dev/null
    echo "bench: end $kernel $?"
  done <"/bench/$1"
done
echo "bench: over"
`;

/** The usual initramfs without modules, and the kernels: the guest's kernel takes several archives. */
export function writeImage(target: string, kernel: Kernel, lists: Lists): void {
  const text = (works: readonly Work[]) =>
    works.map(({ kernel, iterations }) => `${kernel} ${iterations}\n`).join('');
  const archive = cpio([
    directory('bench'),
    file('bench/run.sh', SCRIPT),
    file('bench/full', text(lists.full)),
    file('bench/share', text(lists.share)),
    ...lists.full.map(({ kernel: name }) =>
      file(`bench/${name}.s390x`, fs.readFileSync(binaryOf(name)), 0o755),
    ),
  ]);
  fs.writeFileSync(target, Buffer.concat([buildInitramfs(kernel, { modules: [] }), archive]));
}

/** Has the script do a list; the guest is at its prompt before and after. */
export async function runList(
  session: ConsoleSession,
  name: ListName,
  works: readonly Work[],
  repeats: number,
): Promise<void> {
  session.type(`sh /bench/run.sh ${name} ${repeats}\n`);
  for (let round = 0; round < repeats; round++) {
    for (const { kernel } of works) {
      await session.expect(`bench: end ${kernel} `, KERNEL_PATIENCE);
    }
  }
  await session.expect('bench: over', KERNEL_PATIENCE);
  await session.expect(PROMPT, KERNEL_PATIENCE);
}

/**
 * The executions in what a console has shown.
 * @throws Error for a kernel that failed or printed no checksum
 */
export function readExecutions(
  lines: readonly StampedLine[],
  of: { readonly runner: Runner; readonly boot: number; readonly list: ListName },
): Execution[] {
  const executions: Execution[] = [];
  for (let i = 0; i < lines.length; i++) {
    const begin = /^bench: begin (\w+) (\d+)$/.exec(lines[i].text);
    if (!begin) continue;
    const [, kernel, iterations] = begin;
    const ends = lines.findIndex(({ text }, k) => k > i && text.startsWith('bench: end '));
    const between = lines.slice(i + 1, ends).map(({ text }) => text);
    const checksum = new RegExp(`^${kernel} ${iterations} [0-9a-f]{16}$`);
    const output = between.find((text) => checksum.test(text));
    if (output === undefined || lines[ends]?.text !== `bench: end ${kernel} 0`) {
      const shown = [...between, lines[ends]?.text].join(' | ');
      throw new Error(`${of.runner}, ${kernel} ${iterations}: the console shows ${shown}`);
    }
    const seconds = lines[ends].seconds - lines[i].seconds;
    const repeat = executions.filter((e) => e.kernel === kernel).length + 1;
    executions.push({ ...of, repeat, kernel, iterations: Number(iterations), seconds, output });
  }
  return executions;
}
