import { EINVAL, EPERM, ESRCH, SyscallError } from '../errno.ts';
import type { Credentials, Process, Session } from '../process.ts';
import { syscall } from '../syscall-table.ts';
import type { Syscall, SyscallContext } from '../syscall-table.ts';

/** The parent of a process without one: init. */
const INIT = 1;
const CAPABILITY_VERSION_3 = 0x2008_0522;

/** Who a process is: ids, groups, sessions. */
export const IDENTITY_SYSCALLS: readonly Syscall[] = [
  syscall(20, 'getpid', '', ({ process }) => process.pid),
  syscall(64, 'getppid', '', ({ process }) => process.parent?.pid ?? INIT),
  syscall(236, 'gettid', '', ({ thread }) => thread.tid),
  syscall(252, 'set_tid_address', 'address', ({ thread }, address) => {
    thread.clearChildTid = address;
    return thread.tid;
  }),
  syscall(57, 'setpgid', 'pid pid', setpgid),
  syscall(65, 'getpgrp', '', ({ process }) => process.pgid),
  syscall(132, 'getpgid', 'pid', (context, pid) => find(context, pid).pgid),
  syscall(147, 'getsid', 'pid', (context, pid) => find(context, pid).session.id),
  syscall(66, 'setsid', '', setsid),
  syscall(199, 'getuid', '', ({ process }) => process.credentials.uid),
  syscall(200, 'getgid', '', ({ process }) => process.credentials.gid),
  syscall(201, 'geteuid', '', ({ process }) => process.credentials.euid),
  syscall(202, 'getegid', '', ({ process }) => process.credentials.egid),
  syscall(203, 'setreuid', 'int int', ({ process }, real, effective) => {
    return setUser(process, real, effective, effective);
  }),
  syscall(204, 'setregid', 'int int', ({ process }, real, effective) => {
    return setGroup(process, real, effective, effective);
  }),
  syscall(205, 'getgroups', 'int address', ({ memory, process }, size, list) => {
    const { groups } = process.credentials;
    if (size === 0) return groups.length;
    if (size < groups.length) return -EINVAL;
    groups.forEach((group, i) => memory.set32(list + 4 * i, group));
    return groups.length;
  }),
  syscall(206, 'setgroups', 'int address', ({ memory, process }, size, list) => {
    if (process.credentials.euid !== 0) return -EPERM;
    process.credentials.groups = Array.from({ length: size }, (_, i) => memory.u32(list + 4 * i));
    return 0;
  }),
  syscall(208, 'setresuid', 'int int int', ({ process }, ...ids) => {
    return setUser(process, ids[0]!, ids[1]!, ids[2]!);
  }),
  syscall(209, 'getresuid', 'address address address', ({ memory, process }, ...at) => {
    const { uid, euid, suid } = process.credentials;
    [uid, euid, suid].forEach((id, i) => memory.set32(at[i]!, id));
    return 0;
  }),
  syscall(210, 'setresgid', 'int int int', ({ process }, ...ids) => {
    return setGroup(process, ids[0]!, ids[1]!, ids[2]!);
  }),
  syscall(211, 'getresgid', 'address address address', ({ memory, process }, ...at) => {
    const { gid, egid, sgid } = process.credentials;
    [gid, egid, sgid].forEach((id, i) => memory.set32(at[i]!, id));
    return 0;
  }),
  syscall(213, 'setuid', 'int', ({ process }, id) => {
    const privileged = process.credentials.euid === 0;
    return setUser(process, privileged ? id : -1, id, privileged ? id : -1);
  }),
  syscall(214, 'setgid', 'int', ({ process }, id) => {
    const privileged = process.credentials.euid === 0;
    return setGroup(process, privileged ? id : -1, id, privileged ? id : -1);
  }),
  syscall(215, 'setfsuid', 'int', ({ process }) => process.credentials.euid),
  syscall(216, 'setfsgid', 'int', ({ process }) => process.credentials.egid),
  syscall(184, 'capget', 'address address', capget),
  syscall(185, 'capset', 'address address', () => 0),
];

function find({ kernel, process }: SyscallContext, pid: number): Process {
  const found = pid === 0 ? process : kernel.processes.get(pid);
  if (!found) throw new SyscallError(ESRCH);
  return found;
}

function setpgid(context: SyscallContext, pid: number, pgid: number): number {
  const { kernel, process } = context;
  const target = find(context, pid);
  if (pgid < 0) return -EINVAL;
  if (target !== process && target.parent !== process) return -ESRCH;
  if (target.session !== process.session || target.session.id === target.pid) return -EPERM;
  const group = pgid === 0 ? target.pid : pgid;
  if (group !== target.pid) {
    const members = [...kernel.processes.values()].filter((member) => member.pgid === group);
    if (!members.some((member) => member.session === process.session)) return -EPERM;
  }
  target.pgid = group;
  return 0;
}

function setsid({ kernel, process }: SyscallContext): number {
  for (const other of kernel.processes.values()) if (other.pgid === process.pid) return -EPERM;
  const session: Session = { id: process.pid, terminal: undefined };
  kernel.sessions.set(session.id, session);
  process.session = session;
  process.pgid = process.pid;
  return process.pid;
}

/** Sets the user ids that are not -1, as far as the process may. */
function setUser(process: Process, real: number, effective: number, saved: number): number {
  const { uid, euid, suid } = process.credentials;
  if (!permitted(process, [real, effective, saved], [uid, euid, suid])) return -EPERM;
  const now: Credentials = process.credentials;
  if (real !== -1) now.uid = real;
  if (effective !== -1) now.euid = effective;
  if (saved !== -1) now.suid = saved;
  return 0;
}

function setGroup(process: Process, real: number, effective: number, saved: number): number {
  const { gid, egid, sgid } = process.credentials;
  if (!permitted(process, [real, effective, saved], [gid, egid, sgid])) return -EPERM;
  const now: Credentials = process.credentials;
  if (real !== -1) now.gid = real;
  if (effective !== -1) now.egid = effective;
  if (saved !== -1) now.sgid = saved;
  return 0;
}

function permitted(process: Process, wanted: number[], held: number[]): boolean {
  return process.credentials.euid === 0 || wanted.every((id) => id === -1 || held.includes(id));
}

function capget({ memory, process }: SyscallContext, header: number, data: number): number {
  if (memory.u32(header) !== CAPABILITY_VERSION_3) {
    memory.set32(header, CAPABILITY_VERSION_3);
    return data === 0 ? 0 : -EINVAL;
  }
  if (data === 0) return 0;
  // Two sets of effective, permitted and inheritable capabilities.
  const all = process.credentials.euid === 0 ? 0xffff_ffff : 0;
  for (let i = 0; i < 2; i++) {
    const known = i === 0 ? all : all & 0x1ff;
    memory.set32(data + 12 * i, known);
    memory.set32(data + 12 * i + 4, known);
    memory.set32(data + 12 * i + 8, 0);
  }
  return 0;
}
