import { DEFAULT_CPU_MODEL, cpuModel, facilityList, noCpuModel } from '../../arch/cpu-model.ts';
import { CpuState } from '../../cpu/state.ts';
import { Engine } from '../../engine/engine.ts';
import type { Backend, EngineOptions, SwitchName } from '../../engine/options.ts';
import { Statistics } from '../../engine/statistics.ts';
import type { GuestEngine } from '../../linux/guest-engine.ts';
import type { HostStream } from '../../linux/host.ts';
import { hwcap } from '../../linux/hwcap.ts';
import type { Process } from '../../linux/process.ts';
import { SI_USER } from '../../linux/signal.ts';
import { LinuxSystem } from '../../linux/system.ts';
import { Strace } from '../../linux/strace.ts';
import type { Thread } from '../../linux/thread.ts';
import { NodeFiles } from './file-system.ts';
import { NodeHost } from './node-host.ts';
import { OutputStream, InputStream } from './memory-stream.ts';
import { SeededRandom } from './seeded-random.ts';

export interface GuestOptions {
  /** Arguments after the program's name. */
  readonly arguments?: readonly string[];
  /** argv[0]; the default is the program's path. */
  readonly name?: string;
  /** The guest's environment; the default is this process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Directory in which guest paths are looked up first, as qemu's -L. */
  readonly sysroot?: string;
  /** Where relative paths start; the default is this process's current directory. */
  readonly directory?: string;
  readonly backend?: Backend;
  /** The name of one of `CPU_MODELS`; the default is the newest. */
  readonly cpu?: string;
  /** Passes and optimisations switched off. */
  readonly disabledPasses?: ReadonlySet<SwitchName>;
  /** Seeds what getrandom(2), /dev/urandom and AT_RANDOM give, so that runs can be repeated. */
  readonly seed?: string;
  /** Standard input; the default is this process's. */
  readonly input?: string | Uint8Array;
  /** Receives standard output (1) and error (2); the default is this process's streams. */
  readonly onOutput?: (fd: 1 | 2, bytes: Uint8Array) => void;
  /** Called when the program is about to end, while registers and storage can still be read. */
  readonly onExit?: (guest: Guest) => void;
  /** Receives a line for every system call. */
  readonly onSystemCall?: (line: string) => void;
  /** Passes signals that this process gets on to the guest; without it they act as always. */
  readonly forwardSignals?: boolean;
  /** More options for every engine, and a look at each when it is made: for tools. */
  readonly engine?: EngineOptions;
  readonly onEngine?: (engine: Engine) => void;
  /** Counts guest instructions in generated code too, which costs a few per cent. */
  readonly countInstructions?: boolean;
}

/** How a program ended. */
export interface GuestStatus {
  /** Exit status; for a program ended by signal N, 128 + N, as in a shell. */
  readonly code: number;
  /** The signal that ended it. */
  readonly signal: number | undefined;
}

/** Registers by the names of the Principles of Operation. */
export interface GuestRegisters {
  readonly gr: readonly bigint[];
  readonly ar: readonly number[];
  readonly fpr: readonly bigint[];
  readonly fpc: number;
  readonly psw: { readonly mask: bigint; readonly address: bigint };
}

/** An option's value is not one that there is. */
export class OptionError extends Error {}

/** A Linux s390x program, loaded and ready to run. */
export class Guest {
  readonly #system: LinuxSystem;
  readonly #process: Process;
  readonly #statistics: Statistics[];
  #thread: Thread | undefined;

  private constructor(system: LinuxSystem, process: Process, statistics: Statistics[]) {
    this.#system = system;
    this.#process = process;
    this.#statistics = statistics;
  }

  /**
   * Loads the program at a guest path.
   * @throws OptionError; ElfError when the file is no s390x program; SyscallError otherwise
   */
  static load(program: string, options: GuestOptions = {}): Guest {
    const model = options.cpu === undefined ? DEFAULT_CPU_MODEL : cpuModel(options.cpu);
    if (!model) throw new OptionError(noCpuModel(options.cpu!));
    const facilities = facilityList(model);
    const engineOptions: EngineOptions = {
      facilities,
      hasFacility: (bit) => model.facilities.includes(bit),
      ...(options.backend ? { backend: options.backend } : {}),
      ...(options.disabledPasses ? { disabledPasses: options.disabledPasses } : {}),
      ...(options.countInstructions ? { countInstructions: true } : {}),
      ...options.engine,
    };
    const statistics: Statistics[] = [];
    const track = (engine: Engine): GuestEngine => {
      statistics.push(engine.statistics);
      options.onEngine?.(engine);
      return {
        state: engine.state,
        run: (budget) => engine.run(budget),
        fork: (memory) => track(engine.fork(memory)),
      };
    };
    const random = options.seed === undefined ? undefined : new SeededRandom(options.seed);
    const host = new GuestHost(options);
    const running: { guest?: Guest } = {};
    const system = new LinuxSystem({
      host,
      files: new NodeFiles(),
      sysroot: options.sysroot === undefined ? undefined : toBytes(options.sysroot),
      makeEngine: (memory) => track(new Engine(memory, new CpuState(), engineOptions)),
      machine: {
        hwcap: hwcap(facilities),
        platform: model.platform,
        hostName: 'js390',
        storage: 0x8000_0000,
      },
      ...(random ? { random: (into: Uint8Array) => random.fill(into) } : {}),
      ...(options.onSystemCall ? { tracer: new Strace(options.onSystemCall) } : {}),
      processEnds: (process, thread) => {
        const { guest } = running;
        if (guest === undefined || process !== guest.#process) return;
        guest.#thread = thread;
        options.onExit?.(guest);
      },
    });
    const { environment = process.env } = options;
    const first = system.start({
      program: toBytes(program),
      arguments: [options.name ?? program, ...(options.arguments ?? [])].map(toBytes),
      environment: Object.entries(environment).flatMap(([name, value]) =>
        value === undefined ? [] : [toBytes(`${name}=${value}`)],
      ),
      directory: toBytes(options.directory ?? process.cwd()),
      credentials: ownCredentials(),
      umask: process.umask(),
    });
    running.guest = new Guest(system, first, statistics);
    return running.guest;
  }

  /** Runs the program to its end. Child processes it leaves behind end with it. */
  async run(): Promise<GuestStatus> {
    const status = await this.#system.run(this.#process);
    const signal = status & 0x7f;
    return signal === 0
      ? { code: (status >> 8) & 0xff, signal: undefined }
      : { code: 128 + signal, signal };
  }

  /** Sends a signal, by Linux's number, as kill(1) does; returns at once. */
  kill(signal: number): void {
    const { kernel } = this.#system;
    kernel.signalProcess(this.#process, { signal, code: SI_USER, pid: 0, uid: 0 });
    kernel.host.wake();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Registers of the first thread, or in `onExit` of the one that ended the program. */
  registers(): GuestRegisters {
    const [first] = this.#process.threads.values();
    const thread = this.#thread ?? first;
    if (!thread || thread.ended)
      throw new OptionError('the program has ended; read its registers in onExit');
    const state = this.#system.kernel.registers(thread);
    const all = <T>(read: (r: number) => T): T[] => Array.from({ length: 16 }, (_, r) => read(r));
    return {
      gr: all((r) => state.gr(r)),
      ar: all((r) => state.ar(r)),
      fpr: all((r) => state.fpr(r)),
      fpc: state.fpc,
      psw: { mask: state.pswMask, address: BigInt(state.ia) },
    };
  }

  /**
   * A copy of the program's storage.
   * @throws SyscallError EFAULT where nothing readable is mapped
   */
  readMemory(address: number, length: number): Uint8Array {
    return this.#process.mm.memory.bytes(address, length).slice();
  }

  /** What the engines of all processes counted so far. */
  get statistics(): Statistics {
    const sum = new Statistics();
    for (const part of this.#statistics) sum.add(part);
    return sum;
  }
}

/** The host, with streams that hooks stand behind. */
class GuestHost extends NodeHost {
  readonly #streams: (HostStream | undefined)[];
  readonly #forwardSignals: boolean;

  constructor({ input, onOutput, forwardSignals = false }: GuestOptions) {
    super();
    this.#forwardSignals = forwardSignals;
    this.#streams = [
      input === undefined ? undefined : new InputStream(input),
      onOutput && new OutputStream((bytes) => onOutput(1, bytes)),
      onOutput && new OutputStream((bytes) => onOutput(2, bytes)),
    ];
  }

  override listenForSignals(listen: boolean): void {
    if (this.#forwardSignals) super.listenForSignals(listen);
  }

  override stream(fd: 0 | 1 | 2): HostStream {
    return this.#streams[fd] ?? super.stream(fd);
  }
}

/** A JavaScript string as the guest's bytes, one character each. */
function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function ownCredentials(): Process['credentials'] {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const euid = process.geteuid?.() ?? uid;
  const egid = process.getegid?.() ?? gid;
  const groups = process.getgroups?.() ?? [];
  return { uid, euid, suid: euid, gid, egid, sgid: egid, groups };
}
