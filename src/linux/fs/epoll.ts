import { ELOOP } from '../errno.ts';
import { Description } from './description.ts';
import { POLLERR, POLLHUP, POLLIN, POLLRDNORM } from './flags.ts';
import type { FileStatus } from './host-files.ts';

export const EPOLLONESHOT = 1 << 30;
export const EPOLLET = 0x8000_0000;
/** Bits of `events` that are not conditions: ET, ONESHOT, WAKEUP, EXCLUSIVE. */
const OPTIONS = 0xf000_0000;
/** Levels of epoll files watching epoll files (EP_MAX_NESTS). */
const DEEPEST = 4;

interface Interest {
  readonly fd: number;
  readonly file: Description;
  events: number;
  data: bigint;
  /** For EPOLLET: what was reported last, and the file's transfers at that time. */
  reported: number;
  activity: number;
}

export interface EpollEvent {
  readonly events: number;
  readonly data: bigint;
}

/**
 * A set of files to wait for (epoll). Edge-triggered files are reported when what is ready differs
 * from the last report, or when the program has read or written since: that never loses an edge,
 * and at worst reports one that the program has already seen.
 */
export class EpollFile extends Description {
  /** By descriptor and file: the number may come to mean another file. */
  readonly #interests: Interest[] = [];

  constructor(flags: number) {
    super('anon_inode:[eventpoll]', flags);
  }

  override status(): FileStatus {
    return {
      ...{ device: 0xd, inode: 2, mode: 0o600, links: 1, uid: 0, gid: 0, special: 0 },
      ...{ size: 0, blockSize: 4096, blocks: 0, accessed: 0n, modified: 0n, changed: 0n },
    };
  }

  find(fd: number, file: Description): Interest | undefined {
    return this.#interests.find((interest) => interest.fd === fd && interest.file === file);
  }

  /** @returns 0 or `-ELOOP`. */
  add(fd: number, file: Description, events: number, data: bigint): number {
    if (file instanceof EpollFile && (file.#reaches(this) || file.#depth() >= DEEPEST)) {
      return -ELOOP;
    }
    this.#interests.push({ fd, file, events, data, reported: 0, activity: -1 });
    return 0;
  }

  change(interest: Interest, events: number, data: bigint): void {
    interest.events = events;
    interest.data = data;
    interest.reported = 0;
    interest.activity = -1;
  }

  remove(interest: Interest): void {
    this.#interests.splice(this.#interests.indexOf(interest), 1);
  }

  files(): Description[] {
    return this.#open().map(({ file }) => file);
  }

  /** What is ready now, at most `most` events; they count as reported. */
  collect(most: number): EpollEvent[] {
    const found: EpollEvent[] = [];
    const open = this.#open();
    for (const interest of open) {
      if (found.length >= most) break;
      const ready = this.#ready(interest);
      if (interest.events & EPOLLET) {
        interest.reported = interest.file.poll() & this.#conditions(interest);
        interest.activity = interest.file.activity;
      }
      if (ready === 0) continue;
      if (interest.events & EPOLLONESHOT) interest.events &= OPTIONS;
      found.push({ events: ready, data: interest.data });
      // Moves to the end, so that busy files do not hide others from a small `most`.
      this.remove(interest);
      this.#interests.push(interest);
    }
    return found;
  }

  override poll(): number {
    const isReady = this.#open().some((interest) => this.#ready(interest) !== 0);
    return isReady ? POLLIN | POLLRDNORM : 0;
  }

  override nextEvent(now: number): number | undefined {
    const events = this.files().flatMap((file) => file.nextEvent(now) ?? []);
    return events.length > 0 ? Math.min(...events) : undefined;
  }

  /** Errors are always waited for, unless EPOLLONESHOT has switched everything off. */
  #conditions({ events }: Interest): number {
    const wanted = events & ~OPTIONS;
    return wanted === 0 && events & EPOLLONESHOT ? 0 : wanted | POLLERR | POLLHUP;
  }

  #ready(interest: Interest): number {
    const ready = interest.file.poll() & this.#conditions(interest);
    if (ready === 0 || !(interest.events & EPOLLET)) return ready;
    const isNew = ready !== interest.reported || interest.file.activity !== interest.activity;
    return isNew ? ready : 0;
  }

  /** Files closed everywhere drop out. */
  #open(): Interest[] {
    for (const interest of [...this.#interests]) if (!interest.file.isOpen) this.remove(interest);
    return [...this.#interests];
  }

  #reaches(other: EpollFile): boolean {
    return (
      this === other ||
      this.#interests.some(({ file }) => file instanceof EpollFile && file.#reaches(other))
    );
  }

  #depth(): number {
    const depths = this.#interests.map(({ file }) =>
      file instanceof EpollFile ? file.#depth() : 0,
    );
    return 1 + Math.max(0, ...depths);
  }
}
