import { HIGH_EXTERNAL, HIGH_IO, HIGH_MACHINE_CHECK, HIGH_PER, HIGH_WAIT } from '../arch/psw.ts';
import type { Accelerator, CpuExit } from '../cpu/accelerator.ts';
import type { ProgramInterruption } from '../cpu/interruption.ts';
import {
  PIC_ADDRESSING,
  PIC_ASCE_TYPE,
  PIC_PAGE_TRANSLATION,
  PIC_PROTECTION,
  PIC_REGION_THIRD_TRANSLATION,
  PIC_SEGMENT_TRANSLATION,
  PIC_TRANSLATION_SPECIFICATION,
} from '../cpu/interruption.ts';
import {
  nextInterruption,
  timerDue,
  type FloatingInterruptions,
  type LocalInterruptions,
} from '../cpu/pending.ts';
import {
  CpuState,
  FULL,
  OPERATING_STATE,
  PSW_MASK,
  RESET,
  SVC_LENGTH,
  type WritebackLevel,
} from '../cpu/state.ts';
import { CpuTimers, type TodClock } from '../cpu/timing.ts';
import { copyFields } from '../cpu/writeback.ts';
import { fetchInsn } from '../frontend/fetch.ts';
import { modeKey, modeOf } from '../frontend/tb-key.ts';
import { insnLength, type Insn } from '../isa/decoder.ts';
import { DECODER } from '../isa/table.ts';
import type { AbsoluteStorage } from '../memory/absolute-storage.ts';
import { DatStorage } from '../memory/dat-storage.ts';
import type { Identity, SystemContext } from '../runtime/system/context.ts';
import { Engine } from './engine.ts';
import type { EngineExit } from './exit.ts';
import { earlyException, InterruptionAction, nullifies, type PerEvent } from './interruptions.ts';
import type { EngineOptions } from './options.ts';
import { TranslationStore } from './translation-store.ts';
import { perControl, perEvents, type PerControl } from './per.ts';

/** What an accelerator shares with the machine: storage, clocks, what is pending. */
export interface SystemParts {
  readonly storage: AbsoluteStorage;
  readonly clock: TodClock;
  readonly floating: FloatingInterruptions;
  /** By VCPU. */
  readonly local: readonly LocalInterruptions[];
  readonly identity: (index: number) => Identity;
}

/** One VCPU's part of an accelerator. */
interface Bank {
  /** Its registers while another VCPU's are loaded. */
  readonly state: CpuState;
  readonly timers: CpuTimers;
  raised?: ProgramInterruption | undefined;
  /** A PER event of the instruction that the machine carries out. */
  per?: PerEvent | undefined;
  /** Where the last program interruption led, and how often the next came from there at once. */
  handler: number;
  loops: number;
}

/** Blocks, or runs of generated code, before the host's clock is looked at. */
const BUDGET = 2_000;
/** Program interruptions in a row, each before an instruction was executed, that are a loop. */
const INTERRUPTION_LOOP = 1_000;

/**
 * Runs VCPUs by an engine: one register file, in which the VCPU's registers are that runs, one TLB
 * and one store of translations for all. Interruptions are taken here; what the machine must do
 * makes the VCPU come back.
 */
export class SystemAccelerator implements Accelerator {
  readonly name: string;
  readonly engine: Engine<DatStorage>;
  readonly memory: DatStorage;
  /** The live registers. */
  readonly #state = new CpuState();
  readonly #parts: SystemParts;
  readonly #banks: Bank[];
  readonly #action: InterruptionAction;
  #loaded = 0;
  /** Why `enter` did not let the CPU run. */
  #exit: CpuExit = { kind: 'wait' };
  constructor(parts: SystemParts, options: EngineOptions) {
    this.#parts = parts;
    const { storage, clock, local } = parts;
    this.name = options.backend ?? 'tiered';
    const list = options.facilities;
    const enhancedDat = list !== undefined && (list[1]! & 0x80) !== 0;
    this.memory = new DatStorage(storage, this.#state, { enhancedDat });
    this.#banks = local.map(() => ({
      state: new CpuState(),
      timers: new CpuTimers(clock),
      handler: -1,
      loops: 0,
    }));
    this.#action = new InterruptionAction(storage, this.#state);
    this.engine = new Engine(this.memory, this.#state, {
      translations: new TranslationStore(),
      ...options,
      clock: () => this.#timers.tod(),
      system: {
        context: this.#context(),
        enter: () => this.#enter(),
        codeSpace: () => this.memory.codeSpace(),
        interruption: (code) => this.#fetchInterruption(code),
        afterInstruction: (at, exit) => this.#perCheck(at, exit),
      },
    });
    this.memory.listeners.add(this.engine);
  }

  #context(): SystemContext {
    const timers = (): CpuTimers => this.#timers;
    const identity = (): Identity => this.#parts.identity(this.#loaded);
    return {
      memory: this.memory,
      timing: {
        tod: () => timers().tod(),
        cpuTimer: () => timers().cpuTimer(),
        setCpuTimer: (value) => {
          timers().setCpuTimer(value);
        },
        clockComparator: () => timers().clockComparator(),
        setClockComparator: (value) => {
          timers().setClockComparator(value);
        },
        setTodProgrammable: () => undefined,
      },
      identity: {
        cpuId: () => identity().cpuId(),
        cpuAddress: () => identity().cpuAddress(),
        currentLevel: identity().currentLevel,
        systemInformation: (...which) => identity().systemInformation(...which),
      },
      masksChanged: () => this.hasWork(this.#loaded),
    };
  }

  get #timers(): CpuTimers {
    return this.#banks[this.#loaded]!.timers;
  }

  // ---- state of VCPUs ----

  getRegisters(index: number, state: CpuState): void {
    const { state: stored, timers } = this.#banks[index]!;
    copyFields(index === this.#loaded ? this.#state : stored, state, FULL);
    timers.get(state);
  }

  putRegisters(index: number, state: CpuState, level: WritebackLevel): void {
    const { state: stored, timers } = this.#banks[index]!;
    const own = index === this.#loaded ? this.#state : stored;
    copyFields(state, own, level);
    if (level < RESET) return;
    timers.put(state, level === FULL);
    this.#banks[index]!.raised = undefined;
    this.#banks[index]!.per = undefined;
  }

  #load(index: number): void {
    if (index === this.#loaded) return;
    this.#banks[this.#loaded]!.state.copyFrom(this.#state);
    this.#state.copyFrom(this.#banks[index]!.state);
    this.#loaded = index;
  }

  operatingState(index: number): number {
    const { state } = this.#banks[index]!;
    return (index === this.#loaded ? this.#state : state).words[OPERATING_STATE]!;
  }

  /** A program interruption for what the VCPU was just intercepted at: taken when it next runs. */
  raise(index: number, interruption: ProgramInterruption): void {
    this.#banks[index]!.raised = interruption;
  }

  /** For an accelerator that will not run again. */
  dispose(): void {
    this.engine.dispose();
  }

  /** Whether a VCPU that waits has something to do. */
  hasWork(index: number): boolean {
    const { floating, local } = this.#parts;
    const { state, timers } = this.#banks[index]!;
    const own = index === this.#loaded ? this.#state : state;
    const mine = local[index]!;
    return (
      mine.stop !== 'none' || nextInterruption(own, floating, mine, timers, true) !== undefined
    );
  }

  /** When the timers that a VCPU is enabled for are due, in host milliseconds. */
  dueAt(index: number): number {
    const { state, timers } = this.#banks[index]!;
    return timerDue(index === this.#loaded ? this.#state : state, timers);
  }

  // ---- running ----

  run(index: number, until: number): CpuExit {
    this.#load(index);
    const bank = this.#banks[index]!;
    const { raised, per } = bank;
    bank.raised = undefined;
    bank.per = undefined;
    if (raised) {
      this.memory.modeChanged();
      this.#per = per;
      this.#program({ kind: 'interruption', interruption: raised });
    } else if (per) {
      this.memory.modeChanged();
      this.#action.perEvent(per, this.#lengthAt(Number(per.address)));
    }
    const { clock } = this.#parts;
    for (;;) {
      const exit = this.engine.run(BUDGET);
      switch (exit.kind) {
        case 'budget':
          break;
        case 'supervisorCall':
          this.#action.supervisorCall(exit.number, this.#state.words[SVC_LENGTH]!);
          break;
        case 'interruption':
          if (this.#isLoop(exit)) return { kind: 'interruptionLoop' };
          this.#program(exit);
          break;
        case 'intercept':
          return exit;
        case 'event':
          return this.#exit;
      }
      // A program may cause interruptions so often that it never uses up its budget.
      if (clock.ms() >= until) return { kind: 'time' };
    }
  }

  /** Whether the first instruction behind the last program interruption fails again and again. */
  #isLoop({ interruption }: EngineExit & { kind: 'interruption' }): boolean {
    const bank = this.#banks[this.#loaded]!;
    const isFirst = this.#state.ia === bank.handler && !interruption.completed;
    bank.loops = isFirst ? bank.loops + 1 : 0;
    return bank.loops > INTERRUPTION_LOOP;
  }

  #program({ interruption, length }: EngineExit & { kind: 'interruption' }): void {
    const known = length ?? interruption.length ?? this.#lengthAt(this.#state.ia);
    this.#action.program(interruption, known, this.#per);
    this.#per = undefined;
    this.#banks[this.#loaded]!.handler = this.#state.ia;
  }

  /** The event that goes with the next program interruption. */
  #per: PerEvent | undefined;
  /** With PER on: what is recorded of the next instruction. */
  #perControl: PerControl = { mask: 0, start: 0n, end: 0n };

  /** The length of the instruction at an address, 2 where it cannot be fetched. */
  #lengthAt(address: number): number {
    const offset = this.memory.codeOffset(address);
    return offset < 0 ? 2 : insnLength(this.memory.bytes[offset]!);
  }

  /** See `SystemHooks`. */
  #enter(): EngineExit | undefined {
    const state = this.#state;
    const { words } = state;
    const { floating, local } = this.#parts;
    const mine = local[this.#loaded]!;
    for (let loops = 0; ;) {
      const early = earlyException(state);
      if (early) {
        if (++loops > INTERRUPTION_LOOP) return this.#leave({ kind: 'interruptionLoop' });
        this.#action.program(early, 0);
        continue;
      }
      if (mine.stop !== 'none') return this.#leave({ kind: 'stop' });
      const found = nextInterruption(state, floating, mine, this.#timers);
      if (!found) break;
      // Its save area has timers, too.
      if (found.kind === 'machineCheck') this.#timers.get(state);
      this.#action.take(found);
    }
    this.memory.modeChanged();
    const high = words[PSW_MASK + 1]!;
    if (high & HIGH_PER) this.#perControl = perControl(state);
    if ((high & HIGH_WAIT) === 0) return undefined;
    const enabled = high & (HIGH_EXTERNAL | HIGH_IO | HIGH_MACHINE_CHECK);
    return this.#leave({ kind: enabled ? 'wait' : 'disabledWait' });
  }

  #leave(exit: CpuExit): EngineExit {
    this.#exit = exit;
    return { kind: 'event' };
  }

  #fetchInterruption(code: number): ProgramInterruption | undefined {
    switch (code) {
      case PIC_ADDRESSING:
      case PIC_PROTECTION:
      case PIC_SEGMENT_TRANSLATION:
      case PIC_PAGE_TRANSLATION:
      case PIC_TRANSLATION_SPECIFICATION:
      case PIC_ASCE_TYPE:
      case PIC_ASCE_TYPE + 1:
      case PIC_REGION_THIRD_TRANSLATION - 1:
      case PIC_REGION_THIRD_TRANSLATION:
        break;
      default:
        return undefined;
    }
    // The first halfword that cannot be had: of the instruction, or of what EXECUTE executes.
    const at = this.#state.iaBits;
    const failing = this.#firstClosed(at) ?? this.#firstClosed(this.#executeTarget(at)) ?? at;
    const found = this.memory.fetchInterruption(failing);
    return found.code === code ? found : undefined;
  }

  /** The first halfword of an instruction that cannot be fetched. */
  #firstClosed(address: bigint): bigint | undefined {
    const at = Number(address);
    const offset = this.memory.codeOffset(at);
    if (offset < 0) return address;
    const length = insnLength(this.memory.bytes[offset]!);
    for (let i = 2; i < length; i += 2) {
      if (this.memory.codeOffset(at + i) < 0) return address + BigInt(i);
    }
    return undefined;
  }

  #insnAt(at: number): Insn | undefined {
    const fetched = fetchInsn(this.memory, at);
    return typeof fetched === 'number' ? undefined : DECODER.decode(fetched.bits, at);
  }

  /** Where the target is of the EXECUTE at an address; the address itself of other instructions. */
  #executeTarget(at: bigint): bigint {
    const insn = this.#insnAt(Number(at));
    const { ri2 = 0, b2 = 0, x2 = 0, d2 = 0 } = insn?.fields ?? {};
    const state = this.#state;
    const bits = modeOf(modeKey(state)).addressing;
    switch (insn?.instruction.mnemonic) {
      case 'EXRL':
        return BigInt.asUintN(bits, at + BigInt(2 * ri2));
      case 'EX': {
        const part = (r: number): bigint => (r === 0 ? 0n : state.gr(r));
        return BigInt.asUintN(bits, part(b2) + part(x2) + BigInt(d2));
      }
      default:
        return at;
    }
  }

  /** An instruction at `at` was executed with PER on: what it makes of `exit`. */
  #perCheck(at: number, exit: EngineExit | undefined): EngineExit | undefined {
    if (exit?.kind === 'interruption' && !isRecorded(exit.interruption)) return exit;
    const length = this.#lengthAt(at);
    const event = perEvents(this.#perControl, at, this.#branchTarget(at, length, exit));
    if (!event) return exit;
    switch (exit?.kind) {
      case 'interruption':
        this.#per = event;
        return exit;
      case 'intercept':
        // It is not yet complete.
        this.#banks[this.#loaded]!.per = event;
        return exit;
      case 'supervisorCall':
        this.#action.supervisorCall(exit.number, length);
        break;
      default:
    }
    this.#action.perEvent(event, length);
    return undefined;
  }

  /**
   * Where the instruction at `at`, behind which the CPU is now, branched to. A branch to behind
   * itself is not told from one that was not taken.
   */
  #branchTarget(at: number, length: number, exit: EngineExit | undefined): number | undefined {
    const { ia } = this.#state;
    if (exit !== undefined || ia === at + length) return undefined;
    const mnemonic = this.#insnAt(at)?.instruction.mnemonic;
    return mnemonic === 'LPSW' || mnemonic === 'LPSWE' ? undefined : ia;
  }
}

/**
 * Whether an instruction that ended so was fetched and is not executed again: only then it is an
 * event.
 */
function isRecorded({ code, isFetch }: ProgramInterruption): boolean {
  if (nullifies(code)) return false;
  const isAccess =
    code === PIC_ADDRESSING || code === PIC_PROTECTION || code === PIC_TRANSLATION_SPECIFICATION;
  return !(isFetch && isAccess);
}
