import type { FloatingInterruptions, LocalInterruptions } from '../cpu/pending.ts';
import { STATE_FIELDS } from '../cpu/state.ts';
import type { TodClock } from '../cpu/timing.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { SavedRecord } from './css/saved-record.ts';
import { SnapshotError, type Saved, type Snapshotable } from './services.ts';

/**
 * One VCPU in a snapshot: every field of its state by name, and what is pending. The state is
 * current when it is saved, and is written back after it was loaded: that is the machine's.
 */
export class VcpuState implements Snapshotable {
  readonly snapshotId: string;
  readonly #vcpu: Vcpu;
  readonly #local: LocalInterruptions;

  constructor(vcpu: Vcpu, local: LocalInterruptions) {
    this.snapshotId = `cpu.${vcpu.index}`;
    this.#vcpu = vcpu;
    this.#local = local;
  }

  save(): Saved {
    const { words } = this.#vcpu.state;
    const fields: Record<string, Saved> = {};
    for (const { name, at, words: size, count } of STATE_FIELDS) {
      fields[name] = [...words.subarray(at, at + size * count)];
    }
    const { emergency, externalCall, restart, stop } = this.#local;
    return { fields, emergency: [...emergency], externalCall, restart, stop };
  }

  load(saved: Saved): void {
    const record = new SavedRecord(saved, `the state of CPU ${this.#vcpu.index}`);
    const fields = new SavedRecord(record.field('fields'), 'a VCPU');
    const { words } = this.#vcpu.state;
    for (const { name, at, words: size, count } of STATE_FIELDS) {
      const values = fields.list(name).map(Number);
      if (values.length !== size * count) {
        throw new SnapshotError(`the snapshot's register ${name} has another size`);
      }
      words.set(values, at);
    }
    const local = this.#local;
    local.clear();
    for (const cpu of record.list('emergency')) local.emergency.add(Number(cpu));
    local.externalCall = record.number('externalCall');
    local.restart = record.boolean('restart');
    const stop = record.field('stop');
    local.stop = stop === 'stop' || stop === 'storeStatus' ? stop : 'none';
  }
}

/** Floating interruptions, and the clock: it goes on from where it was. */
export class CommonState implements Snapshotable {
  readonly snapshotId = 'machine';
  readonly #floating: FloatingInterruptions;
  readonly #clock: TodClock;

  constructor(floating: FloatingInterruptions, clock: TodClock) {
    this.#floating = floating;
    this.#clock = clock;
  }

  save(): Saved {
    const { io, service, channelReport, virtio } = this.#floating.save();
    return {
      tod: this.#clock.read(),
      io: io.map(({ subsystemId, parameter, isc, adapter = false }) => ({
        subsystemId,
        parameter,
        isc,
        adapter,
      })),
      service,
      channelReport,
      virtio: virtio.map(({ parameter, token }) => ({ parameter, token })),
    };
  }

  load(saved: Saved): void {
    const record = new SavedRecord(saved, 'the state of the machine');
    this.#clock.set(record.bigint('tod'));
    this.#floating.load({
      io: record.list('io').map((one) => {
        const io = new SavedRecord(one, 'a pending I/O interruption');
        return {
          subsystemId: io.number('subsystemId'),
          parameter: io.number('parameter'),
          isc: io.number('isc') & 7,
          adapter: io.boolean('adapter'),
        };
      }),
      service: record.number('service'),
      channelReport: record.boolean('channelReport'),
      virtio: record.list('virtio').map((one) => {
        const virtio = new SavedRecord(one, 'a pending interruption of the virtio bus');
        return { parameter: virtio.number('parameter'), token: virtio.bigint('token') };
      }),
    });
  }
}
