import type { CpuModel } from '../arch/cpu-model.ts';
import type { Backend, EngineOptions } from '../engine/options.ts';
import type { AbsoluteStorage } from '../memory/absolute-storage.ts';
import type { FinalPsw } from './disabled-wait.ts';
import type { ConsoleDevice, Drive, Network } from './services.ts';

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

/** Where virtio devices are: behind subchannels, or on the bus of 2010 (see s390-bus.ts). */
export type VirtioBusKind = 'ccw' | 's390';

/** The devices of a machine, besides what SCLP has. */
export interface DeviceOptions {
  /** Default: `ccw`. */
  readonly virtioBus?: VirtioBusKind;
  readonly virtioConsole?: ConsoleDevice;
  readonly drives?: readonly Drive[];
  readonly network?: { readonly network: Network; readonly mac: Uint8Array };
  /** A random-number device. */
  readonly hasRandom?: boolean;
}

export interface MachineOptions extends DeviceOptions {
  readonly host: MachineHost;
  /** Bytes of storage: a multiple of 1 MiB. The s390-virtio bus has its pages behind them. */
  readonly memory: number;
  readonly cpus: number;
  readonly model: CpuModel;
  readonly backend?: Backend;
  readonly lineConsole?: ConsoleDevice;
  readonly vt220?: ConsoleDevice;
  /** The line-mode console shows what is typed. */
  readonly echo?: boolean;
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
