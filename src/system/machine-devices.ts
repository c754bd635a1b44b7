import type { FloatingInterruptions } from '../cpu/pending.ts';
import type { AbsoluteStorage } from '../memory/absolute-storage.ts';
import { ChannelSubsystem } from './css/channel-subsystem.ts';
import type { DeviceOptions, MachineOptions } from './machine-options.ts';
import type { Snapshotable } from './services.ts';
import { S390_BUS_SIZE, S390VirtioBus } from './virtio/s390-bus.ts';
import { VirtioBlock } from './virtio/virtio-block.ts';
import { VirtioCcw } from './virtio/virtio-ccw.ts';
import { VirtioConsole } from './virtio/virtio-console.ts';
import type { VirtioDevice } from './virtio/virtio-device.ts';
import { VirtioNet } from './virtio/virtio-net.ts';
import { VirtioRng } from './virtio/virtio-rng.ts';

/** Bytes of absolute storage of a machine: the guest's, and behind it the bus's. */
export function storageSize({ memory, virtioBus }: MachineOptions): number {
  return virtioBus === 's390' ? memory + S390_BUS_SIZE : memory;
}

/** The channel subsystem, the s390-virtio bus where there is one, and the devices on either. */
export class MachineDevices {
  readonly css: ChannelSubsystem;
  readonly bus: S390VirtioBus | undefined;
  readonly #console: VirtioConsole | undefined;
  readonly #subchannelDevices: VirtioCcw[] = [];

  constructor(storage: AbsoluteStorage, floating: FloatingInterruptions, options: MachineOptions) {
    this.css = new ChannelSubsystem(storage, floating);
    if (options.virtioBus === 's390') {
      this.bus = new S390VirtioBus(
        storage,
        options.memory,
        (parameter, token) => {
          floating.raiseVirtio(parameter, token);
        },
        options.virtioConsole,
      );
    }
    const random = (bytes: Uint8Array): void => options.host.random(bytes);
    for (const [id, device] of virtioDevices(storage, random, options)) {
      if (device instanceof VirtioConsole) this.#console = device;
      if (this.bus) {
        this.bus.attach(device);
        continue;
      }
      const ccw = new VirtioCcw(id, device, storage, floating);
      this.css.attach(ccw);
      this.#subchannelDevices.push(ccw);
    }
  }

  /** Bytes of input that wait for the driver of the virtio console. */
  get queuedInput(): number {
    return this.#console?.queuedInput ?? 0;
  }

  /** A system reset. The bus describes its devices anew, in storage that may have been cleared. */
  reset(): void {
    this.css.reset();
    this.bus?.reset();
  }

  /** What a snapshot keeps, in the order in which it is loaded. */
  parts(): readonly Snapshotable[] {
    return [this.css, ...this.#subchannelDevices, ...(this.bus ? [this.bus] : [])];
  }
}

/** The devices, each with its name in snapshots. */
function virtioDevices(
  storage: AbsoluteStorage,
  random: (bytes: Uint8Array) => void,
  { drives = [], network, virtioConsole, hasRandom }: DeviceOptions,
): readonly [id: string, device: VirtioDevice][] {
  const devices: [string, VirtioDevice][] = drives.map((drive, i) => [
    `virtio-blk.${i}`,
    new VirtioBlock(storage, drive),
  ]);
  if (network) {
    devices.push(['virtio-net.0', new VirtioNet(storage, network.network, network.mac)]);
  }
  if (virtioConsole) {
    devices.push(['virtio-console.0', new VirtioConsole(storage, virtioConsole)]);
  }
  if (hasRandom) devices.push(['virtio-rng.0', new VirtioRng(storage, random)]);
  return devices;
}
