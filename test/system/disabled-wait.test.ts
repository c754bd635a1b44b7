import { expect, test } from 'vitest';
import { describeDisabledWait, formatPsw, isDisabledWait } from '../../src/system/disabled-wait.ts';

const LINUX_WAIT = 0x0002_0001_8000_0000n;

/** The end of what Debian's kernel 6.1 wrote to QEMU's console when its init was not there. */
const PANIC = `[    3.713781] 
[    3.713891] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(1,0)
[    3.714147] CPU: 0 PID: 1 Comm: swapper/0 Not tainted 6.1.0-50-s390x #1  Debian 6.1.176-1
[    3.715174]  [<0000000000a31a4a>] ret_from_fork+0xa/0x40 
`;

/** What it wrote on a CPU without facilities 34 and 35. */
const FACILITIES = `The Linux kernel requires more recent processor hardware
Detected machine-type number: 8561
Missing facilities: 34,35
See Principles of Operations for facility bits
`;

/** What it wrote in 16 MiB of storage. */
const FAULT = `Kernel fault: interruption code 0005 ilc:2
Kernel random base: 0
PSW : 0000200180000000 0000000000015544 (dict_repeat+0x84/0xce)
`;

/** What it wrote when its file was cut off at 4,000,000 bytes. */
const CUT_OFF = `KASLR disabled: CPU has no PRNG


XZ-compressed data is corrupt

 -- System halted`;

test.each([
  ['wait, nothing enabled', LINUX_WAIT, true],
  ['wait, I/O enabled', LINUX_WAIT | (1n << 57n), false],
  ['wait, external interruptions enabled', LINUX_WAIT | (1n << 56n), false],
  ['wait, machine checks enabled', LINUX_WAIT | (1n << 50n), false],
  ['wait, DAT on', LINUX_WAIT | (1n << 58n), true],
  ['no wait', 0x1_8000_0000n, false],
])('a PSW with %s', (_, mask, disabled) => {
  expect(isDisabledWait(mask)).toBe(disabled);
});

// PSWs with which QEMU 7.2 said that these guests crashed.
test.each([
  [
    'a panic',
    0x10_fdeen,
    PANIC,
    'panic',
    'kernel panic: VFS: Unable to mount root fs on unknown-block(1,0)',
  ],
  [
    'missing facilities',
    0x1_1780n,
    FACILITIES,
    'disabled-wait',
    'the kernel needs facilities that this machine does not have: 34,35',
  ],
  [
    'a damaged image',
    0x1_1808n,
    CUT_OFF,
    'disabled-wait',
    'the kernel could not be unpacked: XZ-compressed data is corrupt',
  ],
  [
    'too little memory',
    0x1_5544n,
    FAULT,
    'disabled-wait',
    'the kernel stopped at a program interruption (code 0005) while it was unpacked; is memory too small?',
  ],
])("%s is told by the kernel's last words", (_, address, console, kind, reason) => {
  expect(describeDisabledWait({ mask: LINUX_WAIT, address }, console)).toEqual({ kind, reason });
});

test('lines that end with carriage returns make no difference', () => {
  const console = PANIC.replaceAll('\n', '\r\n');
  const { reason } = describeDisabledWait({ mask: LINUX_WAIT, address: 0x10_fdeen }, console);
  expect(reason).toBe('kernel panic: VFS: Unable to mount root fs on unknown-block(1,0)');
});

test('of several panics the last counts', () => {
  const console = `${PANIC}Kernel panic - not syncing: another\n`;
  const { reason } = describeDisabledWait({ mask: LINUX_WAIT, address: 0x10_fdeen }, console);
  expect(reason).toBe('kernel panic: another');
});

test.each([
  ['0xfff: Linux has shut down after a quiesce signal', 0xfffn, 'power-off', 'shut down'],
  ['0x0badcccc of kernels before 4.0', 0x0bad_ccccn, 'disabled-wait', 'instructions'],
  ['the program new PSW', 0x1d0n, 'disabled-wait', '(program)'],
  ['the external new PSW', 0x1b0n, 'disabled-wait', '(external)'],
  ['a place in the kernel', 0x3ff_ffe0_1234n, 'panic', 'its last console lines'],
  ['a place in the unpacking code', 0x1_2345n, 'disabled-wait', 'before it was unpacked'],
  ['a place in the kernel, condition code 2', 0x10_fdeen, 'panic', 'its last console lines'],
  ['nothing that is known', 0x4711n, 'disabled-wait', 'all interruptions disabled'],
])('without a console: %s', (what, address, kind, reason) => {
  const mask = LINUX_WAIT | (what.includes('code 2') ? 2n << 44n : 0n);
  const found = describeDisabledWait({ mask, address });
  expect(found.kind).toBe(kind);
  expect(found.reason).toContain(reason);
});

test('a PSW is written as sixteen digits twice', () => {
  expect(formatPsw({ mask: LINUX_WAIT, address: 0xfffn })).toBe(
    '0002000180000000 0000000000000fff',
  );
});
