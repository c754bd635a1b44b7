import { expect } from 'vitest';
import { cpuModel, machineModel } from '../../../src/arch/cpu-model.ts';
import { LOWCORE } from '../../../src/arch/lowcore.ts';
import { PSW_BA, PSW_EA, PSW_WAIT } from '../../../src/arch/psw.ts';
import { hex } from '../../../src/base/hex.ts';
import { PREFIX, type CpuState } from '../../../src/cpu/state.ts';
import type { Backend } from '../../../src/engine/options.ts';
import { assembleProgram } from '../../../src/isa/assemble-program.ts';
import type { AbsoluteStorage } from '../../../src/memory/absolute-storage.ts';
import type {
  MachineEnd,
  MachineHost,
  MachineOptions,
} from '../../../src/system/machine-options.ts';
import { Machine } from '../../../src/system/machine.ts';

export const BACKENDS: readonly Backend[] = ['interpreter', 'tiered', 'jit'];

/** Where a guest's source is assembled and begins. */
export const CODE = 0x1_0000;
/** In the first page, for what a guest finds out. */
export const RESULTS = 0xa00;
/** `LPSWE SUCCESS` ends a guest that found everything as it should be, `LPSWE FAILURE` others. */
export const SUCCESS = 0x800;
export const FAILURE = 0x810;
/** In the prefix area, for a guest's own use: one that no protection concerns. */
export const SCRATCH = 0x900;

/** Supervisor state, 64-bit addressing. */
export const SUPERVISOR = PSW_EA | PSW_BA;
const DISABLED_WAIT = SUPERVISOR | PSW_WAIT;
const SUCCESS_ADDRESS = 0x600d;
const FAILURE_ADDRESS = 0xbad;

/** Labels at which the new PSWs of the prefix area begin, where a guest has them. */
const NEW_PSWS = {
  restart_new: LOWCORE.restartNewPsw,
  external_new: LOWCORE.externalNewPsw,
  svc_new: LOWCORE.svcNewPsw,
  program_new: LOWCORE.programNewPsw,
  machine_check_new: LOWCORE.machineCheckNewPsw,
  io_new: LOWCORE.ioNewPsw,
} as const;

/** Milliseconds by which the clock goes on when somebody looks at it. */
const TICK = 0.2;
/** The clock is looked at once in 2000 blocks at most: a guest that does not end is found out. */
const MOST_LOOKS = 1_500;

/** TOD clock when a machine is made. */
export const TOD_START = 0xd5c0_ffee_0000_0000n;

/** A clock that goes on when it is looked at and when the machine sleeps: runs can be repeated. */
export class VirtualHost implements MachineHost {
  time = 0;
  /** How often, and for how long, the machine slept. */
  readonly pauses: number[] = [];
  /** How often the machine looked at the clock. */
  looks = 0;

  now(): number {
    if (++this.looks > MOST_LOOKS) throw new Error('the guest does not end');
    this.time += TICK;
    return this.time;
  }

  tod(): bigint {
    return TOD_START;
  }

  pause(ms: number): Promise<void> {
    if (ms > 0) this.pauses.push(ms);
    this.time += ms;
    return new Promise((resolve) => void setImmediate(resolve));
  }

  random(bytes: Uint8Array): void {
    bytes.fill(0x5a);
  }
}

type DeviceOptions = Pick<
  MachineOptions,
  'lineConsole' | 'vt220' | 'drives' | 'hasRandom' | 'virtioBus' | 'virtioConsole'
>;

export interface GuestOptions extends DeviceOptions {
  readonly backend?: Backend;
  readonly cpus?: number;
  /** Bytes of storage. */
  readonly memory?: number;
  /** CPU model; default the newest. */
  readonly cpu?: string;
  /** Besides those of the model. */
  readonly facilities?: readonly number[];
  /** PSW mask that the first CPU begins with. */
  readonly mask?: bigint;
  /** Control registers of the first CPU. */
  readonly control?: Readonly<Record<number, bigint>>;
  /** Puts more into storage. */
  readonly prepare?: (storage: AbsoluteStorage, labels: ReadonlyMap<string, number>) => void;
  /** Where another source begins than at CODE. */
  readonly at?: number;
}

/** The prefix of a CPU: the first one has none. */
export function prefixOf(cpu: number): number {
  return cpu === 0 ? 0 : 0x2000 * (cpu + 1);
}

/**
 * A program for the bare machine, on all CPUs of which prefix areas are prepared. Labels such as
 * `program_new` are where new PSWs lead, in supervisor state without DAT; `cpu1`, `cpu2` where
 * a restart of these CPUs leads. Interruptions without a label end the run.
 */
export class Guest {
  readonly machine: Machine;
  readonly host = new VirtualHost();
  readonly labels: ReadonlyMap<string, number>;
  readonly #source: string;

  constructor(source: string, options: GuestOptions = {}) {
    const { at = CODE, cpus = 1, memory = 0x20_0000, mask = SUPERVISOR, ...others } = options;
    const { control = {}, prepare, backend = 'jit', cpu = 'max', ...more } = others;
    const { facilities = [], ...devices } = more;
    const program = assembleProgram(source, at);
    this.labels = program.labels;
    this.#source = source;
    const model = machineModel(cpuModel(cpu)!);
    const installed = new Set([...model.facilities, ...facilities]);
    this.machine = new Machine({
      host: this.host,
      ...{ memory, cpus, backend, audit: true },
      ...devices,
      model: { ...model, facilities: [...installed].sort((a, b) => a - b) },
      engine: { threshold: 2, countInstructions: true },
      ipl: (storage) => {
        for (let cpu = 0; cpu < cpus; cpu++) this.#preparePrefixArea(storage, cpu);
        storage.write(program.address, program.bytes);
        prepare?.(storage, program.labels);
        return { mask, address: program.labels.get('start') ?? at };
      },
    });
    this.machine.ipl();
    this.#eachState((state, cpu) => {
      state.words[PREFIX] = prefixOf(cpu);
      if (cpu !== 0) return;
      for (const [r, value] of Object.entries(control)) state.setCr(Number(r), value);
    });
  }

  #preparePrefixArea(storage: AbsoluteStorage, cpu: number): void {
    const prefix = prefixOf(cpu);
    const put = (at: number, mask: bigint, address: number): void => {
      storage.write64(prefix + at, mask);
      storage.write64(prefix + at + 8, BigInt(address));
    };
    put(SUCCESS, DISABLED_WAIT, SUCCESS_ADDRESS);
    put(FAILURE, DISABLED_WAIT, FAILURE_ADDRESS);
    for (const [label, at] of Object.entries(NEW_PSWS)) {
      const address = this.labels.get(label);
      if (address === undefined) put(at, DISABLED_WAIT, at);
      else put(at, SUPERVISOR, address);
    }
    const own = this.labels.get(`cpu${cpu}`);
    if (own !== undefined) put(LOWCORE.restartNewPsw, SUPERVISOR, own);
  }

  #eachState(visit: (state: CpuState, cpu: number) => void): void {
    for (const vcpu of this.machine.vcpus) {
      this.machine.writeback.synchronizeState(vcpu);
      visit(vcpu.state, vcpu.index);
    }
  }

  get storage(): AbsoluteStorage {
    return this.machine.storage;
  }

  /** A CPU's state, current. */
  state(cpu = 0): CpuState {
    const vcpu = this.machine.vcpus[cpu]!;
    this.machine.writeback.synchronizeState(vcpu);
    return vcpu.state;
  }

  /** Address of a label. */
  label(name: string): number {
    const at = this.labels.get(name);
    if (at === undefined) throw new Error(`no label ${name}`);
    return at;
  }

  /** A doubleword at RESULTS. */
  result(index: number): bigint {
    return this.storage.read64(RESULTS + 8 * index);
  }

  results(count: number): bigint[] {
    return Array.from({ length: count }, (_, i) => this.result(i));
  }

  /** Runs until the machine ends, which must not have broken the rules of the writeback API. */
  async run(): Promise<MachineEnd> {
    const end = await this.machine.run();
    expect(this.machine.auditor!.violations).toEqual([]);
    return end;
  }

  /** Runs until `LPSWE SUCCESS`. */
  async succeed(): Promise<this> {
    const end = await this.run();
    const address = 'psw' in end ? end.psw.address : -1n;
    if (address !== BigInt(SUCCESS_ADDRESS)) throw new Error(this.#explain(end));
    return this;
  }

  /** Runs until an interruption for which there is no label. */
  async interrupted(newPsw: number): Promise<this> {
    const end = await this.run();
    const address = 'psw' in end ? end.psw.address : -1n;
    if (address !== BigInt(newPsw)) throw new Error(this.#explain(end));
    return this;
  }

  #explain(end: MachineEnd): string {
    const lines = [`the guest ended by ${end.kind}, CPUs at:`];
    this.#eachState((state) => {
      const at = (offset: number): string => hex(state.words[PREFIX]! + offset);
      const word = (offset: number): string =>
        hex(this.storage.read32(state.words[PREFIX]! + offset), 8);
      const doubleword = (offset: number): string =>
        hex(this.storage.read64(state.words[PREFIX]! + offset), 16);
      lines.push(
        `${hex(state.pswMask, 16)} ${hex(state.iaBits, 16)}, prefix ${at(0)}, program ` +
          `${word(LOWCORE.programLength)} ${doubleword(LOWCORE.translationException)} from ` +
          `${doubleword(LOWCORE.programOldPsw)} ${doubleword(LOWCORE.programOldPsw + 8)}`,
      );
    });
    return `${lines.join('\n')}\n${this.#source}`;
  }
}

/** Runs a guest to `LPSWE SUCCESS`. */
export function runGuest(source: string, options: GuestOptions = {}): Promise<Guest> {
  return new Guest(source, options).succeed();
}
