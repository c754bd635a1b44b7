import type { CallTracer } from './dispatch.ts';
import { describe, makeImage, startRegisters } from './exec.ts';
import { FsContext } from './file.ts';
import { LinuxFileSystem } from './fs/file-system.ts';
import type { HostFiles } from './fs/host-files.ts';
import { FILE_SYSCALLS } from './fs/syscalls/index.ts';
import type { EngineFactory } from './guest-engine.ts';
import type { Host } from './host.ts';
import { Kernel } from './kernel.ts';
import type { KernelOptions, Machine } from './kernel.ts';
import type { Credentials, Limit, Process, Session } from './process.ts';
import { Scheduler } from './scheduler.ts';
import { SIGKILL, SignalActions } from './signal.ts';
import { SyscallTable } from './syscall-table.ts';
import { TASK_SYSCALLS } from './syscalls/index.ts';
import { createProcess, createThread, endGroup } from './tasks.ts';

export interface SystemOptions {
  readonly host: Host;
  readonly files: HostFiles;
  /** Host path of a directory in which guest paths are looked up first. */
  readonly sysroot?: string | undefined;
  readonly makeEngine: EngineFactory;
  readonly machine: Machine;
  readonly random?: (into: Uint8Array) => void;
  readonly tracer?: CallTracer | undefined;
  /** Called when a process is about to end, while its registers and storage are still there. */
  readonly processEnds?: KernelOptions['processEnds'];
}

export interface StartOptions {
  /** Guest path of the program. */
  readonly program: string;
  /** argv, the program's name included. */
  readonly arguments: readonly string[];
  /** `NAME=VALUE` each. */
  readonly environment: readonly string[];
  /** Absolute guest path. */
  readonly directory: string;
  readonly credentials: Credentials;
  readonly umask?: number;
}

/** A Linux system: a kernel with its system calls and files, and what runs the processes. */
export class LinuxSystem {
  readonly kernel: Kernel;
  readonly fileSystem: LinuxFileSystem;
  readonly #scheduler: Scheduler;

  constructor(options: SystemOptions) {
    const { host, files, sysroot } = options;
    this.fileSystem = new LinuxFileSystem({ host, files, sysroot });
    const { makeEngine, machine, random, processEnds } = options;
    this.kernel = new Kernel({
      host,
      fileSystem: this.fileSystem,
      makeEngine,
      machine,
      ...(random ? { random } : {}),
      ...(processEnds ? { processEnds } : {}),
    });
    this.fileSystem.attach(this.kernel);
    const table = new SyscallTable(TASK_SYSCALLS, FILE_SYSCALLS);
    this.#scheduler = new Scheduler(this.kernel, table, options.tracer);
  }

  /**
   * Loads the first program, with the standard streams as its descriptors 0 to 2.
   * @throws SyscallError, ElfError when that cannot be
   */
  start(options: StartOptions): Process {
    const { kernel } = this;
    const { credentials, environment } = options;
    const fs = new FsContext(options.directory, options.umask ?? 0o022);
    const limits = new Map<number, Limit>();
    const image = makeImage(
      kernel,
      { fs, limits, credentials },
      options.program,
      options.arguments,
      environment,
    );
    const pid = kernel.allocatePid();
    const process = createProcess(kernel, {
      pid,
      parent: undefined,
      mm: image.mm,
      files: this.fileSystem.standardFiles(),
      fs,
      actions: new SignalActions(),
      credentials,
      session: this.#session(pid),
      pgid: pid,
    });
    const thread = createThread(kernel, process, pid);
    startRegisters(thread.state, image);

    describe(process, thread, image, environment);
    return process;
  }

  /** Runs until `process` has ended, and then ends all others; returns its wait status. */
  async run(process: Process): Promise<number> {
    const { kernel } = this;
    kernel.host.listenForSignals(true);
    try {
      return await this.#scheduler.run(process);
    } finally {
      kernel.host.listenForSignals(false);
      for (const other of [...kernel.processes.values()]) {
        const [thread] = other.threads.values();
        if (thread) endGroup(kernel, other, thread, SIGKILL);
      }
    }
  }

  /** The first process leads a session on js390's own terminal. */
  #session(pid: number): Session {
    const { terminal } = this.fileSystem;
    if (terminal) terminal.foreground = pid;
    const session: Session = { id: pid, terminal };
    this.kernel.sessions.set(pid, session);
    return session;
  }
}
