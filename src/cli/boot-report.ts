import { hex } from '../base/hex.ts';
import { formatPsw } from '../system/disabled-wait.ts';
import type { MachineEnd } from '../system/machine-options.ts';
import type { SavePoint } from './boot-options.ts';

/** Why js390 stopped the machine. */
export type Cause =
  | { readonly kind: 'keys' }
  | { readonly kind: 'signal'; readonly name: string; readonly number: number }
  /** Standard output takes no more. */
  | { readonly kind: 'closed'; readonly problem: string | undefined }
  | { readonly kind: 'save' };

/** How a machine ended. */
export interface Report {
  /** Exit status of js390. */
  readonly status: number;
  /** A line for people, where there is something to say. */
  readonly message?: string;
  /** The same for programs. */
  readonly json: ReportJson;
}

export interface ReportJson {
  readonly end: MachineEnd['kind'] | 'saved';
  readonly status: number;
  readonly reason?: string;
  /** Both in hexadecimal. */
  readonly psw?: { readonly mask: string; readonly address: string };
  /** How often a rule of the writeback API was broken, where that was audited. */
  readonly violations?: number;
}

type Crash = Extract<MachineEnd, { readonly reason: string }>;

const FAILED = 1;
const PANIC = 2;
/** What a shell makes of a program that SIGPIPE ended. */
const BROKEN_PIPE = 141;

export function reportOf(
  end: MachineEnd,
  cause: Cause | undefined,
  savePoint: SavePoint | undefined,
): Report {
  switch (end.kind) {
    case 'power-off':
      return poweredOff(savePoint);
    case 'panic':
    case 'disabled-wait':
      return crashed(end);
    default:
      return stopped(cause, savePoint);
  }
}

function poweredOff(savePoint: SavePoint | undefined): Report {
  const end = 'power-off';
  if (savePoint === undefined) return { status: 0, json: { end, status: 0 } };
  const reason = `the guest powered off before the console showed ${savePoint.pattern}; nothing was saved`;
  return { status: FAILED, message: reason, json: { end, status: FAILED, reason } };
}

function crashed({ kind, psw, reason }: Crash): Report {
  const { mask, address } = psw;
  return {
    status: PANIC,
    message: `the guest stopped: ${reason} (PSW ${formatPsw(psw)})`,
    json: {
      ...{ end: kind, status: PANIC, reason },
      psw: { mask: hex(mask, 16), address: hex(address, 16) },
    },
  };
}

function stopped(cause: Cause | undefined, savePoint: SavePoint | undefined): Report {
  switch (cause?.kind) {
    case 'save': {
      const reason = `the machine was saved to ${savePoint?.file}`;
      return { status: 0, message: reason, json: { end: 'saved', status: 0, reason } };
    }
    case 'signal': {
      const status = 128 + cause.number;
      const reason = `the machine was ended by ${cause.name}`;
      return { status, message: reason, json: { end: 'stopped', status, reason } };
    }
    case 'closed': {
      const status = cause.problem === undefined ? BROKEN_PIPE : FAILED;
      const reason = cause.problem ?? 'standard output was closed';
      const json: ReportJson = { end: 'stopped', status, reason };
      return cause.problem === undefined ? { status, json } : { status, message: reason, json };
    }
    default: {
      const reason = 'the machine was ended by Ctrl-A X';
      return { status: 0, message: reason, json: { end: 'stopped', status: 0, reason } };
    }
  }
}
