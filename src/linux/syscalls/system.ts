import type { SyscallResult } from '../block.ts';
import { EINVAL, ENOSYS, EPERM, ESRCH } from '../errno.ts';
import { UTS } from '../machine.ts';
import type { Limit, Process } from '../process.ts';
import { syscall } from '../syscall-table.ts';
import type { Syscall, SyscallContext } from '../syscall-table.ts';
import { byteString } from '../user-memory.ts';

const RLIMIT_STACK = 3;
const RLIMIT_CORE = 4;
const RLIMIT_NPROC = 6;
const RLIMIT_NOFILE = 7;
const RLIMIT_MEMLOCK = 8;
const RLIMITS = 16;
const PRIO_ORIGIN = 20;
const SCHED_FIFO = 1;
const SCHED_RR = 2;
/** glibc's affinity masks are read in doublewords; there is one CPU. */
const AFFINITY_BYTES = 8;
const MEMBARRIER_QUERY = 0;
/** Global, private expedited and their registrations: no thread ever runs beside another. */
const MEMBARRIER_COMMANDS = 1 | 2 | 4 | 8 | 16;

/** What the system is and allows. */
export const SYSTEM_SYSCALLS: readonly Syscall[] = [
  syscall(122, 'uname', 'address', uname),
  syscall(116, 'sysinfo', 'address', sysinfo),
  syscall(74, 'sethostname', 'string size', () => -EPERM),
  syscall(121, 'setdomainname', 'string size', () => -EPERM),
  syscall(103, 'syslog', 'int address int', () => -EPERM),
  syscall(75, 'setrlimit', 'int address', ({ memory, process }, resource, limit) =>
    setLimit(process, resource, readLimit(memory, limit)),
  ),
  syscall(191, 'getrlimit', 'int address', ({ memory, process }, resource, limit) => {
    if (resource < 0 || resource >= RLIMITS) return -EINVAL;
    writeLimit(memory, limit, limitOf(process, resource));
    return 0;
  }),
  syscall(334, 'prlimit64', 'pid int address address', prlimit),
  syscall(34, 'nice', 'int', () => 0),
  syscall(96, 'getpriority', 'int int', () => PRIO_ORIGIN),
  syscall(97, 'setpriority', 'int int int', () => 0),
  syscall(282, 'ioprio_set', 'int int int', () => 0),
  syscall(283, 'ioprio_get', 'int int', () => 0),
  syscall(136, 'personality', 'flags', ({ process }, wanted) => {
    const old = process.personality;
    if (wanted !== 0xffff_ffff) process.personality = wanted;
    return old;
  }),
  syscall(172, 'prctl', 'int long long long long', prctl),
  syscall(154, 'sched_setparam', 'pid address', () => 0),
  syscall(155, 'sched_getparam', 'pid address', ({ memory }, _pid, parameters) => {
    memory.set32(parameters, 0);
    return 0;
  }),
  syscall(156, 'sched_setscheduler', 'pid int address', () => 0),
  syscall(157, 'sched_getscheduler', 'pid', () => 0),
  // Asleep until the next round: everybody else has a turn first.
  syscall(158, 'sched_yield', '', (): SyscallResult => ({ poll: () => 0 })),
  syscall(159, 'sched_get_priority_max', 'int', (_, policy) => realTimePriority(policy, 99)),
  syscall(160, 'sched_get_priority_min', 'int', (_, policy) => realTimePriority(policy, 1)),
  syscall(161, 'sched_rr_get_interval', 'pid address', ({ memory }, _pid, interval) => {
    memory.set64(interval, 0);
    memory.set64(interval + 8, 100_000_000);
    return 0;
  }),
  syscall(239, 'sched_setaffinity', 'pid size address', () => 0),
  syscall(240, 'sched_getaffinity', 'pid size address', ({ memory }, _pid, size, mask) => {
    if (size < AFFINITY_BYTES) return -EINVAL;
    memory.set64(mask, 1);
    return AFFINITY_BYTES;
  }),
  syscall(311, 'getcpu', 'address address', ({ memory }, cpu, node) => {
    if (cpu !== 0) memory.set32(cpu, 0);
    if (node !== 0) memory.set32(node, 0);
    return 0;
  }),
  syscall(349, 'getrandom', 'out size flags', ({ kernel, memory }, buffer, size) => {
    const into = memory.writable(buffer, Math.min(size, 0x200_0000));
    kernel.random(into);
    return into.length;
  }),
  syscall(356, 'membarrier', 'int flags int', (_, command) => {
    if (command === MEMBARRIER_QUERY) return MEMBARRIER_COMMANDS;
    return command & ~MEMBARRIER_COMMANDS ? -EINVAL : 0;
  }),
  syscall(303, 'unshare', 'flags', () => -EPERM),
];

/** Calls that programs try and that are not carried out; rows only give them names in --strace. */
export const ABSENT_SYSCALLS: readonly Syscall[] = (
  [
    [26, 'ptrace'],
    [117, 'ipc'],
    [268, 'mbind'],
    [269, 'get_mempolicy'],
    [270, 'set_mempolicy'],
    [331, 'perf_event_open'],
    [348, 'seccomp'],
    [351, 'bpf'],
    [355, 'userfaultfd'],
    [378, 's390_guarded_storage'],
    [342, 's390_runtime_instr'],
    [383, 'rseq'],
    [384, 'pkey_mprotect'],
    [385, 'pkey_alloc'],
    [386, 'pkey_free'],
    [424, 'pidfd_send_signal'],
    [425, 'io_uring_setup'],
    [434, 'pidfd_open'],
    [435, 'clone3'],
    [440, 'process_madvise'],
    [444, 'landlock_create_ruleset'],
    [449, 'futex_waitv'],
  ] as const
).map(([number, name]) => syscall(number, name, 'address address address address', () => -ENOSYS));

function uname({ kernel, memory }: SyscallContext, buffer: number): number {
  const { sysname, release, version, machine, domainname } = UTS;
  const fields = [sysname, kernel.machine.hostName, release, version, machine, domainname];
  memory.writable(buffer, 65 * fields.length).fill(0);
  fields.forEach((text, i) => memory.write(buffer + 65 * i, byteString(text.slice(0, 64))));
  return 0;
}

function sysinfo({ kernel, memory }: SyscallContext, info: number): number {
  const { storage } = kernel.machine;
  memory.writable(info, 112).fill(0);
  memory.set64(info, Math.floor((kernel.now() - kernel.bootTime) / 1e9) + 1);
  memory.set64(info + 32, storage);
  memory.set64(info + 40, storage / 2);
  memory.set16(info + 80, kernel.threads.length);
  memory.set32(info + 104, 1);
  return 0;
}

/** The limit of a resource, also where none was ever set. */
export function limitOf(process: Process, resource: number): Limit {
  const limit = process.limits.get(resource);
  if (limit) return limit;
  switch (resource) {
    case RLIMIT_STACK:
      return { soft: 0x80_0000, hard: Infinity };
    case RLIMIT_CORE:
      return { soft: 0, hard: Infinity };
    case RLIMIT_NPROC:
      return { soft: 31_000, hard: 31_000 };
    case RLIMIT_NOFILE:
      return { soft: process.files.limit, hard: 524_288 };
    case RLIMIT_MEMLOCK:
      return { soft: 0x80_0000, hard: 0x80_0000 };
    default:
      return { soft: Infinity, hard: Infinity };
  }
}

function readLimit(memory: SyscallContext['memory'], at: number): Limit {
  const read = (where: number): number => {
    const value = memory.u64(where);
    return value === 0xffff_ffff_ffff_ffffn ? Infinity : Number(value);
  };
  return { soft: read(at), hard: read(at + 8) };
}

function writeLimit(memory: SyscallContext['memory'], at: number, { soft, hard }: Limit): void {
  memory.set64(at, soft === Infinity ? -1 : soft);
  memory.set64(at + 8, hard === Infinity ? -1 : hard);
}

function setLimit(process: Process, resource: number, limit: Limit): number {
  if (resource < 0 || resource >= RLIMITS || limit.soft > limit.hard) return -EINVAL;
  if (limit.hard > limitOf(process, resource).hard && process.credentials.euid !== 0) return -EPERM;
  process.limits.set(resource, limit);
  if (resource === RLIMIT_NOFILE) process.files.limit = limit.soft;
  return 0;
}

function prlimit(
  { kernel, memory, process }: SyscallContext,
  pid: number,
  resource: number,
  set: number,
  old: number,
): number {
  const target = pid === 0 ? process : kernel.processes.get(pid);
  if (!target) return -ESRCH;
  if (resource < 0 || resource >= RLIMITS) return -EINVAL;
  const previous = limitOf(target, resource);
  const limit = set === 0 ? undefined : readLimit(memory, set);
  if (old !== 0) writeLimit(memory, old, previous);
  return limit ? setLimit(target, resource, limit) : 0;
}

function realTimePriority(policy: number, priority: number): number {
  if (policy === SCHED_FIFO || policy === SCHED_RR) return priority;
  return policy >= 0 && policy <= 6 ? 0 : -EINVAL;
}

const PR_SET_PDEATHSIG = 1;
const PR_GET_PDEATHSIG = 2;
const PR_GET_DUMPABLE = 3;
const PR_SET_DUMPABLE = 4;
const PR_GET_KEEPCAPS = 7;
const PR_SET_KEEPCAPS = 8;
const PR_SET_NAME = 15;
const PR_GET_NAME = 16;
const PR_CAPBSET_READ = 23;
const PR_SET_TIMERSLACK = 29;
const PR_GET_TIMERSLACK = 30;
const PR_SET_CHILD_SUBREAPER = 36;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_GET_NO_NEW_PRIVS = 39;

function prctl(
  { memory, process, thread }: SyscallContext,
  option: number,
  argument: number,
): number {
  switch (option) {
    case PR_SET_PDEATHSIG:
      process.parentDeathSignal = argument;
      return 0;
    case PR_GET_PDEATHSIG:
      memory.set32(argument, process.parentDeathSignal);
      return 0;
    case PR_SET_NAME: {
      thread.name = nameAt(memory, argument);
      if (thread.tid === process.pid) process.name = thread.name;
      return 0;
    }
    case PR_GET_NAME:
      memory.write(argument, byteString(thread.name.padEnd(16, '\0').slice(0, 16)));
      return 0;
    case PR_GET_DUMPABLE:
    case PR_CAPBSET_READ:
      return 1;
    case PR_GET_TIMERSLACK:
      return 50_000;
    case PR_SET_DUMPABLE:
    case PR_GET_KEEPCAPS:
    case PR_SET_KEEPCAPS:
    case PR_SET_TIMERSLACK:
    case PR_SET_CHILD_SUBREAPER:
    case PR_SET_NO_NEW_PRIVS:
    case PR_GET_NO_NEW_PRIVS:
      return 0;
    default:
      return -EINVAL;
  }
}

function nameAt(memory: SyscallContext['memory'], at: number): string {
  let name = '';
  for (let i = 0; i < 15; i++) {
    const byte = memory.u8(at + i);
    if (byte === 0) break;
    name += String.fromCharCode(byte);
  }
  return name;
}
