import { cpuModel, machineModel } from '../arch/cpu-model.ts';
import { hostTod } from '../engine/options.ts';
import { NodeHost } from '../host/node/node-host.ts';
import type { MachineHost, MachineOptions } from '../system/machine-options.ts';
import { Machine } from '../system/machine.ts';
import type { Network } from '../system/services.ts';

/** QEMU's for a first network device. */
const MAC = Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56);

/** `cpu`: the name of a CPU model that there is. */
export function createMachine(
  options: Omit<MachineOptions, 'host' | 'model' | 'network' | 'hasRandom'>,
  cpu: string,
  network: Network | undefined,
): Machine {
  return new Machine({
    ...options,
    host: machineHost(),
    model: machineModel(cpuModel(cpu)!),
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
