import type { CpuExit } from '../cpu/accelerator.ts';
import type { LocalInterruptions } from '../cpu/pending.ts';
import { STATE_STOPPED } from '../cpu/reset.ts';
import { OPERATING_STATE, PREFIX } from '../cpu/state.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import type { Writeback } from '../cpu/writeback.ts';
import type { WritebackAuditor } from '../cpu/writeback-auditor.ts';
import { storeStatus } from '../engine/interruptions.ts';
import type { SystemAccelerator } from '../engine/system-accelerator.ts';
import type { AbsoluteStorage } from '../memory/absolute-storage.ts';
import { describeDisabledWait, isDisabledWait, type FinalPsw } from './disabled-wait.ts';
import type { MachineEnd, MachineHost } from './machine-options.ts';

/** How long a VCPU runs before the next has its turn, and how long before the host has, in ms. */
const SLICE = 2;
const HOST_TURN = 10;
/**
 * A machine that has had nothing to do but timers for IDLE_AFTER sleeps at least a twentieth of that
 * time, and IDLE_SLEEP at most, in ms: Debian's kernel ticks 250 times a second, whether there is work
 * or not. What comes from outside wakes it.
 */
const IDLE_AFTER = 100;
const IDLE_SLEEP = 40;
/** Slices that what a timer brings may take, since some of it is translated meanwhile. */
const TIMER_SLICES = 5;
/** Longest sleep of an idle machine, in ms. */
const LONGEST_SLEEP = 1000;

export type Intercept = CpuExit & { readonly kind: 'intercept' };

/** What a scheduler needs of the machine. */
export interface SchedulerParts {
  readonly host: MachineHost;
  readonly storage: AbsoluteStorage;
  readonly vcpus: readonly Vcpu[];
  readonly local: readonly LocalInterruptions[];
  readonly writeback: Writeback;
  readonly auditor: WritebackAuditor | undefined;
  /** The present one. */
  accelerator(): SystemAccelerator;
  /** Carries out an instruction for a VCPU. */
  intercept(vcpu: Vcpu, exit: Intercept): void;
  /** What the console showed last. */
  consoleText(): string | undefined;
}

/** Lets the VCPUs of a machine take turns on one host thread, and sleeps when all of them wait. */
export class Scheduler {
  readonly #parts: SchedulerParts;
  #end: MachineEnd | undefined;
  /** VCPUs that wait for an interruption. */
  readonly #waiting: boolean[];
  #wake: (() => void) | undefined;
  /** The VCPU that runs does not want the rest of its time. */
  #yields = false;
  /** When there was last something to do besides timers. */
  #busy = 0;
  /** Slices used up since a VCPU last waited. */
  #fullSlices = 0;

  constructor(parts: SchedulerParts) {
    this.#parts = parts;
    this.#waiting = parts.vcpus.map(() => false);
  }

  /** Something happened that a sleeping machine should know of. */
  wake(): void {
    this.#busy = this.#parts.host.now();
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Ends `run` soon; the machine can run on later. */
  stop(): void {
    this.#end ??= { kind: 'stopped' };
    this.wake();
  }

  /** Ends `run` after the instruction that is being carried out. */
  end(end: MachineEnd): void {
    this.#end = end;
  }

  /** The other VCPUs have their turn. */
  yield(): void {
    this.#yields = true;
  }

  isStopped(vcpu: Vcpu): boolean {
    const state = vcpu.dirty
      ? vcpu.state.words[OPERATING_STATE]!
      : this.#parts.accelerator().operatingState(vcpu.index);
    return state === STATE_STOPPED;
  }

  isWaiting(vcpu: Vcpu): boolean {
    return this.#waiting[vcpu.index]!;
  }

  /** The VCPU was reset or loaded: whether it waits is found out anew. */
  endWait(vcpu: Vcpu): void {
    this.#waiting[vcpu.index] = false;
  }

  /** Runs until the guest ends, or `stop` is called. */
  async run(): Promise<MachineEnd> {
    const { host, vcpus } = this.#parts;
    this.#end = undefined;
    let turn = host.now() + HOST_TURN;
    for (;;) {
      let any = false;
      for (const vcpu of vcpus) {
        if (!this.#mayRun(vcpu)) continue;
        any = true;
        this.#runSlice(vcpu);
        if (this.#end) return this.#end;
      }
      if (!any) {
        if (vcpus.every((vcpu) => this.isStopped(vcpu))) return { kind: 'power-off' };
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
    const { host, vcpus } = this.#parts;
    const accelerator = this.#parts.accelerator();
    const due = Math.min(
      ...vcpus.filter((vcpu) => !this.isStopped(vcpu)).map(({ index }) => accelerator.dueAt(index)),
    );
    const now = host.now();
    const idle = now - this.#busy;
    const least = idle > IDLE_AFTER ? Math.min(idle / 20, IDLE_SLEEP) : 0;
    const ms = Math.min(Math.max(due - now, least), LONGEST_SLEEP);
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([host.pause(ms), woken]);
    this.#wake = undefined;
  }

  #mayRun(vcpu: Vcpu): boolean {
    if (this.isStopped(vcpu)) return false;
    if (!this.#waiting[vcpu.index]) return true;
    this.#parts.writeback.enter(vcpu);
    if (!this.#parts.accelerator().hasWork(vcpu.index)) return false;
    this.#waiting[vcpu.index] = false;
    return true;
  }

  #runSlice(vcpu: Vcpu): void {
    const { host, writeback, auditor } = this.#parts;
    const until = host.now() + SLICE;
    this.#yields = false;
    do {
      writeback.enter(vcpu);
      const exit = this.#parts.accelerator().run(vcpu.index, until);
      if (auditor) auditor.reason = exit.kind;
      if (exit.kind === 'intercept') this.#parts.intercept(vcpu, exit);
      else {
        if (exit.kind !== 'time') this.#fullSlices = 0;
        else if (++this.#fullSlices > TIMER_SLICES) this.#busy = until;
        this.#left(vcpu, exit);
        return;
      }
    } while (!this.#end && !this.#yields && !this.isStopped(vcpu) && host.now() < until);
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
      case 'stop':
        this.#stopVcpu(vcpu);
        return;
      default:
    }
  }

  #stopVcpu(vcpu: Vcpu): void {
    const { storage, writeback } = this.#parts;
    const local = this.#parts.local[vcpu.index]!;
    writeback.synchronizeState(vcpu);
    const { state } = vcpu;
    if (local.stop === 'storeStatus') storeStatus(storage, state, state.words[PREFIX]!, true);
    local.stop = 'none';
    state.words[OPERATING_STATE] = STATE_STOPPED;
  }

  #pswOf(vcpu: Vcpu): FinalPsw {
    this.#parts.writeback.synchronizeState(vcpu);
    return { mask: vcpu.state.pswMask, address: vcpu.state.iaBits };
  }

  #disabledWait(vcpu: Vcpu): void {
    const psw = this.#pswOf(vcpu);
    if (!isDisabledWait(psw.mask)) {
      this.#waiting[vcpu.index] = true;
      return;
    }
    const { kind, reason } = describeDisabledWait(psw, this.#parts.consoleText());
    this.#end = kind === 'power-off' ? { kind } : { kind, psw, reason };
  }
}
