import fs from 'node:fs';
import type { Host, HostStream } from '../../linux/host.ts';
import { NodeStream } from './terminal.ts';

/** Signals passed on to the guest, with Linux's numbers. */
const SIGNALS = [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGQUIT', 3],
  ['SIGUSR1', 10],
  ['SIGUSR2', 12],
  ['SIGTERM', 15],
  ['SIGCONT', 18],
  ['SIGTSTP', 20],
  ['SIGWINCH', 28],
] as const;

/** The outside world of a guest as Node offers it. */
export class NodeHost implements Host {
  readonly #streams: (NodeStream | undefined)[] = [];
  readonly #signals: number[] = [];
  #woken = false;
  #endWait: (() => void) | undefined;
  readonly #listeners: [name: NodeJS.Signals, listener: () => void][] = [];

  realtime(): bigint {
    // Both parts are multiples of a microsecond at best, so a number holds them exactly enough.
    const milliseconds = performance.timeOrigin + performance.now();
    return BigInt(Math.floor(milliseconds * 1000)) * 1000n;
  }

  monotonic(): number {
    return Math.floor((MONOTONIC_ORIGIN + performance.now()) * 1e6);
  }

  random(into: Uint8Array): void {
    if (randomDevice !== undefined) {
      let at = 0;
      while (at < into.length) at += fs.readSync(randomDevice, into, at, into.length - at, null);
      return;
    }
    // At most 65,536 bytes a call.
    for (let at = 0; at < into.length; at += 65_536) {
      crypto.getRandomValues(into.subarray(at, at + 65_536) as Uint8Array<ArrayBuffer>);
    }
  }

  stream(fd: 0 | 1 | 2): HostStream {
    return (this.#streams[fd] ??= new NodeStream(fd, () => this.wake()));
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#woken || milliseconds === 0 || this.#signals.length > 0) {
        this.#woken = false;
        setImmediate(resolve);
        return;
      }
      const end = (): void => {
        clearTimeout(timer);
        this.#endWait = undefined;
        this.#woken = false;
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      this.#endWait = end;
    });
  }

  wake(): void {
    this.#woken = true;
    this.#endWait?.();
  }

  takeSignals(): number[] {
    return this.#signals.length === 0 ? this.#signals : this.#signals.splice(0);
  }

  suspend(): void {
    process.kill(process.pid, 'SIGSTOP');
  }

  listenForSignals(listen: boolean): void {
    for (const [name, listener] of this.#listeners.splice(0)) process.off(name, listener);
    if (!listen) return;
    for (const [name, number] of SIGNALS) {
      const listener = (): void => {
        this.#signals.push(number);
        this.wake();
      };
      process.on(name, listener);
      this.#listeners.push([name, listener]);
    }
  }
}

/** Milliseconds to add to performance.now(), so that time counts from the machine's start. */
const MONOTONIC_ORIGIN = Number(process.hrtime.bigint() / 1000n) / 1000 - performance.now();

/** /dev/urandom: opening it takes 0.1 ms, loading Node's crypto module 8. */
const randomDevice = openRandomDevice();

function openRandomDevice(): number | undefined {
  try {
    return fs.openSync('/dev/urandom', 'r');
  } catch {
    return undefined;
  }
}
