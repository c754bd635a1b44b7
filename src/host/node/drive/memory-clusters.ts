import { SnapshotError, type Saved } from '../../../system/services.ts';
import { CLUSTER_SIZE, type Clusters } from './clusters.ts';

type SavedClusters = {
  readonly numbers: readonly number[];
  /** The cluster of each number. */
  readonly data: readonly Uint8Array[];
};

/** Clusters in memory, gone at the end but for snapshots. */
export class MemoryClusters implements Clusters {
  readonly #name: string;
  /** How many the drive has at most. */
  readonly #count: number;
  #clusters = new Map<number, Uint8Array>();

  /** @param size of the drive, in bytes */
  constructor(name: string, size: number) {
    this.#name = name;
    this.#count = Math.ceil(size / CLUSTER_SIZE);
  }

  has(cluster: number): boolean {
    return this.#clusters.has(cluster);
  }

  read(cluster: number, offset: number, target: Uint8Array): void {
    target.set(this.#clusters.get(cluster)!.subarray(offset, offset + target.length));
  }

  write(cluster: number, offset: number, bytes: Uint8Array): void {
    this.#clusters.get(cluster)!.set(bytes, offset);
  }

  add(cluster: number, bytes: Uint8Array): void {
    this.#clusters.set(cluster, bytes);
  }

  flush(): void {}

  save(): SavedClusters {
    return {
      numbers: [...this.#clusters.keys()],
      data: [...this.#clusters.values()].map((bytes) => new Uint8Array(bytes)),
    };
  }

  /** Also takes what a drive saved that wrote to its file, as nothing over the base. */
  load(saved: Saved): void {
    const { numbers, data } = (saved ?? { numbers: [], data: [] }) as Partial<SavedClusters>;
    if (!Array.isArray(numbers) || !Array.isArray(data)) {
      const fix = 'resume with the same overlay';
      throw new SnapshotError(`drive ${this.#name} had an overlay in a file; ${fix}`);
    }
    const clusters = new Map<number, Uint8Array>();
    for (const [i, number] of numbers.entries()) {
      const bytes: unknown = data[i];
      const fits = bytes instanceof Uint8Array && bytes.length === CLUSTER_SIZE;
      if (!fits || !Number.isInteger(number) || number < 0 || number >= this.#count) {
        throw new SnapshotError(`the snapshot's state of drive ${this.#name} is not well-formed`);
      }
      clusters.set(number, new Uint8Array(bytes));
    }
    this.#clusters = clusters;
  }

  close(): void {}
}
