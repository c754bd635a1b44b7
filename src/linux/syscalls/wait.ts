import type { SyscallResult } from '../block.ts';
import { ECHILD, EINVAL } from '../errno.ts';
import type { Process } from '../process.ts';
import { SIGCHLD, SIGCONT } from '../signal.ts';
import type { SignalInfo } from '../signal.ts';
import { writeSiginfo } from '../signal-frame.ts';
import { syscall } from '../syscall-table.ts';
import type { Syscall, SyscallContext } from '../syscall-table.ts';
import {
  CLD_CONTINUED,
  CLD_DUMPED,
  CLD_EXITED,
  CLD_KILLED,
  CLD_STOPPED,
  CORE_DUMPED,
  reap,
} from '../tasks.ts';
import { writeRusage } from '../time-structs.ts';

const WNOHANG = 1;
const WSTOPPED = 2;
const WEXITED = 4;
const WCONTINUED = 8;
const WNOWAIT = 0x0100_0000;
const P_ALL = 0;
const P_PID = 1;
const P_PGID = 2;

/** Waiting for children. */
export const WAIT_SYSCALLS: readonly Syscall[] = [
  syscall(114, 'wait4', 'pid address flags address', wait4),
  syscall(281, 'waitid', 'int pid address flags address', waitid),
];

/** A child whose state changed, and how wait4 and waitid show it. */
interface Found {
  readonly child: Process;
  /** Wait status. */
  readonly status: number;
  readonly info: SignalInfo;
}

function wait4(
  context: SyscallContext,
  pid: number,
  statusAt: number,
  options: number,
  usage: number,
): SyscallResult {
  const { kernel, memory, process } = context;
  const own = process.pgid;
  const wanted = (child: Process): boolean =>
    pid === -1 || (pid > 0 ? child.pid === pid : child.pgid === (pid === 0 ? own : -pid));
  const kinds = (options & (WSTOPPED | WCONTINUED)) | WEXITED;
  return waitFor(context, wanted, kinds, options, ({ child, status }) => {
    if (statusAt !== 0) memory.set32(statusAt, status);
    if (usage !== 0) writeRusage(memory, usage, kernel.cpuTime(child) + child.childrenTime, 0);
    return child.pid;
  });
}

function waitid(
  context: SyscallContext,
  kind: number,
  id: number,
  infoAt: number,
  options: number,
  usage: number,
): SyscallResult {
  const { kernel, memory, process } = context;
  const kinds = options & (WEXITED | WSTOPPED | WCONTINUED);
  if (kinds === 0) return -EINVAL;
  if (kind !== P_ALL && kind !== P_PID && kind !== P_PGID) return -EINVAL;
  const group = id === 0 ? process.pgid : id;
  const wanted = (child: Process): boolean =>
    kind === P_ALL || (kind === P_PID ? child.pid === id : child.pgid === group);
  if (infoAt !== 0 && options & WNOHANG) memory.writable(infoAt, 128).fill(0);
  return waitFor(context, wanted, kinds, options, ({ child, info }) => {
    if (infoAt !== 0) writeSiginfo(memory, infoAt, info);
    if (usage !== 0) writeRusage(memory, usage, kernel.cpuTime(child) + child.childrenTime, 0);
    return 0;
  });
}

function waitFor(
  { kernel, process }: SyscallContext,
  wanted: (child: Process) => boolean,
  kinds: number,
  options: number,
  report: (found: Found) => number,
): SyscallResult {
  const poll = (): number | undefined => {
    let any = false;
    for (const child of process.children) {
      if (!wanted(child)) continue;
      any = true;
      const found = look(child, kinds, (options & WNOWAIT) !== 0);
      if (!found) continue;
      const result = report(found);
      if (!child.alive && !(options & WNOWAIT)) reap(kernel, child);
      return result;
    }
    if (!any) return -ECHILD;
    return options & WNOHANG ? 0 : undefined;
  };
  return poll() ?? { poll };
}

/** What there is to report of a child; reporting a stop or a continuation uses it up. */
function look(child: Process, kinds: number, keep: boolean): Found | undefined {
  const base = { signal: SIGCHLD, pid: child.pid, uid: child.credentials.uid };
  const { state } = child;
  switch (state.kind) {
    case 'zombie': {
      if (!(kinds & WEXITED)) return undefined;
      const { status } = state;
      const signal = status & 0x7f;
      const code = signal === 0 ? CLD_EXITED : status & CORE_DUMPED ? CLD_DUMPED : CLD_KILLED;
      return { child, status, info: { ...base, code, status: signal || status >> 8 } };
    }
    case 'stopped': {
      if (!(kinds & WSTOPPED) || state.reported) return undefined;
      if (!keep) state.reported = true;
      const { signal } = state;
      const info = { ...base, code: CLD_STOPPED, status: signal };
      return { child, status: (signal << 8) | 0x7f, info };
    }
    case 'continued':
      if (!(kinds & WCONTINUED)) return undefined;
      if (!keep) child.state = { kind: 'running' };
      return { child, status: 0xffff, info: { ...base, code: CLD_CONTINUED, status: SIGCONT } };
    case 'running':
      return undefined;
  }
}
