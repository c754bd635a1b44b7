import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { openDrive, parseDrive, type HostDrive } from '../../src/host/node/drive.ts';
import { NODE_FILES, type FileLayer } from '../../src/host/node/file-layer.ts';
import * as fixtures from './drive-fixtures.ts';
import { BLOCK, CLUSTER, hostError, open, read } from './drive-fixtures.ts';

/** A block that says in each of its words which version it is. */
function version(number: number): Uint8Array {
  return new Uint8Array(new Uint32Array(BLOCK / 4).fill(number).buffer);
}

/** The version of each block; a block that is none is reported as -1. */
function versionsOf(drive: HostDrive): number[] {
  const { buffer } = read(drive, 0, drive.size);
  const words = new Uint32Array(buffer);
  return Array.from({ length: drive.size / BLOCK }, (_, block) => {
    const first = words[block * 128]!;
    return words.subarray(block * 128, block * 128 + 128).every((word) => word === first)
      ? first
      : -1;
  });
}

/** A base of version 1 everywhere. */
function makeBase(directory: string, clusters: number): string {
  const file = path.join(directory, 'disk.img');
  const words = new Uint32Array((clusters * CLUSTER) / 4).fill(1);
  fs.writeFileSync(file, new Uint8Array(words.buffer));
  return file;
}

/**
 * The real files, but that the power fails at the `failAt`th call that changes the overlay. Of what
 * was not synced then, any sector may be on the disk, or not.
 */
class PowerCut {
  readonly layer: FileLayer;
  #calls = 0;
  #unsynced: { readonly position: number; readonly bytes: Uint8Array }[] = [];
  #durable = new Uint8Array(0);

  constructor(overlay: string, failAt: number) {
    const overlays = new Set<number>();
    const step = (fd: number) => {
      if (overlays.has(fd) && ++this.#calls >= failAt) throw hostError('EIO');
    };
    this.layer = fixtures.files({
      open: (file, flags, mode) => {
        const fd = NODE_FILES.open(file, flags, mode);
        if (file === overlay && flags === 'r+') {
          overlays.add(fd);
          this.#durable = Uint8Array.from(fs.readFileSync(file));
        }
        return fd;
      },
      write: (fd, bytes, position) => {
        step(fd);
        this.#unsynced.push({ position, bytes: Uint8Array.from(bytes) });
        return NODE_FILES.write(fd, bytes, position);
      },
      syncData: (fd) => {
        step(fd);
        for (const write of this.#unsynced) this.#apply(write.position, write.bytes);
        this.#unsynced = [];
      },
    });
  }

  /** What may be on the disk after the cut. */
  remains(choose: (limit: number) => number): Uint8Array {
    const odds = 1 + choose(8);
    for (const { position, bytes } of this.#unsynced) {
      for (let at = 0; at < bytes.length; at += BLOCK) {
        if (choose(odds)) continue;
        this.#apply(position + at, bytes.subarray(at, at + BLOCK));
      }
    }
    return this.#durable;
  }

  #apply(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    if (end > this.#durable.length) {
      const grown = new Uint8Array(end);
      grown.set(this.#durable);
      this.#durable = grown;
    }
    this.#durable.set(bytes, position);
  }
}

describe('an overlay', () => {
  test('has after a power cut, at whatever moment, all that was flushed before', async () => {
    const directory = fixtures.temporaryDirectory();
    const overlay = path.join(directory, 'overlay');
    const text = `${makeBase(directory, 12)},overlay=${overlay}`;
    const choose = fixtures.chooser('power cuts');
    let next = 2;
    // What each block may be: what it was when it was flushed last, or was written since.
    let possible = Array.from({ length: 12 * 128 }, () => new Set([1]));
    (await open(text)).close();
    for (let round = 0; round < 150; round++) {
      const cut = new PowerCut(overlay, 1 + choose(60));
      const drive = await openDrive(parseDrive(text), { files: cut.layer });
      const found = versionsOf(drive);
      const wrong = found.findIndex((number, block) => !possible[block]!.has(number));
      expect(wrong, `block that is wrong after round ${round}`).toBe(-1);
      possible = found.map((number) => new Set([number]));
      const newest = [...found];
      try {
        while (true) {
          if (choose(6) === 0) {
            drive.flush();
            possible = newest.map((number) => new Set([number]));
            continue;
          }
          const block = choose(12 * 128);
          const count = Math.min(12 * 128 - block, 1 + choose(40));
          const numbers = Array.from({ length: count }, () => next++);
          for (const [i, number] of numbers.entries()) {
            possible[block + i]!.add(number);
            newest[block + i] = number;
          }
          drive.write(block * BLOCK, Buffer.concat(numbers.map(version)));
        }
      } catch (error) {
        expect((error as Error).message).toContain('input/output error');
      }
      expect(() => drive.close()).toThrow();
      fs.writeFileSync(overlay, cut.remains(choose));
      // Rounds that begin with an empty overlay are worth more than those in which it is full.
      if (choose(12) === 0) {
        fs.rmSync(overlay);
        (await open(text)).close();
        possible = possible.map(() => new Set([1]));
      }
    }
  });

  test('has all that was flushed when js390 is killed, and is not locked', async () => {
    const directory = fixtures.temporaryDirectory();
    const text = `${makeBase(directory, 64)},overlay=${path.join(directory, 'overlay')}`;
    const blocks = 64 * 128;
    /** Where a version is written. */
    const placeOf = (number: number) => (number * 2654435761) % blocks;
    const drive = new URL('../../src/host/node/drive.ts', import.meta.url).href;
    const program = `
      import fs from 'node:fs';
      import { openDrive, parseDrive } from '${drive}';
      const drive = await openDrive(parseDrive(process.env.DRIVE));
      for (let number = Number(process.env.FIRST); ; number++) {
        const block = (number * 2654435761) % ${blocks};
        drive.write(block * ${BLOCK}, new Uint8Array(new Uint32Array(${BLOCK / 4}).fill(number).buffer));
        if (number % 5) continue;
        drive.flush();
        fs.writeSync(1, number + '\\n');
      }`;
    let first = 2;
    const last: number[] = new Array<number>(blocks).fill(1);
    for (let run = 0; run < 4; run++) {
      const env = { ...process.env, DRIVE: text, FIRST: `${first}`, NODE_OPTIONS: '--no-warnings' };
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env });
      let errors = '';
      child.stderr.on('data', (bytes) => (errors += String(bytes)));
      let flushed = 0;
      for await (const line of createInterface(child.stdout)) {
        flushed = Number(line);
        if (flushed > first + 200) child.kill('SIGKILL');
      }
      expect(errors).toBe('');
      expect(flushed).toBeGreaterThan(first);

      for (let number = first; number <= flushed; number++) last[placeOf(number)] = number;
      const again = await open(text);
      for (const [block, number] of versionsOf(again).entries()) {
        if (number === last[block]) continue;
        // Only what was written after the last flush may be there instead.
        expect(number).toBeGreaterThan(flushed);
        expect(placeOf(number)).toBe(block);
        last[block] = number;
      }
      again.close();
      first = flushed + 1000;
    }
  });
});
