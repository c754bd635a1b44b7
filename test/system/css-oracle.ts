/**
 * The same I/O instructions on our channel subsystem and on QEMU's: a script of operations, and the
 * storage that it starts from. `css-guest.s` carries it out in QEMU, {@link Script.run} here.
 */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ProgramInterruption } from '../../src/cpu/interruption.ts';
import { AbsoluteStorage } from '../../src/memory/absolute-storage.ts';
import { ChannelSubsystem } from '../../src/system/css/channel-subsystem.ts';
import { notifyVirtioCcw } from '../../src/system/virtio/virtio-ccw.ts';
import type { VirtioDevice } from '../../src/system/virtio/virtio-device.ts';
import { VirtioCcw } from '../../src/system/virtio/virtio-ccw.ts';
import { TestSink } from './css-support.ts';

const QEMU = 'qemu-system-s390x';
export const hasQemuSystem = !spawnSync(QEMU, ['--version'], { stdio: 'ignore' }).error;

const GUEST = fileURLToPath(new URL('css-guest.s390x', import.meta.url));
const MEMORY = 64;
/** Operations begin here; each has 32 bytes. */
const OPERATIONS = 0x2_0000;
/** What is compared: from here to there. */
export const AREA = 0x3_0000;
const AREA_END = 0x20_0000;
const TIMEOUT = 20_000;

/** Operation numbers of css-guest.s. */
export const OP = {
  ssch: 1,
  tsch: 2,
  stsch: 3,
  msch: 4,
  csch: 5,
  hsch: 6,
  rsch: 7,
  xsch: 8,
  chsc: 9,
  notify: 10,
  wait: 11,
  stcrw: 12,
  rchp: 13,
  sal: 14,
  schm: 15,
  copy: 16,
} as const;

export type Operation = keyof typeof OP;

interface Step {
  readonly operation: Operation;
  readonly sid: number;
  readonly at: number;
  readonly more: number;
}

export interface Outcome {
  /** Operations and condition codes, or 0x100 + program-interruption code. */
  readonly codes: string[];
  readonly storage: Uint8Array;
}

export class Script {
  readonly steps: Step[] = [];
  /** What is in storage when it begins. */
  readonly storage = new Uint8Array(AREA_END);
  readonly view = new DataView(this.storage.buffer);

  /** Adds an operation; returns its number. */
  add(operation: Operation, sid: number, at = 0, more = 0): number {
    this.steps.push({ operation, sid, at, more });
    return this.steps.length - 1;
  }

  /** On our channel subsystem. */
  run(devices: (storage: AbsoluteStorage) => VirtioDevice[]): Outcome {
    const storage = new AbsoluteStorage(MEMORY << 20);
    const sink = new TestSink();
    const css = new ChannelSubsystem(storage, sink);
    devices(storage).forEach((device, i) => {
      css.attach(new VirtioCcw(`virtio.${i}`, device, storage, sink));
    });
    storage.write(0, this.storage);
    const codes = this.steps.map((step) => {
      try {
        return perform(css, storage, step);
      } catch (error) {
        if (error instanceof ProgramInterruption) return 0x100 | error.code;
        throw error;
      }
    });
    return { codes: this.#named(codes), storage: storage.slice(0, AREA_END).slice() };
  }

  /** In QEMU, with `-device` and other options for the devices. */
  async runInQemu(options: readonly string[]): Promise<Outcome> {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'js390-css-'));
    try {
      const image = path.join(directory, 'image');
      fs.writeFileSync(image, this.#image());
      const dump = path.join(directory, 'dump');
      await runQemu(image, dump, options, OPERATIONS + 32 * this.steps.length);
      const storage = new Uint8Array(AREA_END);
      storage.set(fs.readFileSync(dump), OPERATIONS);
      const view = new DataView(storage.buffer);
      const codes = this.steps.map(({ operation }, i) => {
        const at = OPERATIONS + 32 * i + 24;
        return operation === 'notify' ? view.getInt32(at + 4) : view.getUint32(at);
      });
      return { codes: this.#named(codes), storage };
    } finally {
      fs.rmSync(directory, { recursive: true });
    }
  }

  #named(codes: readonly number[]): string[] {
    return this.steps.map(({ operation, sid }, i) => {
      // These set no condition code: the guest stored the one before.
      const none = ['copy', 'wait', 'sal', 'schm'].includes(operation) && codes[i] < 4;
      return `${i}: ${operation} ${sid.toString(16)} ${none ? '-' : codes[i].toString(16)}`;
    });
  }

  #image(): Uint8Array {
    const image = this.storage.slice(OPERATIONS);
    const view = new DataView(image.buffer);
    this.steps.forEach(({ operation, sid, at, more }, i) => {
      view.setUint32(32 * i, OP[operation]);
      view.setUint32(32 * i + 4, sid);
      view.setBigUint64(32 * i + 8, BigInt(at));
      view.setBigUint64(32 * i + 16, BigInt(more));
    });
    if (OPERATIONS + 32 * (this.steps.length + 1) > AREA) throw new Error('too many operations');
    return image;
  }
}

function perform(css: ChannelSubsystem, storage: AbsoluteStorage, step: Step): number {
  const { operation, sid, at, more } = step;
  switch (operation) {
    case 'ssch':
      return css.startSubchannel(sid, storage.slice(at, 12));
    case 'tsch': {
      const { cc, irb } = css.testSubchannel(sid);
      if (irb) storage.write(at, irb);
      return cc;
    }
    case 'stsch': {
      const { cc, schib } = css.storeSubchannel(sid);
      if (schib) storage.write(at, schib);
      return cc;
    }
    case 'msch':
      return css.modifySubchannel(sid, storage.slice(at, 52));
    case 'csch':
      return css.clearSubchannel(sid);
    case 'hsch':
      return css.haltSubchannel(sid);
    case 'rsch':
      return css.resumeSubchannel(sid);
    case 'xsch':
      return css.cancelSubchannel(sid);
    case 'chsc': {
      const block = storage.slice(at, 4096).slice();
      const cc = css.channelSubsystemCall(block);
      storage.write(at, block);
      return cc;
    }
    case 'notify':
      return notifyVirtioCcw(css, sid, BigInt(more));
    case 'wait':
      return storage.read16(at) === more ? 0 : 0xfff;
    case 'stcrw': {
      const { cc, crw } = css.storeChannelReportWord();
      storage.write32(at, crw);
      return cc;
    }
    case 'rchp':
      return css.resetChannelPath(sid);
    case 'sal':
      css.setAddressLimit(sid);
      return 0;
    case 'schm':
      css.setChannelMonitor(sid, at);
      return 0;
    case 'copy':
      storage.write(at, storage.slice(more, 8));
      return 0;
  }
}

/** Starts QEMU, waits until the guest says that it is through, and dumps storage to a file. */
async function runQemu(
  image: string,
  dump: string,
  options: readonly string[],
  endMark: number,
): Promise<void> {
  const qemu = spawn(QEMU, [
    ...['-M', 's390-ccw-virtio', '-m', String(MEMORY), '-nodefaults', '-display', 'none'],
    ...['-kernel', GUEST, '-qmp', 'stdio', '-no-shutdown'],
    ...['-device', `loader,file=${image},addr=${OPERATIONS},force-raw=on`],
    ...options,
  ]);
  const limit = setTimeout(() => qemu.kill('SIGKILL'), TIMEOUT);
  let complaints = '';
  qemu.stderr.on('data', (bytes: Buffer) => (complaints += bytes.toString()));
  const lines = readline.createInterface(qemu.stdout)[Symbol.asyncIterator]();

  const ask = async (execute: string, parameters: object = {}): Promise<unknown> => {
    qemu.stdin.write(JSON.stringify({ execute, arguments: parameters }) + '\n');
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`QEMU ended, or did not: ${complaints}`);
      const answer = JSON.parse(value) as { return?: unknown; error?: unknown };
      if (answer.error) throw new Error(JSON.stringify(answer.error));
      if ('return' in answer) return answer.return;
    }
  };

  try {
    await ask('qmp_capabilities');
    const look = { 'command-line': `xp /1xw ${endMark + 24}` };
    while (!/: 0xffffffff/.test(String(await ask('human-monitor-command', look)))) await sleep(20);
    const size = AREA_END - OPERATIONS;
    await ask('pmemsave', { val: OPERATIONS, size, filename: dump });
  } finally {
    clearTimeout(limit);
    qemu.kill('SIGKILL');
  }
}
