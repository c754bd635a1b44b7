import { facilityList, type CpuModel } from '../arch/cpu-model.ts';
import { PSW_SHORT } from '../arch/psw.ts';
import { ProgramInterruption } from '../cpu/interruption.ts';
import { FloatingInterruptions, LocalInterruptions } from '../cpu/pending.ts';
import {
  clearReset,
  cpuReset,
  initialCpuReset,
  STATE_OPERATING,
  STATE_STOPPED,
} from '../cpu/reset.ts';
import { CPU_ADDRESS, IA, OPERATING_STATE, PREFIX } from '../cpu/state.ts';
import type { CpuExit } from '../cpu/accelerator.ts';
import { TodClock } from '../cpu/timing.ts';
import { Vcpu } from '../cpu/vcpu.ts';
import { Writeback } from '../cpu/writeback.ts';
import { WritebackAuditor } from '../cpu/writeback-auditor.ts';
import { storeStatus } from '../engine/interruptions.ts';
import type { Backend, EngineOptions } from '../engine/options.ts';
import { SystemAccelerator } from '../engine/system-accelerator.ts';
import { AbsoluteStorage } from '../memory/absolute-storage.ts';
import { Call, type CallHandler } from './call.ts';
import { channelCalls } from './channel-calls.ts';
import { ChannelSubsystem } from './css/channel-subsystem.ts';
import { diagnose } from './diagnose.ts';
import { describeDisabledWait, isDisabledWait, type FinalPsw } from './disabled-wait.ts';
import { identityOf } from './identity.ts';
import { Sclp } from './sclp/sclp.ts';
import { CommonState, VcpuState } from './machine-state.ts';
import type { ConsoleDevice, Drive, Network, Saved, Snapshotable } from './services.ts';
import { collectSections, restoreSections } from './snapshot/sections.ts';
import { signalProcessor } from './sigp.ts';
import { notifyVirtioCcw, VirtioCcw } from './virtio/virtio-ccw.ts';
import { VirtioBlock } from './virtio/virtio-block.ts';
import { VirtioConsole } from './virtio/virtio-console.ts';
import { VirtioNet } from './virtio/virtio-net.ts';
import { VirtioRng } from './virtio/virtio-rng.ts';

/** The host as a machine uses it. */
export interface MachineHost {
  /** Milliseconds; only goes forward. */
  now(): number;
  /** The TOD clock's value for the present time of day. */
  tod(): bigint;
  /** Lets the host's events happen, and waits for at most so many milliseconds. */
  pause(ms: number): Promise<void>;
  random(bytes: Uint8Array): void;
}

export interface MachineOptions {
  readonly host: MachineHost;
  /** Bytes of storage: a multiple of 1 MiB. */
  readonly memory: number;
  readonly cpus: number;
  readonly model: CpuModel;
  readonly backend?: Backend;
  readonly lineConsole?: ConsoleDevice;
  readonly vt220?: ConsoleDevice;
  /** The line-mode console shows what is typed. */
  readonly echo?: boolean;
  readonly virtioConsole?: ConsoleDevice;
  readonly drives?: readonly Drive[];
  readonly network?: { readonly network: Network; readonly mac: Uint8Array };
  /** A random-number device. */
  readonly hasRandom?: boolean;
  /** Loads what is IPLed, into cleared storage; called again when the guest asks for it. */
  readonly ipl: (storage: AbsoluteStorage) => { readonly mask: bigint; readonly address: number };
  /** Checks the promises of the writeback API. */
  readonly audit?: boolean;
  readonly engine?: EngineOptions;
  /** What the console showed last, to explain why a guest stopped. */
  readonly consoleText?: () => string;
}

/** How a machine's run ended. */
export type MachineEnd =
  | { readonly kind: 'power-off' }
  | {
      readonly kind: 'panic' | 'disabled-wait';
      readonly psw: FinalPsw;
      readonly reason: string;
    }
  /** DIAGNOSE 0x501 at an address with a breakpoint. */
  | { readonly kind: 'breakpoint'; readonly cpu: number; readonly address: number }
  /** `stop` was called. */
  | { readonly kind: 'stopped' };

/** How long a VCPU runs before the next has its turn, and how long before the host has, in ms. */
const SLICE = 2;
const HOST_TURN = 10;
/**
 * A machine that has had nothing to do but timers for so long sleeps at least so long, in ms: Debian's
 * kernel ticks 250 times a second, whether there is work or not. What comes from outside wakes it.
 */
const IDLE_AFTER = 100;
const IDLE_SLEEP = 10;
/** Longest sleep of an idle machine, in ms. */
const LONGEST_SLEEP = 1000;

/** A whole machine: storage, VCPUs, the channel subsystem with its devices, SCLP. */
export class Machine {
  readonly storage: AbsoluteStorage;
  readonly vcpus: readonly Vcpu[];
  readonly writeback: Writeback;
  readonly auditor: WritebackAuditor | undefined;
  readonly css: ChannelSubsystem;
  readonly sclp: Sclp;
  readonly floating: FloatingInterruptions;
  /** Addresses at which DIAGNOSE 0x501 is a breakpoint. */
  readonly breakpoints = new Set<number>();
  readonly #options: MachineOptions;
  readonly #clock: TodClock;
  readonly #local: readonly LocalInterruptions[];
  readonly #devices: Snapshotable[] = [];
  readonly #calls: Readonly<Record<string, CallHandler>>;
  readonly #iplParameters: { bytes: Uint8Array | undefined } = { bytes: undefined };
  #accelerator: SystemAccelerator;
  #end: MachineEnd | undefined;
  /** VCPUs that wait for an interruption. */
  readonly #waiting: boolean[];
  #wake: (() => void) | undefined;
  /** The VCPU that runs does not want the rest of its time. */
  #yields = false;
  /** When there was last something to do besides timers. */
  #busy = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
    const { host, memory, cpus, model } = options;
    this.storage = new AbsoluteStorage(memory);
    this.#clock = new TodClock(() => host.now(), host.tod());
    this.floating = new FloatingInterruptions(() => this.wake());
    this.vcpus = Array.from({ length: cpus }, (_, i) => new Vcpu(i));
    this.#local = this.vcpus.map(() => new LocalInterruptions());
    this.#waiting = this.vcpus.map(() => false);
    this.#accelerator = this.#makeAccelerator(options.backend ?? 'tiered');
    this.auditor = options.audit ? new WritebackAuditor() : undefined;
    this.writeback = new Writeback(this.#accelerator, this.vcpus, this.auditor);
    this.css = new ChannelSubsystem(this.storage, this.floating);
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
    this.#attachDevices();
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

  #attachDevices(): void {
    const { drives = [], network, virtioConsole, hasRandom, host } = this.#options;
    const attach = (id: string, device: ConstructorParameters<typeof VirtioCcw>[1]): void => {
      const ccw = new VirtioCcw(id, device, this.storage, this.floating);
      this.css.attach(ccw);
      this.#devices.push(ccw);
    };
    drives.forEach((drive, i) => {
      attach(`virtio-blk.${i}`, new VirtioBlock(this.storage, drive));
    });
    if (network) {
      attach('virtio-net.0', new VirtioNet(this.storage, network.network, network.mac));
    }
    if (virtioConsole) {
      attach('virtio-console.0', new VirtioConsole(this.storage, virtioConsole));
    }
    if (hasRandom) {
      const random = (bytes: Uint8Array): void => host.random(bytes);
      attach('virtio-rng.0', new VirtioRng(this.storage, random));
    }
  }

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
    this.#waiting.fill(false);
    this.writeback.synchronizeAllPostInit();
    this.#accelerator.memory.purgeAll();
  }

  #parts(): Snapshotable[] {
    return [
      new CommonState(this.floating, this.#clock),
      ...this.vcpus.map((vcpu) => new VcpuState(vcpu, this.#local[vcpu.index]!)),
      this.css,
      this.sclp,
      ...this.#devices,
    ];
  }

  /** Exchanges the accelerator; between two calls of `run`, or while one runs. */
  setBackend(backend: Backend): void {
    const next = this.#makeAccelerator(backend);
    if (this.auditor) this.auditor.reason = 'exchange';
    this.writeback.exchange(next);
    this.#accelerator.dispose();
    this.#accelerator = next;
  }

  // ---- resets and IPL ----

  /** Clear reset of everything, then IPL: the first VCPU starts. */
  ipl(): void {
    this.#systemReset('clear');
    this.storage.clear();
    const { mask, address } = this.#options.ipl(this.storage);
    this.#startFirst((state) => {
      state.pswMask = mask;
      state.u64[IA / 2] = BigInt(address);
    });
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
      this.#waiting[vcpu.index] = false;
    }
    this.floating.clear();
    this.css.reset();
    this.sclp.reset();
    this.writeback.synchronizeAllPostReset();
    this.#accelerator.memory.purgeAll();
  }

  #startFirst(prepare: (state: Vcpu['state']) => void): void {
    const first = this.vcpus[0]!;
    this.writeback.synchronizeState(first);
    prepare(first.state);
    first.state.words[OPERATING_STATE] = STATE_OPERATING;
  }

  // ---- running ----

  /** Something happened that a sleeping machine should know of. */
  wake(): void {
    this.#busy = this.#options.host.now();
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Ends `run` soon; the machine can run on later. */
  stop(): void {
    this.#end ??= { kind: 'stopped' };
    this.wake();
  }

  /** Runs until the guest ends, or `stop` is called. */
  async run(): Promise<MachineEnd> {
    const { host } = this.#options;
    this.#end = undefined;
    let turn = host.now() + HOST_TURN;
    for (;;) {
      let any = false;
      for (const vcpu of this.vcpus) {
        if (!this.#mayRun(vcpu)) continue;
        any = true;
        this.#runSlice(vcpu);
        if (this.#end) return this.#end;
      }
      if (!any) {
        if (this.vcpus.every((vcpu) => this.#isStopped(vcpu))) return { kind: 'power-off' };
        await this.#sleep();
        turn = host.now() + HOST_TURN;
      } else if (host.now() >= turn) {
        await host.pause(0);
        turn = host.now() + HOST_TURN;
      }
      if (this.#end) return this.#end;
    }
  }

  async #sleep(): Promise<void> {
    const { host } = this.#options;
    const due = Math.min(
      ...this.vcpus
        .filter((vcpu) => !this.#isStopped(vcpu))
        .map(({ index }) => this.#accelerator.dueAt(index)),
    );
    const now = host.now();
    const least = now - this.#busy > IDLE_AFTER ? IDLE_SLEEP : 0;
    const ms = Math.min(Math.max(due - now, least), LONGEST_SLEEP);
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([host.pause(ms), woken]);
    this.#wake = undefined;
  }

  #isStopped(vcpu: Vcpu): boolean {
    const state = vcpu.dirty
      ? vcpu.state.words[OPERATING_STATE]!
      : this.#accelerator.operatingState(vcpu.index);
    return state === STATE_STOPPED;
  }

  #mayRun(vcpu: Vcpu): boolean {
    if (this.#isStopped(vcpu)) return false;
    if (!this.#waiting[vcpu.index]) return true;
    this.writeback.enter(vcpu);
    if (!this.#accelerator.hasWork(vcpu.index)) return false;
    this.#waiting[vcpu.index] = false;
    return true;
  }

  #runSlice(vcpu: Vcpu): void {
    const until = this.#options.host.now() + SLICE;
    this.#yields = false;
    do {
      this.writeback.enter(vcpu);
      const exit = this.#accelerator.run(vcpu.index, until);
      if (this.auditor) this.auditor.reason = exit.kind;
      if (exit.kind === 'intercept') this.#intercept(vcpu, exit);
      else {
        if (exit.kind === 'time') this.#busy = until;
        this.#left(vcpu, exit);
        return;
      }
    } while (
      !this.#end &&
      !this.#yields &&
      !this.#isStopped(vcpu) &&
      this.#options.host.now() < until
    );
  }

  #left(vcpu: Vcpu, exit: CpuExit): void {
    switch (exit.kind) {
      case 'wait':
        this.#waiting[vcpu.index] = true;
        return;
      case 'disabledWait':
        this.#disabledWait(vcpu);
        return;
      case 'interruptionLoop': {
        const psw = this.#pswOf(vcpu);
        const reason = 'the new PSW of a program interruption causes another one, without end';
        this.#end = { kind: 'disabled-wait', psw, reason };
        return;
      }
      case 'stop': {
        const local = this.#local[vcpu.index]!;
        this.writeback.synchronizeState(vcpu);
        const { state } = vcpu;
        if (local.stop === 'storeStatus') {
          storeStatus(this.storage, state, state.words[PREFIX]!, true);
        }
        local.stop = 'none';
        state.words[OPERATING_STATE] = STATE_STOPPED;
        return;
      }
      default:
    }
  }

  #pswOf(vcpu: Vcpu): FinalPsw {
    this.writeback.synchronizeState(vcpu);
    return { mask: vcpu.state.pswMask, address: vcpu.state.iaBits };
  }

  #disabledWait(vcpu: Vcpu): void {
    const psw = this.#pswOf(vcpu);
    if (!isDisabledWait(psw.mask)) {
      this.#waiting[vcpu.index] = true;
      return;
    }
    const { kind, reason } = describeDisabledWait(psw, this.#options.consoleText?.());
    this.#end = kind === 'power-off' ? { kind } : { kind, psw, reason };
  }

  // ---- instructions that the machine carries out ----

  #makeCalls(): Readonly<Record<string, CallHandler>> {
    const absolute = (real: bigint, size: number): number =>
      this.#accelerator.memory.real(
        Number(BigInt.asIntN(32, real >> 32n)),
        Number(BigInt.asIntN(32, real)),
        size,
      );
    return {
      ...channelCalls({
        css: this.css,
        sink: this.floating,
        storeReal: (at, bytes) => {
          this.storage.write(absolute(BigInt(at), bytes.length), bytes);
        },
      }),
      SIGP: (call) => {
        signalProcessor(call, {
          vcpus: this.vcpus,
          local: this.#local,
          storage: this.storage,
          isStopped: (vcpu) => this.#isStopped(vcpu),
          isRunning: (vcpu) => !this.#isStopped(vcpu) && !this.#waiting[vcpu.index],
          synchronizeState: (vcpu) => {
            this.writeback.synchronizeState(vcpu);
          },
          synchronizePostReset: (vcpu) => {
            this.#waiting[vcpu.index] = false;
            this.writeback.synchronizePostReset(vcpu);
          },
        });
      },
      SERVC: (call) => {
        const { r1 = 0, r2 = 0 } = call.fields;
        const { state } = call;
        const command = state.gr32(r1) >>> 0;
        const block = state.gr32(r2) >>> 0;
        call.setCc(this.sclp.serviceCall(command, block, state.words[PREFIX]));
      },
      DIAG: (call) => {
        diagnose(call, {
          storage: this.storage,
          absolute,
          reset: (from, kind) => {
            this.#resetByGuest(from.vcpu, kind);
          },
          iplParameters: this.#iplParameters,
          notify: (id, queue) => BigInt(notifyVirtioCcw(this.css, id, queue)),
          bus: undefined,
          yield: () => {
            this.#yields = true;
          },
          breakpoint: ({ vcpu }) => this.#breakpoint(vcpu),
        });
      },
      SCK: (call) => {
        call.read(8, 8);
        // The clock is the host's: it cannot be set.
        call.setCc(2);
      },
      SIC: () => undefined,
      CLP: (call) => {
        call.setCc(3);
      },
    };
  }

  #intercept(vcpu: Vcpu, exit: CpuExit & { kind: 'intercept' }): void {
    const { mnemonic, fields, at } = exit;
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
    this.#end = { kind: 'breakpoint', cpu: vcpu.index, address };
    return true;
  }

  #resetByGuest(vcpu: Vcpu, kind: 'clear' | 'normal' | 'ipl'): void {
    if (kind === 'ipl') {
      this.ipl();
      return;
    }
    this.#systemReset(kind === 'clear' ? 'clear' : 'cpu', vcpu);
    // It goes on by the short PSW at absolute 0, as LOAD PSW would.
    this.writeback.synchronizeState(vcpu);
    const { state } = vcpu;
    const psw = this.storage.read64(0);
    state.pswMask = (psw & 0xffff_ffff_8000_0000n) ^ PSW_SHORT;
    state.u64[IA / 2] = psw & 0x7fff_ffffn;
    state.words[OPERATING_STATE] = STATE_OPERATING;
  }
}
