import { facilityList } from '../arch/cpu-model.ts';
import { PSW_SHORT } from '../arch/psw.ts';
import { ProgramInterruption } from '../cpu/interruption.ts';
import { FloatingInterruptions, LocalInterruptions } from '../cpu/pending.ts';
import { clearReset, cpuReset, initialCpuReset, STATE_OPERATING } from '../cpu/reset.ts';
import { CPU_ADDRESS, IA, OPERATING_STATE, type CpuState } from '../cpu/state.ts';
import { TodClock } from '../cpu/timing.ts';
import { Vcpu } from '../cpu/vcpu.ts';
import { Writeback } from '../cpu/writeback.ts';
import { WritebackAuditor } from '../cpu/writeback-auditor.ts';
import type { Backend } from '../engine/options.ts';
import { SystemAccelerator } from '../engine/system-accelerator.ts';
import { AbsoluteStorage } from '../memory/absolute-storage.ts';
import { Call, type CallHandler } from './call.ts';
import type { ChannelSubsystem } from './css/channel-subsystem.ts';
import { identityOf } from './identity.ts';
import { machineCalls } from './machine-calls.ts';
import { MachineDevices, storageSize } from './machine-devices.ts';
import type { MachineEnd, MachineOptions } from './machine-options.ts';
import { CommonState, VcpuState } from './machine-state.ts';
import { Scheduler, type Intercept } from './scheduler.ts';
import { Sclp } from './sclp/sclp.ts';
import type { Saved, Snapshotable } from './services.ts';
import { collectSections, restoreSections } from './snapshot/sections.ts';

/** A whole machine: storage, VCPUs, the channel subsystem with its devices, SCLP. */
export class Machine {
  /** The guest's storage, and what the machine has behind it. */
  readonly storage: AbsoluteStorage;
  readonly vcpus: readonly Vcpu[];
  readonly writeback: Writeback;
  readonly auditor: WritebackAuditor | undefined;
  readonly sclp: Sclp;
  readonly floating: FloatingInterruptions;
  /** Addresses at which DIAGNOSE 0x501 is a breakpoint. */
  readonly breakpoints = new Set<number>();
  readonly #options: MachineOptions;
  readonly #clock: TodClock;
  readonly #local: readonly LocalInterruptions[];
  readonly #devices: MachineDevices;
  readonly #scheduler: Scheduler;
  readonly #calls: Readonly<Record<string, CallHandler>>;
  #accelerator: SystemAccelerator;

  constructor(options: MachineOptions) {
    this.#options = options;
    const { host, memory, cpus, model } = options;
    this.storage = new AbsoluteStorage(storageSize(options));
    this.#clock = new TodClock(() => host.now(), host.tod());
    this.floating = new FloatingInterruptions(() => this.wake());
    this.vcpus = Array.from({ length: cpus }, (_, i) => new Vcpu(i));
    this.#local = this.vcpus.map(() => new LocalInterruptions());
    this.#accelerator = this.#makeAccelerator(options.backend ?? 'tiered');
    this.auditor = options.audit ? new WritebackAuditor() : undefined;
    this.writeback = new Writeback(this.#accelerator, this.vcpus, this.auditor);
    this.#scheduler = this.#makeScheduler();
    this.sclp = new Sclp({
      storage: this.storage,
      sink: this.floating,
      memorySize: memory,
      cpuCount: cpus,
      enhancedSuppression: model.facilities.includes(75),
      ...(options.lineConsole ? { lineMode: options.lineConsole } : {}),
      ...(options.vt220 ? { vt220: options.vt220 } : {}),
      ...(options.echo ? { echo: true } : {}),
    });
    this.#devices = new MachineDevices(this.storage, this.floating, options);
    this.#calls = this.#makeCalls();
    for (const vcpu of this.vcpus) {
      clearReset(vcpu.state);
      vcpu.state.words[CPU_ADDRESS] = vcpu.index;
    }
    this.writeback.synchronizeAllPostInit();
  }

  get accelerator(): SystemAccelerator {
    return this.#accelerator;
  }

  get css(): ChannelSubsystem {
    return this.#devices.css;
  }

  /** Bytes of console input that the guest has not taken yet. */
  get queuedInput(): number {
    return this.sclp.queuedInput + this.#devices.queuedInput;
  }

  #makeAccelerator(backend: Backend): SystemAccelerator {
    const { model, cpus, engine } = this.#options;
    return new SystemAccelerator(
      {
        storage: this.storage,
        clock: this.#clock,
        floating: this.floating,
        local: this.#local,
        identity: (index) => identityOf(model, index, cpus),
      },
      {
        ...engine,
        backend,
        facilities: facilityList(model),
        hasFacility: (bit) => model.facilities.includes(bit),
      },
    );
  }

  #makeScheduler(): Scheduler {
    return new Scheduler({
      host: this.#options.host,
      storage: this.storage,
      vcpus: this.vcpus,
      local: this.#local,
      writeback: this.writeback,
      auditor: this.auditor,
      accelerator: () => this.#accelerator,
      intercept: (vcpu, exit) => {
        this.#intercept(vcpu, exit);
      },
      consoleText: () => this.#options.consoleText?.(),
    });
  }

  #makeCalls(): Readonly<Record<string, CallHandler>> {
    return machineCalls({
      storage: this.storage,
      floating: this.floating,
      local: this.#local,
      vcpus: this.vcpus,
      writeback: this.writeback,
      scheduler: this.#scheduler,
      devices: this.#devices,
      sclp: this.sclp,
      memory: () => this.#accelerator.memory,
      reset: (vcpu, kind) => {
        this.#resetByGuest(vcpu, kind);
      },
      breakpoint: (vcpu) => this.#breakpoint(vcpu),
    });
  }

  // ---- running ----

  /** Runs until the guest ends, or `stop` is called. */
  run(): Promise<MachineEnd> {
    return this.#scheduler.run();
  }

  /** Ends `run` soon; the machine can run on later. */
  stop(): void {
    this.#scheduler.stop();
  }

  /** Something happened that a sleeping machine should know of. */
  wake(): void {
    this.#scheduler.wake();
  }

  /** Exchanges the accelerator; between two calls of `run`, or while one runs. */
  setBackend(backend: Backend): void {
    const next = this.#makeAccelerator(backend);
    if (this.auditor) this.auditor.reason = 'exchange';
    this.writeback.exchange(next);
    this.#accelerator.dispose();
    this.#accelerator = next;
  }

  // ---- snapshots ----

  /**
   * The state of everything but storage, for a snapshot. No VCPU runs.
   * @throws DriveError when what was written cannot be made safe
   */
  saveState(): Map<string, Saved> {
    if (this.auditor) this.auditor.reason = 'save';
    this.writeback.synchronizeAllStates();
    return collectSections(this.#parts());
  }

  /**
   * Takes over what `saveState` gave; storage has been restored.
   * @throws SnapshotError when it is of another machine
   */
  loadState(sections: ReadonlyMap<string, Saved>): void {
    if (this.auditor) this.auditor.reason = 'load';
    this.writeback.synchronizeAllStates();
    restoreSections(sections, this.#parts());
    for (const vcpu of this.vcpus) this.#scheduler.endWait(vcpu);
    this.writeback.synchronizeAllPostInit();
    this.#accelerator.memory.purgeAll();
  }

  #parts(): Snapshotable[] {
    return [
      new CommonState(this.floating, this.#clock),
      ...this.vcpus.map((vcpu) => new VcpuState(vcpu, this.#local[vcpu.index]!)),
      this.sclp,
      ...this.#devices.parts(),
    ];
  }

  // ---- resets and IPL ----

  /** Clear reset of everything, then IPL: the first VCPU starts. */
  ipl(): void {
    this.storage.clear();
    this.#systemReset('clear');
    const { mask, address } = this.#options.ipl(this.storage);
    const first = this.vcpus[0]!;
    if (this.auditor) this.auditor.reason = 'IPL';
    this.writeback.synchronizeState(first);
    start(first.state, mask, BigInt(address));
  }

  /** Resets everything; of CPU resets, that of `first` is an initial one. */
  #systemReset(kind: 'clear' | 'cpu', first?: Vcpu): void {
    if (this.auditor) this.auditor.reason = `${kind} reset`;
    this.writeback.synchronizeAllStates();
    for (const vcpu of this.vcpus) {
      if (kind === 'clear') clearReset(vcpu.state);
      else if (vcpu === first) initialCpuReset(vcpu.state);
      else cpuReset(vcpu.state);
      this.#local[vcpu.index]!.clear();
      this.#scheduler.endWait(vcpu);
    }
    this.floating.clear();
    this.#devices.reset();
    this.sclp.reset();
    this.writeback.synchronizeAllPostReset();
    this.#accelerator.memory.purgeAll();
  }

  /** DIAGNOSE 0x308. */
  #resetByGuest(vcpu: Vcpu, kind: 'clear' | 'normal' | 'ipl'): void {
    if (kind === 'ipl') {
      this.ipl();
      return;
    }
    this.#systemReset(kind === 'clear' ? 'clear' : 'cpu', vcpu);
    // It goes on by the short PSW at absolute 0, as LOAD PSW would.
    this.writeback.synchronizeState(vcpu);
    const psw = this.storage.read64(0);
    start(vcpu.state, (psw & 0xffff_ffff_8000_0000n) ^ PSW_SHORT, psw & 0x7fff_ffffn);
  }

  // ---- instructions that the machine carries out ----

  #intercept(vcpu: Vcpu, { mnemonic, fields, at }: Intercept): void {
    if (this.auditor) this.auditor.reason = mnemonic;
    this.writeback.synchronizeState(vcpu);
    const { memory } = this.#accelerator;
    try {
      this.#calls[mnemonic]!(new Call(vcpu, mnemonic, fields, memory));
    } catch (error) {
      if (!(error instanceof ProgramInterruption)) throw error;
      vcpu.state.ia = at;
      this.#accelerator.raise(vcpu.index, error);
    }
  }

  #breakpoint(vcpu: Vcpu): boolean {
    const address = vcpu.state.ia - 4;
    if (!this.breakpoints.has(address)) return false;
    this.#scheduler.end({ kind: 'breakpoint', cpu: vcpu.index, address });
    return true;
  }
}

/** Lets a CPU that was reset go on, with a PSW. */
function start(state: CpuState, mask: bigint, address: bigint): void {
  state.pswMask = mask;
  state.u64[IA / 2] = address;
  state.words[OPERATING_STATE] = STATE_OPERATING;
}
