import fs from 'node:fs';
import { translationKey } from '../engine/translation-key.ts';
import { openDrive, type HostDrive } from '../host/node/drive.ts';
import { BootTerminal } from '../host/node/boot-terminal.ts';
import { saveSnapshotFile } from '../host/node/snapshot-file.ts';
import { TranslationFile } from '../host/node/translation-file.ts';
import type { MachineEnd } from '../system/machine-options.ts';
import type { Machine } from '../system/machine.ts';
import type { Network } from '../system/services.ts';
import { loadImages, readImages } from './boot-images.ts';
import { createMachine } from './boot-machine.ts';
import { openNetwork } from './boot-network.ts';
import {
  checkWritable,
  savePoint,
  withAbsolutePaths,
  type MachineConfig,
  type SavePoint,
  type SessionFlags,
} from './boot-options.ts';
import { progressLine } from './boot-progress.ts';
import { reportOf, type Cause, type Report } from './boot-report.ts';
import { ConsoleWatch } from './console-watch.ts';

/** Signals that end the machine, with their numbers. */
const SIGNALS = [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGQUIT', 3],
  ['SIGTERM', 15],
] as const;

/** The machine's option for each kind of console. */
const CONSOLE_OPTIONS = { line: 'lineConsole', vt220: 'vt220', virtio: 'virtioConsole' } as const;

/** A machine with its console, drives and network, from the command line to its end. */
export class Session {
  readonly #config: MachineConfig;
  readonly #flags: SessionFlags;
  readonly #savePoint: SavePoint | undefined;
  readonly #watch: ConsoleWatch;
  readonly #terminal: BootTerminal;
  readonly #drives: HostDrive[] = [];
  readonly #started = performance.now();
  readonly #translations: TranslationFile;
  #network: Network | undefined;
  #machine: Machine | undefined;
  #cause: Cause | undefined;

  private constructor(config: MachineConfig, flags: SessionFlags) {
    this.#config = config;
    this.#flags = flags;
    const { translations: folder } = flags;
    this.#translations = new TranslationFile(folder === false ? undefined : folder);
    this.#savePoint = savePoint(flags.saveAt);
    checkWritable('--stats-json', flags.statsJson);
    checkWritable('--save-at', this.#savePoint?.file);
    this.#watch = new ConsoleWatch(this.#savePoint?.pattern, () => this.#stop({ kind: 'save' }));
    this.#terminal = new BootTerminal({
      onExit: () => this.#stop({ kind: 'keys' }),
      onPowerDown: () => this.#machine?.sclp.quiesce(),
      onClosed: (problem) => this.#stop({ kind: 'closed', problem }),
      onOutput: (bytes) => this.#watch.add(bytes),
      isBusy: () => (this.#machine?.queuedInput ?? 0) > 0,
    });
  }

  /**
   * Makes the machine, which does not run yet.
   * @throws UsageError, BootError, DriveError, NetworkError
   */
  static async open(config: MachineConfig, flags: SessionFlags): Promise<Session> {
    const session = new Session(config, flags);
    try {
      await session.#open();
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  get machine(): Machine {
    return this.#machine!;
  }

  async #open(): Promise<void> {
    const { memory, cpus, cpu, drives, virtioBus, boot } = this.#config;
    for (const spec of drives) {
      this.#drives.push(await openDrive(spec, { onProblem: writeLine }));
    }
    this.#network = await openNetwork(this.#config, writeLine);
    // Read when they are wanted: a machine that goes on needs them only when it starts again.
    let images: ReturnType<typeof readImages> | undefined;
    this.#machine = createMachine(
      {
        memory,
        cpus,
        backend: this.#flags.backend ?? 'tiered',
        ...{ [CONSOLE_OPTIONS[this.#config.console]]: this.#terminal },
        echo: this.#terminal.isTerminal,
        virtioBus,
        drives: this.#drives,
        ipl: (storage) => {
          images ??= readImages(boot);
          return loadImages(storage, memory, images, boot, progressLine(process.stderr));
        },
        consoleText: () => this.#watch.text,
        audit: this.#flags.audit === true,
        engine: {
          countInstructions: this.#wantsStatistics,
          translations: this.#translations.store,
        },
      },
      cpu,
      this.#network,
    );
    if (this.#keepsTranslations) {
      this.#translations.load(translationKey(this.#machine.accelerator.engine.options));
    }
  }

  /** Runs the machine to its end and says how it was: exit status. */
  async run(): Promise<number> {
    const stopListening = this.#listen();
    const loaded = performance.now();
    let end: MachineEnd = { kind: 'stopped' };
    try {
      this.#terminal.start();
      if (this.#cause === undefined) end = await this.machine.run();
      if (this.#cause?.kind === 'save' && end.kind === 'stopped') this.#save();
    } finally {
      stopListening();
      this.close();
    }
    const ended = performance.now();
    const times = { load: (loaded - this.#started) / 1000, run: (ended - loaded) / 1000 };
    await this.#printStatistics(times);
    const report = await this.#audited(reportOf(end, this.#cause, this.#savePoint));
    this.#print(report, times.run);
    // Last: it takes a moment, and whoever has ended the machine need not wait to read so.
    if (this.#keepsTranslations) this.#translations.save();
    return report.status;
  }

  /**
   * Gives everything back; what was written to drives is safe then. A second call does nothing.
   * @throws DriveError when it is not
   */
  close(): void {
    this.#terminal.close(this.#config.console === 'line' ? { endLine: true } : {});
    this.#network?.close();
    this.#network = undefined;
    const errors: unknown[] = [];
    for (const drive of this.#drives.splice(0)) {
      try {
        drive.close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  #stop(cause: Cause): void {
    this.#cause ??= cause;
    this.#machine?.stop();
  }

  /** The first signal ends the machine in good order, a second at once. */
  #listen(): () => void {
    const listeners = SIGNALS.map(([name, number]) => {
      const listener = (): void => {
        if (this.#cause?.kind === 'signal') {
          this.#terminal.close();
          process.exit(128 + number);
        }
        this.#stop({ kind: 'signal', name, number });
      };
      process.on(name, listener);
      return (): void => void process.off(name, listener);
    });
    return () => listeners.forEach((stop) => stop());
  }

  #save(): void {
    const created = new Date().toISOString();
    const config = { machine: withAbsolutePaths(this.#config), created };
    const { storage } = this.machine;
    const sections = this.machine.saveState();
    saveSnapshotFile(this.#savePoint!.file, { config, sections, storage });
  }

  get #keepsTranslations(): boolean {
    const { translations, backend } = this.#flags;
    return translations !== false && backend !== 'interpreter';
  }

  get #wantsStatistics(): boolean {
    return this.#flags.stats === true || this.#flags.statsJson !== undefined;
  }

  async #printStatistics(times: { readonly load: number; readonly run: number }): Promise<void> {
    if (!this.#wantsStatistics) return;
    const report = await import('./stats.ts');
    const { stats, statsJson, backend = 'tiered' } = this.#flags;
    const { statistics } = this.machine.accelerator.engine;
    const figures = report.figures(statistics, backend, times);
    if (stats) writeError(`${report.table(figures)}\n`);
    if (statsJson === undefined) return;
    fs.writeFileSync(statsJson, `${JSON.stringify(figures, undefined, 2)}\n`);
  }

  async #audited(report: Report): Promise<Report> {
    const { auditor } = this.machine;
    if (!auditor) return report;
    const { audited, auditText } = await import('./audit-report.ts');
    writeError(`${auditText(auditor)}\n`);
    return audited(report, auditor);
  }

  #print({ json, message }: Report, seconds: number): void {
    if (this.#flags.json) writeError(`${JSON.stringify({ ...json, seconds })}\n`);
    else if (message !== undefined) writeLine(message);
  }
}

/** A line for the user. */
function writeLine(message: string): void {
  writeError(`js390: ${message}\n`);
}

function writeError(text: string): void {
  try {
    fs.writeSync(2, text);
  } catch {
    // Nobody reads it.
  }
}
