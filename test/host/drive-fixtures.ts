import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import {
  openDrive,
  parseDrive,
  type DriveOptions,
  type HostDrive,
} from '../../src/host/node/drive.ts';
import { NODE_FILES, type FileLayer } from '../../src/host/node/file-layer.ts';
import { SeededRandom } from '../../src/host/node/seeded-random.ts';

export const BLOCK = 512;
export const CLUSTER = 0x1_0000;

/** A directory that is removed after the test. */
export function temporaryDirectory(): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'js390-drive-'));
  onTestFinished(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function random(seed: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  new SeededRandom(seed).fill(bytes);
  return bytes;
}

/** Numbers below a limit, from a seed. */
export function chooser(seed: string): (limit: number) => number {
  const source = new SeededRandom(seed);
  const bytes = new Uint8Array(4);
  return (limit) => {
    source.fill(bytes);
    return new DataView(bytes.buffer).getUint32(0) % limit;
  };
}

/** A file of random bytes; gives its path. */
export function makeImage(directory: string, size: number, name = 'disk.img'): string {
  const file = path.join(directory, name);
  fs.writeFileSync(file, random(file, size));
  return file;
}

/** Opens a drive, and closes it after the test if that was not done. */
export async function open(text: string, options?: DriveOptions): Promise<HostDrive> {
  const drive = await openDrive(parseDrive(text), options);
  onTestFinished(() => {
    try {
      drive.close();
    } catch {
      // The test made it fail.
    }
  });
  return drive;
}

export function read(drive: HostDrive, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  drive.read(offset, bytes);
  return bytes;
}

/** As toEqual(), which takes seconds for megabytes. */
export function expectBytes(bytes: Uint8Array, expected: Uint8Array): void {
  expect(bytes.length).toBe(expected.length);
  const different = bytes.findIndex((byte, i) => byte !== expected[i]);
  expect(different, 'offset of the first byte that is different').toBe(-1);
}

/** An error as node:fs throws it. */
export function hostError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code });
}

/** The real files, with some calls replaced. */
export function files(replaced: Partial<FileLayer>): FileLayer {
  return { ...NODE_FILES, ...replaced };
}
