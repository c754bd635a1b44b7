import { EAGAIN, EINVAL } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Process } from '../process.ts';
import type { SignalInfo, SignalSet } from '../signal.ts';
import { Description } from './description.ts';
import { POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from './flags.ts';
import type { FileStatus } from './host-files.ts';

const MOST = 2n ** 64n - 2n;

/** A file that stands for something to wait for (anon_inode). */
abstract class EventSource extends Description {
  override status(): FileStatus {
    return {
      ...{ device: 0xd, inode: 1, mode: 0o600, links: 1, uid: 0, gid: 0, special: 0 },
      ...{ size: 0, blockSize: 4096, blocks: 0, accessed: 0n, modified: 0n, changed: 0n },
    };
  }
}

/** A counter that readers take and writers add to (eventfd). */
export class EventCounter extends EventSource {
  #value: bigint;
  readonly #isSemaphore: boolean;

  constructor(value: bigint, isSemaphore: boolean, flags: number) {
    super('anon_inode:[eventfd]', flags);
    this.#value = value;
    this.#isSemaphore = isSemaphore;
  }

  override tryRead(into: Uint8Array): number {
    if (into.length < 8) return -EINVAL;
    if (this.#value === 0n) return -EAGAIN;
    const taken = this.#isSemaphore ? 1n : this.#value;
    this.#value -= taken;
    viewOf(into).setBigUint64(0, taken);
    return 8;
  }

  override tryWrite(from: Uint8Array): number {
    if (from.length < 8) return -EINVAL;
    const added = viewOf(from).getBigUint64(0);
    if (added > MOST) return -EINVAL;
    if (this.#value + added > MOST) return -EAGAIN;
    this.#value += added;
    return 8;
  }

  override poll(): number {
    const readable = this.#value > 0n ? POLLIN | POLLRDNORM : 0;
    return this.#value < MOST ? readable | POLLOUT | POLLWRNORM : readable;
  }
}

/** A timer that is read (timerfd). Times in nanoseconds of its clock. */
export class TimerFile extends EventSource {
  readonly #kernel: Kernel;
  readonly #isRealTime: boolean;
  #deadline = Infinity;
  #interval = 0;

  constructor(kernel: Kernel, isRealTime: boolean, flags: number) {
    super('anon_inode:[timerfd]', flags);
    this.#kernel = kernel;
    this.#isRealTime = isRealTime;
  }

  now(): number {
    return this.#isRealTime ? Number(this.#kernel.host.realtime()) : this.#kernel.now();
  }

  /** `first` of 0 stops it; relative to now unless `absolute`. */
  set(first: number, interval: number, absolute: boolean): void {
    this.#interval = interval;
    this.#deadline = first === 0 ? Infinity : absolute ? first : this.now() + first;
  }

  /** Time until it next runs out, 0 when stopped, and its interval. */
  get(): { readonly left: number; readonly interval: number } {
    if (this.#deadline === Infinity) return { left: 0, interval: this.#interval };
    const late = this.now() - this.#deadline;
    if (late < 0) return { left: -late, interval: this.#interval };
    const left = this.#interval === 0 ? 1 : this.#interval - (late % this.#interval);
    return { left, interval: this.#interval };
  }

  override tryRead(into: Uint8Array): number {
    if (into.length < 8) return -EINVAL;
    const late = this.now() - this.#deadline;
    if (!(late >= 0)) return -EAGAIN;
    const count = this.#interval === 0 ? 1 : 1 + Math.floor(late / this.#interval);
    this.#deadline = this.#interval === 0 ? Infinity : this.#deadline + count * this.#interval;
    viewOf(into).setBigUint64(0, BigInt(count));
    return 8;
  }

  override poll(): number {
    return this.now() >= this.#deadline ? POLLIN | POLLRDNORM : 0;
  }

  override nextEvent(now: number): number | undefined {
    return this.#deadline === Infinity ? undefined : now + (this.#deadline - this.now());
  }
}

/** Bytes of struct signalfd_siginfo. */
const SIGINFO_SIZE = 128;

/** Signals that are read instead of handled (signalfd): those of the process that made it. */
export class SignalFile extends EventSource {
  readonly #process: Process;
  mask: SignalSet;

  constructor(process: Process, mask: SignalSet, flags: number) {
    super('anon_inode:[signalfd]', flags);
    this.#process = process;
    this.mask = mask;
  }

  override tryRead(into: Uint8Array): number {
    if (into.length < SIGINFO_SIZE) return -EINVAL;
    let at = 0;
    while (at + SIGINFO_SIZE <= into.length) {
      const info = this.#take();
      if (!info) break;
      writeInfo(into.subarray(at, at + SIGINFO_SIZE), info);
      at += SIGINFO_SIZE;
    }
    return at === 0 ? -EAGAIN : at;
  }

  override poll(): number {
    return this.#queues().some((queue) => queue.set & this.mask) ? POLLIN | POLLRDNORM : 0;
  }

  #queues() {
    const { pending, threads } = this.#process;
    return [...[...threads.values()].map((thread) => thread.pending), pending];
  }

  #take(): SignalInfo | undefined {
    for (const queue of this.#queues()) {
      const info = queue.take(this.mask);
      if (info) return info;
    }
    return undefined;
  }
}

/** struct signalfd_siginfo (include/uapi/linux/signalfd.h). */
function writeInfo(into: Uint8Array, info: SignalInfo): void {
  into.fill(0);
  const view = viewOf(into);
  view.setUint32(0, info.signal);
  view.setInt32(4, info.errno ?? 0);
  view.setInt32(8, info.code);
  view.setUint32(12, info.pid ?? 0);
  view.setUint32(16, info.uid ?? 0);
  view.setUint32(24, info.timerId ?? 0);
  view.setUint32(32, info.overrun ?? 0);
  view.setInt32(40, info.status ?? 0);
  // union sigval: the int is the left half of the pointer.
  view.setInt32(44, Number(BigInt.asIntN(32, (info.value ?? 0n) >> 32n)));
  view.setBigUint64(48, BigInt.asUintN(64, info.value ?? 0n));
  view.setBigUint64(72, info.address ?? 0n);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
