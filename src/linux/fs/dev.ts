import { clearBytes } from '../../base/clear-bytes.ts';
import { ENOSPC, ENXIO } from '../errno.ts';
import { Description } from './description.ts';
import { S_IFCHR, makeDevice } from './flags.ts';
import type { FileStatus } from './host-files.ts';
import type { PseudoTerminals } from './pseudo-terminal.ts';
import { TerminalFile } from './terminal-file.ts';
import type { Terminal } from './terminal.ts';
import { directory, link, virtualStatus } from './virtual.ts';
import type { View, VirtualDirectory, VirtualFile } from './virtual.ts';

/** What reading and writing a memory device does; both answer as Description's. */
interface Device {
  read(into: Uint8Array): number;
  write(from: Uint8Array): number;
}

class DeviceFile extends Description {
  readonly #device: Device;
  readonly #status: FileStatus;

  constructor(path: string, flags: number, device: Device, status: FileStatus) {
    super(path, flags);
    this.#device = device;
    this.#status = status;
  }

  override status(): FileStatus {
    return this.#status;
  }

  override tryRead(into: Uint8Array): number {
    return this.#device.read(into);
  }

  override tryWrite(from: Uint8Array): number {
    return this.#device.write(from);
  }

  override readAt(into: Uint8Array, _position: number): number {
    return this.#device.read(into);
  }

  override writeAt(from: Uint8Array, _position: number): number {
    return this.#device.write(from);
  }

  override seek(_offset: number, _whence: number): number {
    return 0;
  }
}

/** A memory device (Linux's drivers/char/mem.c), major number 1. */
function memoryDevice(minor: number, device: (view: View) => Device): VirtualFile {
  const node: VirtualFile = {
    kind: 'file',
    mode: S_IFCHR | 0o666,
    special: makeDevice(1, minor),
    open: (view, flags, path) =>
      new DeviceFile(path, flags, device(view), virtualStatus(node, path, view)),
  };
  return node;
}

const takeAll = (from: Uint8Array): number => from.length;

function zeros(into: Uint8Array): number {
  clearBytes(into);
  return into.length;
}

function randomDevice(minor: number): VirtualFile {
  return memoryDevice(minor, ({ kernel }) => ({
    read(into) {
      kernel.random(into);
      return into.length;
    },
    write: takeAll,
  }));
}

/** /dev: what programs count on everywhere; anything else is the host's. */
export function deviceDirectory(
  terminals: PseudoTerminals,
  hostTerminal: () => Terminal | undefined,
): VirtualDirectory {
  const openTerminal = (terminal: Terminal | undefined, flags: number, path: string) =>
    terminal ? new TerminalFile(terminal, flags, path) : -ENXIO;

  const controlling: VirtualFile = {
    kind: 'file',
    mode: S_IFCHR | 0o666,
    special: makeDevice(5, 0),
    open({ process }, flags, path) {
      return openTerminal(process?.session.terminal as Terminal | undefined, flags, path);
    },
  };
  const multiplexer: VirtualFile = {
    kind: 'file',
    mode: S_IFCHR | 0o666,
    special: makeDevice(5, 2),
    open: ({ kernel }, flags) => terminals.open(flags, kernel.host.realtime()),
  };
  const pts: VirtualDirectory = {
    kind: 'directory',
    fallsThrough: true,
    names: () => [...terminals.numbers().map(String), 'ptmx'],
    lookup(name) {
      if (name === 'ptmx') return multiplexer;
      const own = hostTerminal();
      const terminal = own?.name === `/dev/pts/${name}` ? own : terminals.get(Number(name));
      return terminal && terminalNode(terminal);
    },
  };
  const fixed = directory(
    {
      null: memoryDevice(3, () => ({ read: () => 0, write: takeAll })),
      zero: memoryDevice(5, () => ({ read: zeros, write: takeAll })),
      full: memoryDevice(7, () => ({ read: zeros, write: () => -ENOSPC })),
      random: randomDevice(8),
      urandom: randomDevice(9),
      tty: controlling,
      ptmx: multiplexer,
      pts,
      fd: link(() => '/proc/self/fd'),
      stdin: link(() => '/proc/self/fd/0'),
      stdout: link(() => '/proc/self/fd/1'),
      stderr: link(() => '/proc/self/fd/2'),
    },
    { fallsThrough: true },
  );
  return {
    ...fixed,
    lookup(name, view) {
      const own = hostTerminal();
      return own?.name === `/dev/${name}` ? terminalNode(own) : fixed.lookup(name, view);
    },
  };
}

/** The device of a terminal. */
function terminalNode(terminal: Terminal): VirtualFile {
  const { mode, special } = terminal.status();
  return {
    kind: 'file',
    mode,
    special,
    status: () => terminal.status(),
    open: (_view, flags, path) => new TerminalFile(terminal, flags, path),
  };
}
