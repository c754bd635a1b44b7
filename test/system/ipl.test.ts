import { describe, expect, test } from 'vitest';
import { AbsoluteStorage } from '../../src/memory/absolute-storage.ts';
import { IplError, loadFlat, loadLinux, type LinuxOptions } from '../../src/system/ipl.ts';

const MIB = 0x10_0000;

/** A raw image as the kernel's build makes them: an IPL PSW, the entry point, the parameter area. */
function image({ size = 0x2_0000, maxCommandLine = 4096, version = 0x1_82b0 } = {}): Uint8Array {
  const bytes = Buffer.alloc(size, 0x07);
  bytes.write('0008000080000200', 0, 'hex');
  bytes.write('a7f4001000000000', 0x1_0000, 'hex');
  bytes.write('S390EP\0\x01', 0x1_0008, 'latin1');
  bytes.fill(0, 0x1_0400, 0x1_0480);
  bytes.writeBigUInt64BE(BigInt(version), 0x1_0428);
  bytes.writeBigUInt64BE(BigInt(maxCommandLine), 0x1_0430);
  bytes.write('root=/dev/ram0 ro\0', 0x1_0480, 'latin1');
  return bytes;
}

/** As {@link image}, of 2010: no mark, no parameters but the initial RAM disk's. */
function oldImage(): Uint8Array {
  const bytes = image({ version: 0, maxCommandLine: 0 });
  bytes.set([0x0d, 0xd0], 0x1_0000);
  bytes.fill(0x07, 0x1_0008, 0x1_0010);
  return bytes;
}

interface Segment {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly size?: number;
}

function elf(
  segments: readonly Segment[],
  { machine = 22, littleEndian = false, bits = 64, type = 2, entry = 0x1_0000 } = {},
): Uint8Array {
  const headers = 64 + 56 * segments.length;
  const header = Buffer.alloc(headers);
  header.write('\x7fELF', 0, 'latin1');
  header.set([bits === 64 ? 2 : 1, littleEndian ? 1 : 2, 1], 4);
  const put16 = (value: number, at: number): void => {
    if (littleEndian) header.writeUInt16LE(value, at);
    else header.writeUInt16BE(value, at);
  };
  put16(type, 16);
  put16(machine, 18);
  header.writeUInt32BE(1, 20);
  header.writeBigUInt64BE(BigInt(entry), 24);
  header.writeBigUInt64BE(64n, 32);
  put16(56, 54);
  put16(segments.length, 56);
  let offset = headers;
  segments.forEach(({ at, bytes, size = bytes.length }, i) => {
    const entryAt = 64 + 56 * i;
    header.writeUInt32BE(1, entryAt);
    // The virtual address is another than the physical one.
    const numbers = [offset, at + 0x1000_0000, at, bytes.length, size];
    numbers.forEach((number, j) => {
      header.writeBigUInt64BE(BigInt(number), entryAt + 8 + 8 * j);
    });
    offset += bytes.length;
  });
  return Buffer.concat([header, ...segments.map(({ bytes }) => bytes)]);
}

function load(options: Partial<LinuxOptions> = {}, memory = 32): AbsoluteStorage {
  const storage = new AbsoluteStorage(memory * MIB);
  const psw = loadLinux({ storage, kernel: image(), commandLine: '', ...options });
  expect(psw).toEqual({ mask: 0x1_8000_0000n, address: 0x1_0000 });
  return storage;
}

function failure(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof IplError) return `${error.part} ${error.message}`;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function text(storage: AbsoluteStorage, at: number, length: number): string {
  return Buffer.from(storage.slice(at, length)).toString('latin1');
}

describe('loading a Linux image', () => {
  test('puts it at 0, and the PSW at its entry point', () => {
    const kernel = image();
    const storage = load({ kernel });
    // But for the command line.
    expect(storage.slice(0, 0x1_0480)).toEqual(new Uint8Array(kernel.subarray(0, 0x1_0480)));
    expect(storage.slice(0x1_1480, 0xeb80)).toEqual(new Uint8Array(kernel.subarray(0x1_1480)));
    expect(storage.read64(0x1_0408)).toBe(0n);
  });

  test.each(['', 'console=ttyS0', 'x'.repeat(4095)])(
    'puts the command line in the place of the default one',
    (commandLine) => {
      const storage = load({ commandLine });
      expect(text(storage, 0x1_0480, commandLine.length + 1)).toBe(`${commandLine}\0`);
    },
  );

  test('refuses a command line that the kernel has no room for', () => {
    const old = { kernel: image({ maxCommandLine: 0 }) };
    load({ ...old, commandLine: 'x'.repeat(895) });
    expect(failure(() => load({ ...old, commandLine: 'x'.repeat(896) }))).toBe(
      'command line has 896 bytes; this kernel takes at most 895',
    );
    expect(failure(() => load({ commandLine: 'ä'.repeat(2048) }))).toBe(
      'command line has 4096 bytes; this kernel takes at most 4095',
    );
    expect(failure(() => load({ commandLine: 'a\0b' }))).toMatch('has a zero byte');
  });

  test('takes images of 2010 as well', () => {
    const storage = load({ kernel: oldImage(), commandLine: 'x'.repeat(895) });
    expect(storage.read16(0x1_0000)).toBe(0x0dd0);
  });

  // Places that QEMU 7.2 chose.
  test.each([
    [0x4d_5000, 0x80_0000],
    [0x6f_ffff, 0x80_0000],
    [0x70_0000, 0x80_0000],
    [0x70_0001, 0x90_0000],
    [0x80_0000, 0x90_0000],
    [0x90_0000, 0xa0_0000],
    [0x90_0001, 0xb0_0000],
    [0x123_4567, 0x140_0000],
  ])('with a kernel of %i bytes, the initial RAM disk goes to %i', (size, at) => {
    const initrd = Buffer.from('07070100');
    const storage = load({ kernel: image({ size }), initrd });
    expect(storage.read64(0x1_0408)).toBe(BigInt(at));
    expect(storage.read64(0x1_0410)).toBe(8n);
    expect(text(storage, at, 8)).toBe('07070100');
  });

  test('refuses what does not fit into memory, and says how much would do', () => {
    const initrd = new Uint8Array(25 * MIB);
    expect(failure(() => load({ initrd }))).toBe(
      'initrd does not fit into 32M of memory; give the machine more than 33M',
    );
    load({ initrd }, 33);
    expect(failure(() => load({ kernel: image({ size: 2 * MIB }) }, 1))).toBe(
      'kernel does not fit into 1M of memory; give the machine more than 2M',
    );
    expect(failure(() => load({ initrd: new Uint8Array(0) }))).toMatch('initrd is empty');
  });

  test('keeps off storage that the guest does not know of', () => {
    const initrd = new Uint8Array(10 * MIB);
    load({ initrd, memorySize: 18 * MIB });
    const error = failure(() => load({ initrd, memorySize: 17 * MIB }));
    expect(error).toMatch('does not fit into 17M');
  });

  test('tells of its progress', () => {
    const seen: [number, number][] = [];
    const kernel = image();
    const initrd = new Uint8Array(40 * MIB);
    load({ kernel, initrd, onProgress: (done, total) => seen.push([done, total]) }, 64);
    const total = kernel.length + initrd.length;
    const sizes = [0, 16 * MIB, 32 * MIB, 40 * MIB].map((size) => kernel.length + size);
    expect(seen).toEqual(sizes.map((size) => [size, total]));
  });
});

describe('what is no Linux kernel for s390x', () => {
  const random = Buffer.alloc(65_536);
  for (let i = 0, seed = 1; i < random.length; i++) {
    seed = Math.imul(seed, 69_069) + 1;
    random[i] = seed >>> 24;
  }
  const withText = (at: number, content: string, size = 0x2_0000): Uint8Array => {
    const bytes = Buffer.alloc(size);
    bytes.write(content, at, 'latin1');
    return bytes;
  };

  test.each([
    ['nothing', new Uint8Array(0), 'it is empty'],
    ['64 KiB of noise', random, 'it is too short'],
    ['more noise', Buffer.concat([random, random, random]), 'there is no entry point at 0x10000'],
    ['a short image', image().subarray(0, 0x1_0400), 'it is too short'],
    ['a gzip file', withText(0, '\x1f\x8b\x08'), 'it is compressed; unpack it with gunzip'],
    ['an xz file', withText(0, '\xfd7zXZ\0'), 'unpack it with unxz'],
    ['a zstd file', withText(0, '\x28\xb5\x2f\xfd'), 'unpack it with unzstd'],
    ['an initramfs', withText(0, '070701'), 'it is an initramfs; give it with --initrd'],
    ['a package', withText(0, '!<arch>\ndebian-binary'), 'it is a Debian package'],
    ['a bzImage for x86', withText(0x202, 'HdrS'), 'it is for x86'],
    ['an Image for AArch64', withText(0x38, 'ARM\x64'), 'it is for AArch64'],
    ['an x86-64 program', elf([], { machine: 62, littleEndian: true }), 'it is for x86-64'],
    ['a PowerPC kernel', elf([], { machine: 21 }), 'it is for 64-bit PowerPC'],
    ['little-endian s390', elf([], { littleEndian: true }), 'it is little-endian'],
    ['a 31-bit program', elf([], { bits: 32 }), 'it is a 31-bit program'],
    [
      'an ELF file that is entered elsewhere',
      elf([{ at: 0, bytes: image() }], { entry: 0x10_0000 }),
      'its entry point is 0x100000, not 0x10000; give vmlinuz or bzImage',
    ],
    [
      'an ELF file without the mark',
      elf([{ at: 0x1_0000, bytes: new Uint8Array(0x1000) }]),
      'there is no entry point at 0x10000; give vmlinuz or bzImage',
    ],
  ])('%s is refused with the reason', (_, kernel, reason) => {
    const message = failure(() => load({ kernel }));
    expect(message).toMatch('kernel is not an s390x Linux kernel: ');
    expect(message).toMatch(reason);
    expect(message).not.toMatch('\n');
  });

  test.each([
    ['an image that ends before its version', image({ version: 0x3_0000 }), 'is truncated'],
    ['an object file', elf([], { type: 1 }), 'is not a linked ELF executable'],
    ['an ELF header cut off', elf([]).subarray(0, 40), 'is truncated'],
    ['no program headers', elf([]), 'has no usable program headers; the file is damaged'],
    [
      'a segment cut off',
      elf([{ at: 0, bytes: image() }]).subarray(0, 0x1000),
      'is truncated; get it again',
    ],
    [
      'a segment beyond 2 GiB',
      elf([{ at: 0x8000_0000, bytes: new Uint8Array(1) }]),
      'has a segment at 0x80000000; storage ends below 2 GiB',
    ],
    [
      'a segment that is shorter in storage',
      elf([{ at: 0, bytes: new Uint8Array(8), size: 4 }]),
      'has a segment with more bytes in the file than in storage; the file is damaged',
    ],
    ['empty segments', elf([{ at: 0, bytes: new Uint8Array(0) }]), 'has nothing to load'],
  ])('%s is refused', (_, kernel, reason) => {
    expect(failure(() => load({ kernel }))).toMatch(`kernel ${reason}`);
  });

  test('an ELF file with any byte of its headers changed is loaded or refused', () => {
    const whole = elf([{ at: 0, bytes: image() }]);
    for (let at = 0; at < 64 + 56; at++) {
      for (const value of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
        const kernel = new Uint8Array(whole);
        kernel[at] = value;
        try {
          load({ kernel }, 2);
        } catch (error) {
          expect(error).toBeInstanceOf(IplError);
        }
      }
    }
  });
});

describe('loading an ELF kernel', () => {
  test('puts its segments at their physical addresses, and zeros behind them', () => {
    const kernel = elf([
      { at: 0, bytes: image() },
      { at: 0x10_0000, bytes: Buffer.from('data'), size: 0x1000 },
    ]);
    const storage = new AbsoluteStorage(16 * MIB);
    storage.fill(0, 16 * MIB, 0xff);
    loadLinux({ storage, kernel, initrd: Buffer.from('initrd'), commandLine: 'quiet' });
    expect(text(storage, 0x1_0480, 6)).toBe('quiet\0');
    expect(text(storage, 0x10_0000, 6)).toBe('data\0\0');
    expect(storage.read8(0x10_0fff)).toBe(0);
    expect(storage.read8(0x10_1000)).toBe(0xff);
    expect(storage.read64(0x1_0408)).toBe(0x80_0000n);
  });

  test('enters old ones, whose entry point is for another loader, where Linux is entered', () => {
    load({ kernel: elf([{ at: 0, bytes: image() }], { entry: 0x800 }) });
  });

  test('the space that it takes beyond its file keeps the initial RAM disk away', () => {
    const kernel = elf([{ at: 0, bytes: image(), size: 0x90_0001 }]);
    expect(load({ kernel, initrd: Uint8Array.of(1) }).read64(0x1_0408)).toBe(0xb0_0000n);
  });
});

describe('loading a program for the bare machine', () => {
  test('puts bytes where they are wanted', () => {
    const storage = new AbsoluteStorage(MIB);
    const program = Buffer.from('a7f40000', 'hex');
    expect(loadFlat({ storage, image: program, at: 0x2000 })).toEqual({
      ...{ mask: 0x1_8000_0000n, address: 0x2000 },
    });
    expect(storage.read32(0x2000)).toBe(0xa7f4_0000);
    expect(loadFlat({ storage, image: program, at: 0x2000, entry: 0x2002 }).address).toBe(0x2002);
  });

  test('puts ELF files where they are linked', () => {
    const storage = new AbsoluteStorage(MIB);
    const program = elf([{ at: 0x3000, bytes: Buffer.from('a7f40000', 'hex') }], { entry: 0x3000 });
    expect(loadFlat({ storage, image: program }).address).toBe(0x3000);
    expect(storage.read32(0x3000)).toBe(0xa7f4_0000);
  });

  test('refuses what does not fit', () => {
    const storage = new AbsoluteStorage(MIB);
    const program = new Uint8Array(16);
    expect(failure(() => loadFlat({ storage, image: program, at: MIB - 8 }))).toMatch(
      'does not fit into 1M of memory',
    );
    expect(failure(() => loadFlat({ storage, image: new Uint8Array(0) }))).toMatch('is empty');
  });
});
