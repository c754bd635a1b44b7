import type { Saved } from '../../../system/services.ts';

/** Bytes that an overlay has at once, or not at all. */
export const CLUSTER_SIZE = 0x1_0000;

/** Where an overlay keeps the clusters of the base that were written to. */
export interface Clusters {
  has(cluster: number): boolean;
  /** Of a cluster that is there, from `offset` in it. */
  read(cluster: number, offset: number, target: Uint8Array): void;
  write(cluster: number, offset: number, bytes: Uint8Array): void;
  /** Makes a cluster that is not there. `bytes` are all of it, and are kept. */
  add(cluster: number, bytes: Uint8Array): void;
  flush(): void;
  save(): Saved;
  /** @throws SnapshotError when these clusters cannot become what was saved */
  load(saved: Saved): void;
  close(): void;
}
