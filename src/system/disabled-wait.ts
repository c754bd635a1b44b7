import { hex } from '../base/hex.ts';
import { LOWCORE } from '../arch/lowcore.ts';
import * as psw from '../arch/psw.ts';

/** A PSW as a CPU ended with it. */
export interface FinalPsw {
  readonly mask: bigint;
  readonly address: bigint;
}

/** What a disabled wait means. */
export interface DisabledWait {
  /** `power-off`: the guest did what it was asked to; `panic`: Linux gave up; else unknown. */
  readonly kind: 'power-off' | 'panic' | 'disabled-wait';
  /** A clause for people: `the guest ...`. */
  readonly reason: string;
}

const INTERRUPTIONS = psw.PSW_IO | psw.PSW_EXTERNAL | psw.PSW_MACHINE_CHECK;
/** How Linux waits for good: 64-bit mode, and nothing else. */
const LINUX_WAIT = psw.PSW_WAIT | psw.PSW_EA | psw.PSW_BA;
/** Linux has shut down as a quiesce signal asked it to. */
const QUIESCED = 0xfffn;
/** Kernels before Linux 4 end so on machines without the instructions that they need. */
const MISSING_FACILITIES = 0x0bad_ccccn;
/** Linux' own code begins here, behind the prefix area, the IPL loader and the entry at 64 KiB. */
const KERNEL_CODE = 0x1_0000n;
/** The unpacking code of a Linux image ends below; the kernel is placed higher. */
const KERNEL_PROPER = 0x10_0000n;

/** New PSWs of the prefix area in which Linux stops what comes too early: each names itself. */
const NEW_PSWS: readonly (readonly [address: number, what: string])[] = [
  [LOWCORE.restartNewPsw, 'restart'],
  [LOWCORE.externalNewPsw, 'external'],
  [LOWCORE.svcNewPsw, 'supervisor-call'],
  [LOWCORE.programNewPsw, 'program'],
  [LOWCORE.machineCheckNewPsw, 'machine-check'],
  [LOWCORE.ioNewPsw, 'I/O'],
];

/** What Linux says before it stops, and what that means; a more telling one first. */
const LAST_WORDS: readonly (readonly [
  pattern: RegExp,
  kind: DisabledWait['kind'],
  reason: (what: string) => string,
])[] = [
  [/Kernel panic - not syncing: (.*)/g, 'panic', (what) => `kernel panic: ${what}`],
  [
    /^Missing facilities: (.*)$/gm,
    'disabled-wait',
    (bits) => `the kernel needs facilities that this machine does not have: ${bits}`,
  ],
  [
    /^(.*\S)\s+-- System halted/gm,
    'disabled-wait',
    (what) => `the kernel could not be unpacked: ${what}`,
  ],
  [
    /^Kernel fault: interruption code ([0-9a-f]{4})/gm,
    'disabled-wait',
    (code) =>
      `the kernel stopped at a program interruption (code ${code}) while it was unpacked; ` +
      'is memory too small?',
  ],
];

/** Whether a CPU with this mask waits for something that cannot happen. */
export function isDisabledWait(mask: bigint): boolean {
  return (mask & psw.PSW_WAIT) !== 0n && (mask & INTERRUPTIONS) === 0n;
}

/**
 * What a disabled wait means; Linux gives as the address the place in its code where it stopped,
 * so that what it said last tells more.
 * @param consoleText the end of the console's output
 */
export function describeDisabledWait(psw: FinalPsw, consoleText = ''): DisabledWait {
  return byAddress(psw.address) ?? byConsole(consoleText) ?? byPlace(psw);
}

/** Addresses that are not those of instructions. */
function byAddress(address: bigint): DisabledWait | undefined {
  if (address === QUIESCED) {
    return { kind: 'power-off', reason: 'the guest has shut down as it was asked to' };
  }
  if ((address & 0x7fff_ffffn) === MISSING_FACILITIES) {
    const reason = 'the kernel needs instructions that this machine does not have';
    return { kind: 'disabled-wait', reason };
  }
  const early = NEW_PSWS.find(([at]) => BigInt(at) === address);
  if (!early) return undefined;
  const reason = `there was an interruption (${early[1]}) before the kernel was ready for any`;
  return { kind: 'disabled-wait', reason };
}

function byConsole(text: string): DisabledWait | undefined {
  for (const [pattern, kind, reason] of LAST_WORDS) {
    const match = [...text.matchAll(pattern)].at(-1);
    if (match) return { kind, reason: reason(match[1]!.trim()) };
  }
  return undefined;
}

function byPlace({ mask, address }: FinalPsw): DisabledWait {
  // The condition code does not matter.
  const isLinux = (mask & ~psw.PSW_CC) === LINUX_WAIT;
  const look = 'its last console lines may say why';
  if (isLinux && address >= KERNEL_PROPER) {
    return { kind: 'panic', reason: `the kernel stopped for good; ${look}` };
  }
  if (isLinux && address >= KERNEL_CODE) {
    return { kind: 'disabled-wait', reason: `the kernel stopped before it was unpacked; ${look}` };
  }
  return { kind: 'disabled-wait', reason: 'the CPU waits with all interruptions disabled' };
}

/** A PSW as people write it. */
export function formatPsw({ mask, address }: FinalPsw): string {
  return `${hex(mask, 16)} ${hex(address, 16)}`;
}
