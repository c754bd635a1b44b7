import {
  KEY_ACCESS,
  KEY_FETCH,
  KEY_REFERENCE,
  type AbsoluteStorage,
} from '../../memory/absolute-storage.ts';
import { PAGE_SHIFT, PAGE_SIZE } from '../../memory/page.ts';
import { CHANNEL_PROGRAM_CHECK, CHANNEL_PROTECTION_CHECK } from './layout.ts';

/** Ends a channel program: `status` has the CHANNEL_ bits for the SCSW. */
export class ChannelCheck {
  readonly status: number;
  /** Address of the CCW that is to blame, when it is not the one being carried out. */
  ccwAddress: number | undefined;

  constructor(status: number) {
    this.status = status;
  }
}

export function programCheck(): never {
  throw new ChannelCheck(CHANNEL_PROGRAM_CHECK);
}

/** Storage as a channel program may access it: with its key, and errors as channel checks. */
export class ChannelStorage {
  readonly #storage: AbsoluteStorage;
  readonly #key: number;

  constructor(storage: AbsoluteStorage, key: number) {
    this.#storage = storage;
    this.#key = key;
  }

  /**
   * How many of `length` bytes at `at` can be accessed at once: those up to the page's end.
   * @throws ChannelCheck when there is no storage there, or it is protected
   */
  accessible(at: number, length: number, store: boolean): number {
    const within = Math.min(length, PAGE_SIZE - (at % PAGE_SIZE));
    if (!this.#storage.contains(at, within)) programCheck();
    const page = at >>> PAGE_SHIFT;
    const key = this.#storage.keys[page];
    // PoP, "Key-Controlled Protection".
    const matches = this.#key === 0 || (key & KEY_ACCESS) >>> 4 === this.#key;
    if (!matches && (store || key & KEY_FETCH)) throw new ChannelCheck(CHANNEL_PROTECTION_CHECK);
    this.#storage.keys[page] |= KEY_REFERENCE;
    return within;
  }

  /** A word of the channel program itself; aligned, so it is within a page. */
  word(at: number): number {
    this.accessible(at, 4, false);
    return this.#storage.read32(at);
  }

  /** The bytes at `at`, not copied; {@link accessible} said that they are. */
  slice(at: number, length: number): Uint8Array {
    return this.#storage.slice(at, length);
  }

  write(at: number, bytes: Uint8Array): void {
    this.#storage.write(at, bytes);
  }
}
