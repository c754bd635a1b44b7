import { AddressSpace } from '../memory/user-space.ts';

/** How many unused address spaces are kept. */
const KEPT = 8;

/** Address spaces of ended processes, for new ones: reserving 2 GiB takes milliseconds. */
export class AddressSpacePool {
  readonly #free: AddressSpace[] = [];

  take(): AddressSpace {
    return this.#free.pop() ?? new AddressSpace();
  }

  /** Takes back a space that nobody uses any more. */
  give(space: AddressSpace): void {
    if (this.#free.length >= KEPT) return;
    space.codeListeners.clear();
    space.reset();
    this.#free.push(space);
  }
}
