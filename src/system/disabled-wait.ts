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

const PANIC = /Kernel panic - not syncing: (?<what>.*)/g;
const HALTED = /^(?<what>.*\S)\s+-- System halted/gm;
const EARLY_FAULT = /^Kernel fault: interruption code (?<what>[0-9a-f]{4})/gm;
const FACILITIES = /^Missing facilities: (?<what>.*)$/gm;

/** Whether a CPU with this mask waits for something that cannot happen. */
export function isDisabledWait(mask: bigint): boolean {
  return (mask & psw.PSW_WAIT) !== 0n && (mask & INTERRUPTIONS) === 0n;
}

/**
 * What a disabled wait means; Linux gives as the address the place in its code where it stopped,
 * so that what it said last tells more.
 * @param consoleText the end of the console's output
 */
export function describeDisabledWait({ mask, address }: FinalPsw, consoleText = ''): DisabledWait {
  if (address === QUIESCED) {
    return { kind: 'power-off', reason: 'the guest has shut down as it was asked to' };
  }
  if ((address & 0x7fff_ffffn) === MISSING_FACILITIES) {
    const reason = 'the kernel needs instructions that this machine does not have';
    return { kind: 'disabled-wait', reason };
  }
  const early = NEW_PSWS.find(([at]) => BigInt(at) === address);
  if (early) {
    const reason = `there was an interruption (${early[1]}) before the kernel was ready for any`;
    return { kind: 'disabled-wait', reason };
  }
  const panic = last(PANIC, consoleText);
  if (panic !== undefined) return { kind: 'panic', reason: `kernel panic: ${panic}` };
  const facilities = last(FACILITIES, consoleText);
  if (facilities !== undefined) {
    const reason = `the kernel needs facilities that this machine does not have: ${facilities}`;
    return { kind: 'disabled-wait', reason };
  }
  const halted = last(HALTED, consoleText);
  if (halted !== undefined) {
    return { kind: 'disabled-wait', reason: `the kernel could not be unpacked: ${halted}` };
  }
  if (mask === LINUX_WAIT && address >= KERNEL_PROPER) {
    const reason = 'the kernel stopped for good; its last console lines may say why';
    return { kind: 'panic', reason };
  }
  if (isLinux && address >= KERNEL_CODE) {
    const reason = 'the kernel stopped before it was unpacked; its last console lines may say why';
    return { kind: 'disabled-wait', reason };
  }
  return { kind: 'disabled-wait', reason: 'the CPU waits with all interruptions disabled' };
}

/** A PSW as people write it. */
export function formatPsw({ mask, address }: FinalPsw): string {
  return `${hex(mask, 16)} ${hex(address, 16)}`;
}

/** The last match's `what`. */
function last(pattern: RegExp, text: string): string | undefined {
  return [...text.matchAll(pattern)].at(-1)?.groups?.['what']?.trim();
}
