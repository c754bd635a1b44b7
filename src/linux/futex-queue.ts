import type { Thread } from './thread.ts';

/** One thread asleep in futex(2). */
export interface FutexWaiter {
  readonly thread: Thread;
  readonly bitset: number;
  /** Where it waits; requeueing changes it. */
  key: string;
  woken: boolean;
}

/** Sleepers by futex, in the order they came. */
export class FutexQueue {
  readonly #waiters = new Map<string, FutexWaiter[]>();

  add(waiter: FutexWaiter): void {
    const queue = this.#waiters.get(waiter.key);
    if (queue) queue.push(waiter);
    else this.#waiters.set(waiter.key, [waiter]);
  }

  remove(waiter: FutexWaiter): void {
    const queue = this.#waiters.get(waiter.key);
    const at = queue?.indexOf(waiter) ?? -1;
    if (at < 0) return;
    queue!.splice(at, 1);
    if (queue!.length === 0) this.#waiters.delete(waiter.key);
  }

  /** The first sleeper at `key`. */
  first(key: string): FutexWaiter | undefined {
    return this.#waiters.get(key)?.find(({ thread }) => !thread.ended);
  }

  /** Wakes up to `count` sleepers whose bit set meets `bitset`; returns how many. */
  wake(key: string, count: number, bitset = 0xffff_ffff): number {
    let woken = 0;
    for (const waiter of [...(this.#waiters.get(key) ?? [])]) {
      if (woken >= count) break;
      if (!(waiter.bitset & bitset) && !waiter.thread.ended) continue;
      this.remove(waiter);
      if (waiter.thread.ended) continue;
      waiter.woken = true;
      woken++;
    }
    return woken;
  }

  /** Moves up to `count` sleepers from one futex to another; returns how many. */
  requeue(from: string, to: string, count: number): number {
    let moved = 0;
    for (const waiter of [...(this.#waiters.get(from) ?? [])]) {
      if (moved >= count) break;
      this.remove(waiter);
      if (waiter.thread.ended) continue;
      waiter.key = to;
      this.add(waiter);
      moved++;
    }
    return moved;
  }
}
