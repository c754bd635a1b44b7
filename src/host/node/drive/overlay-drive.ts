import type { Saved } from '../../../system/services.ts';
import { checkBase, checkRange, type HostDrive, type SavedDrive } from './host-drive.ts';
import { CLUSTER_SIZE, type Clusters } from './clusters.ts';
import type { RawDrive } from './raw-drive.ts';

/** A drive that keeps what is written apart from its base, which is only read. */
export class OverlayDrive implements HostDrive {
  readonly name: string;
  readonly size: number;
  readonly readOnly = false;
  readonly #base: RawDrive;
  readonly #clusters: Clusters;
  #closed = false;

  constructor(base: RawDrive, clusters: Clusters) {
    this.name = base.name;
    this.size = base.size;
    this.#base = base;
    this.#clusters = clusters;
  }

  read(offset: number, target: Uint8Array): void {
    checkRange(this, offset, target.length);
    /** From here on up to the cluster at hand, everything is the base's. */
    let pending = 0;
    for (const { cluster, start, from, to } of parts(offset, target.length)) {
      if (!this.#clusters.has(cluster)) continue;
      this.#readBase(offset, target.subarray(0, from), pending);
      this.#clusters.read(cluster, start, target.subarray(from, to));
      pending = to;
    }
    this.#readBase(offset, target, pending);
  }

  write(offset: number, bytes: Uint8Array): void {
    checkRange(this, offset, bytes.length);
    for (const { cluster, start, from, to } of parts(offset, bytes.length)) {
      const part = bytes.subarray(from, to);
      if (this.#clusters.has(cluster)) {
        this.#clusters.write(cluster, start, part);
        continue;
      }
      const whole = new Uint8Array(CLUSTER_SIZE);
      const at = cluster * CLUSTER_SIZE;
      const length = Math.min(CLUSTER_SIZE, this.size - at);
      if (part.length < length) this.#base.read(at, whole.subarray(0, length));
      whole.set(part, start);
      this.#clusters.add(cluster, whole);
    }
  }

  flush(): void {
    this.#clusters.flush();
  }

  save(): SavedDrive {
    return { base: this.#base.save().base, written: this.#clusters.save() };
  }

  load(saved: Saved): void {
    this.#clusters.load(checkBase(this.name, saved, this.#base.save().base).written);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.flush();
    } finally {
      this.#clusters.close();
      this.#base.close();
    }
  }

  #readBase(offset: number, target: Uint8Array, from: number): void {
    if (from < target.length) this.#base.read(offset + from, target.subarray(from));
  }
}

/** The clusters that `length` bytes at `offset` are in: the bytes `[from, to)`, at `start` there. */
function* parts(offset: number, length: number) {
  for (let from = 0; from < length;) {
    const cluster = Math.floor((offset + from) / CLUSTER_SIZE);
    const start = (offset + from) % CLUSTER_SIZE;
    const to = Math.min(length, from + CLUSTER_SIZE - start);
    yield { cluster, start, from, to };
    from = to;
  }
}
