import { CpuState, RUNTIME, STATE_FIELDS, type StateField, type WritebackLevel } from './state.ts';
import type { Vcpu } from './vcpu.ts';
import type { StateOwner } from './accelerator.ts';

/** What happened to the fields of a VCPU at writebacks of one level for one reason. */
export interface AuditRecord {
  /** Why the VCPU had left the accelerator: the kind of exit, an instruction, a reset. */
  readonly reason: string;
  readonly level: WritebackLevel;
  count: number;
  /** Fields that had changed, and fields that were written. */
  readonly dirty: Set<string>;
  readonly written: Set<string>;
}

/** A state as it was fetched or last written, and what was done then. */
interface Fetched {
  readonly copy: CpuState;
  reason: string;
}

/** Fields that run on while a CPU does: they need not read back as they were written. */
const RUNNING = new Set(['cpuTimer']);

/**
 * Checks the promise of the writeback API: state is only used while it is current, what was changed
 * is written at a level that covers it, and what is written arrives. For tests and research: it
 * reads everything back each time.
 */
export class WritebackAuditor {
  readonly records = new Map<string, AuditRecord>();
  readonly violations: string[] = [];
  /** Set by the machine when a VCPU leaves its accelerator. */
  reason = 'init';
  readonly #fetched = new Map<Vcpu, Fetched>();
  readonly #scratch = new CpuState();

  /** The state has just been fetched. */
  fetched(vcpu: Vcpu): void {
    let fetched = this.#fetched.get(vcpu);
    if (!fetched) {
      fetched = { copy: new CpuState(), reason: this.reason };
      this.#fetched.set(vcpu, fetched);
    }
    fetched.copy.copyFrom(vcpu.state);
    fetched.reason = this.reason;
  }

  staleRead(vcpu: Vcpu): void {
    this.violations.push(`${this.reason}: CPU ${vcpu.index}'s state was used while it was stale`);
  }

  /** The state has just been put at a level. */
  written(vcpu: Vcpu, level: WritebackLevel, owner: StateOwner): void {
    const { copy: before, reason } = this.#fetched.get(vcpu) ?? {};
    // A CPU that enters its accelerator is written for what it was fetched for, whatever other CPUs
    // have done since; resets and loads write at once.
    const why = level === RUNTIME && reason !== undefined ? reason : this.reason;
    const record = this.#record(why, level);
    record.count++;
    const now = vcpu.state;
    owner.getRegisters(vcpu.index, this.#scratch);
    for (const field of STATE_FIELDS) {
      const isDirty = !before || differs(field, before, now);
      if (isDirty) record.dirty.add(field.name);
      if (field.level <= level) {
        record.written.add(field.name);
        if (!RUNNING.has(field.name) && differs(field, now, this.#scratch)) {
          this.#violation(why, vcpu, `${field.name} was written and did not arrive`);
        }
      } else if (before && isDirty && !RUNNING.has(field.name)) {
        this.#violation(why, vcpu, `${field.name} was changed and not written at level ${level}`);
      }
    }
    this.fetched(vcpu);
  }

  #violation(reason: string, vcpu: Vcpu, what: string): void {
    this.violations.push(`${reason}: CPU ${vcpu.index}: ${what}`);
  }

  #record(reason: string, level: WritebackLevel): AuditRecord {
    const key = `${level} ${reason}`;
    let record = this.records.get(key);
    if (!record) {
      record = { reason, level, count: 0, dirty: new Set(), written: new Set() };
      this.records.set(key, record);
    }
    return record;
  }
}

function differs({ at, words, count }: StateField, a: CpuState, b: CpuState): boolean {
  for (let i = at; i < at + words * count; i++) if (a.words[i] !== b.words[i]) return true;
  return false;
}
