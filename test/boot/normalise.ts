/**
 * Consoles of two machines, compared line by line: what differs between any two boots of one machine
 * is taken out first, and nothing else.
 */

interface Rule {
  readonly pattern: RegExp;
  readonly replacement: string;
  readonly reason: string;
}

export const RULES: readonly Rule[] = [
  {
    pattern: /^\[ *\d+\.\d{6}\](?: |$)/,
    replacement: '[] ',
    reason: 'seconds since the clock was set, which was before the kernel unpacked itself',
  },
  {
    pattern: /audit\(\d+\.\d{3}:/,
    replacement: 'audit(TIME:',
    reason: 'the time of day',
  },
  {
    pattern: /deferred pages initialised in \d+ms/,
    replacement: 'deferred pages initialised in TIME',
    reason: 'how long it took',
  },
  {
    pattern: /^(bogomips per cpu: )\d+\.\d\d$/,
    replacement: '$1NUMBER',
    reason: 'the speed of the machine',
  },
  {
    pattern: /(Hardware name: ).*$/,
    replacement: '$1NAME',
    reason: "the machine's maker and model, which STORE SYSTEM INFORMATION gives",
  },
  {
    pattern: /^(\[\] virtio_\w+ virtio)\d+(?=:)/,
    replacement: '$1N',
    reason: 'threads set the devices online at once, and they are counted as they come',
  },
  {
    pattern: /(10\.0\.2\.2[: ])\d+/g,
    replacement: '$1PORT',
    reason: "the test's servers take any port that is free",
  },
];

/** Kernel messages that come when something else is done, not at their place in the boot. */
export const MOVING: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: /random: crng init done$/, reason: 'when enough entropy has been gathered' },
  { pattern: /audit: type=2000 /, reason: 'from the thread of kauditd' },
  { pattern: /Trying to unpack rootfs image as/, reason: 'from the thread that unpacks it' },
  { pattern: /Freeing initrd memory: /, reason: 'from the same thread' },
  { pattern: /sclp_sd: Store Data request failed/, reason: 'from a thread of its own' },
  { pattern: /alg: self-tests for /, reason: 'from the threads that test algorithms' },
];

/** Kernel messages that come or not, as things happen to be done sooner or later. */
export const CHANCE: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: /hrtimer: interrupt took \d+ ns$/, reason: 'the longest timer interruption so far' },
  { pattern: /ADDRCONF\(NETDEV_CHANGE\): eth0: link/, reason: 'eth0 was up before its link was' },
];

/** The console's lines without what differs from boot to boot; those that move are left out. */
export function normalise(text: string): { lines: string[]; moving: string[] } {
  const lines: string[] = [];
  const moving: string[] = [];
  for (const line of text.replaceAll('\r', '').split('\n')) {
    let plain = line.trimEnd();
    for (const { pattern, replacement } of RULES) plain = plain.replace(pattern, replacement);
    const fits = ({ pattern }: { pattern: RegExp }) =>
      plain.startsWith('[] ') && pattern.test(plain);
    if (!CHANCE.some(fits)) (MOVING.some(fits) ? moving : lines).push(plain);
  }
  // QEMU's line-mode console writes the line feed before the line.
  while (lines[0] === '') lines.shift();
  while (lines.at(-1) === '') lines.pop();
  return { lines, moving: moving.sort() };
}

/** Lines that only one has: `-` those of `reference`, `+` those of `actual`; none when equal. */
export function differences(actual: string, reference: string): string[] {
  const ours = normalise(actual);
  const theirs = normalise(reference);
  return [...diff(ours.lines, theirs.lines), ...diff(ours.moving, theirs.moving)];
}

/** By a longest common subsequence of lines; the texts are a few hundred lines long. */
function diff(actual: readonly string[], reference: readonly string[]): string[] {
  const width = reference.length + 1;
  const common = new Uint32Array((actual.length + 1) * width);
  for (let i = actual.length - 1; i >= 0; i--) {
    for (let j = reference.length - 1; j >= 0; j--) {
      common[i * width + j] =
        actual[i] === reference[j]
          ? common[(i + 1) * width + j + 1] + 1
          : Math.max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  const result: string[] = [];
  let [i, j] = [0, 0];
  while (i < actual.length || j < reference.length) {
    if (i < actual.length && j < reference.length && actual[i] === reference[j]) {
      i++;
      j++;
    } else if (
      j < reference.length &&
      (i === actual.length || common[i * width + j + 1] >= common[(i + 1) * width + j])
    ) {
      result.push(`- ${reference[j++]}`);
    } else {
      result.push(`+ ${actual[i++]}`);
    }
  }
  return result;
}
