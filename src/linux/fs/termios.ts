import type { TerminalModes } from '../host.ts';
import type { UserMemory } from '../user-memory.ts';

/** Terminal mode bits (include/uapi/asm-generic/termbits.h). */
export const ICRNL = 0o400;
export const IGNCR = 0o200;
export const INLCR = 0o100;
export const IUTF8 = 0o40000;
export const OPOST = 1;
export const ONLCR = 4;
export const OCRNL = 0o10;
export const ISIG = 1;
export const ICANON = 2;
export const ECHO = 0o10;
export const ECHOE = 0o20;
export const ECHOK = 0o40;
export const ECHONL = 0o100;
export const NOFLSH = 0o200;
export const TOSTOP = 0o400;
export const ECHOCTL = 0o1000;
export const ECHOKE = 0o4000;
export const IEXTEN = 0o100000;

/** Indices of the control characters. */
export const VINTR = 0;
export const VQUIT = 1;
export const VERASE = 2;
export const VKILL = 3;
export const VEOF = 4;
export const VTIME = 5;
export const VMIN = 6;
export const VSUSP = 10;
export const VEOL = 11;
export const VWERASE = 14;
export const VLNEXT = 15;
export const VEOL2 = 16;
/** Control characters in the kernel's structure. */
export const NCCS = 19;

const BAUD_38400 = 0o17;

/** The modes of a terminal just opened (tty_std_termios). */
export function standardModes(): TerminalModes {
  const characters = new Uint8Array(NCCS);
  characters.set([3, 0x1c, 0x7f, 0x15, 4, 0, 1, 0, 0x11, 0x13, 0x1a, 0, 0x12, 0xf, 0x17, 0x16]);
  return { input: 0x500, output: 5, control: 0xbf, local: 0x8a3b, line: 0, characters };
}

/** struct termios of the kernel: 36 bytes, the last character at 35. */
export function writeTermios(memory: UserMemory, address: number, modes: TerminalModes): void {
  memory.writable(address, 36);
  memory.set32(address, modes.input);
  memory.set32(address + 4, modes.output);
  memory.set32(address + 8, modes.control);
  memory.set32(address + 12, modes.local);
  memory.set8(address + 16, modes.line);
  memory.write(address + 17, modes.characters.subarray(0, NCCS));
}

export function readTermios(memory: UserMemory, address: number): TerminalModes {
  return {
    input: memory.u32(address),
    output: memory.u32(address + 4),
    control: memory.u32(address + 8),
    local: memory.u32(address + 12),
    line: memory.u8(address + 16),
    characters: memory.bytes(address + 17, NCCS).slice(),
  };
}

/** struct termios2: a struct termios, then input and output speed in bits a second. */
export function writeTermios2(memory: UserMemory, address: number, modes: TerminalModes): void {
  memory.writable(address, 44);
  writeTermios(memory, address, modes);
  const speed = (modes.control & 0o10017) === BAUD_38400 ? 38400 : 9600;
  memory.set32(address + 36, speed);
  memory.set32(address + 40, speed);
}

export function sameModes(a: TerminalModes, b: TerminalModes): boolean {
  return (
    a.input === b.input &&
    a.output === b.output &&
    a.control === b.control &&
    a.local === b.local &&
    a.characters.every((character, i) => character === b.characters[i])
  );
}
