import { SnapshotError, type Saved } from '../services.ts';

/** Reads what `save()` made: each method wants a field of one type, and a snapshot that has it. */
export class SavedRecord {
  readonly #fields: { readonly [name: string]: Saved };
  readonly #owner: string;

  /** @throws SnapshotError when `saved` is no object; `owner` names the part in the sentence */
  constructor(saved: Saved, owner: string) {
    this.#owner = owner;
    if (
      typeof saved !== 'object' ||
      saved === null ||
      Array.isArray(saved) ||
      saved instanceof Uint8Array
    ) {
      throw new SnapshotError(`the snapshot has no state of ${owner}`);
    }
    this.#fields = saved as { readonly [name: string]: Saved };
  }

  field(name: string): Saved {
    const value = this.#fields[name];
    return value === undefined ? this.#wrong(name) : value;
  }

  number(name: string): number {
    const value = this.field(name);
    return typeof value === 'number' ? value : this.#wrong(name);
  }

  bigint(name: string): bigint {
    const value = this.field(name);
    return typeof value === 'bigint' ? value : this.#wrong(name);
  }

  boolean(name: string): boolean {
    const value = this.field(name);
    return typeof value === 'boolean' ? value : this.#wrong(name);
  }

  bytes(name: string): Uint8Array {
    const value = this.field(name);
    return value instanceof Uint8Array ? value : this.#wrong(name);
  }

  list(name: string): readonly Saved[] {
    const value = this.field(name);
    return Array.isArray(value) ? (value as readonly Saved[]) : this.#wrong(name);
  }

  record(name: string): SavedRecord {
    return new SavedRecord(this.field(name), `${this.#owner}, ${name}`);
  }

  #wrong(name: string): never {
    throw new SnapshotError(`the snapshot's state of ${this.#owner} lacks "${name}"`);
  }
}
