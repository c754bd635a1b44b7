import { DEFAULT_CPU_MODEL, type CpuModel } from '../arch/cpu-model.ts';
import { hostTod } from '../engine/options.ts';
import { NodeHost } from '../host/node/node-host.ts';
import { Machine, type MachineHost, type MachineOptions } from '../system/machine.ts';
import type { Network } from '../system/services.ts';

/** Facilities whose instructions are a kernel's business; Linux does not start without 27. */
const CONTROL_FACILITIES = [3, 9, 27, 31, 40, 51, 75, 76, 130, 131];
/** QEMU's for a first network device. */
const MAC = Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56);

export function createMachine(
  options: Omit<MachineOptions, 'host' | 'model' | 'network' | 'hasRandom'>,
  network: Network | undefined,
): Machine {
  return new Machine({
    ...options,
    host: machineHost(),
    model: machineModel(),
    hasRandom: true,
    ...(network ? { network: { network, mac: MAC } } : {}),
  });
}

function machineHost(): MachineHost {
  const host = new NodeHost();
  return {
    now: () => performance.now(),
    tod: hostTod,
    pause: (ms) =>
      new Promise((resolve) => void (ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve))),
    random: (bytes) => {
      host.random(bytes);
    },
  };
}

function machineModel(): CpuModel {
  const facilities = new Set([...DEFAULT_CPU_MODEL.facilities, ...CONTROL_FACILITIES]);
  return { ...DEFAULT_CPU_MODEL, facilities: [...facilities].sort((a, b) => a - b) };
}
