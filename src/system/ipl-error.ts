/** What the user gave that cannot be loaded. */
export type IplPart = 'kernel' | 'initrd' | 'command line';

/**
 * Something cannot be loaded. The message says why and what to do, without the name of the file:
 * `is not an s390x Linux kernel: ...`, which a sentence about {@link part} can begin with.
 */
export class IplError extends Error {
  readonly part: IplPart;

  constructor(part: IplPart, message: string) {
    super(message);
    this.part = part;
  }
}
