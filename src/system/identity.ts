import type { CpuModel } from '../arch/cpu-model.ts';
import { encodeEbcdic } from '../arch/ebcdic.ts';
import type { Identity } from '../runtime/system/context.ts';

/** The level that STSI says the program runs at: a virtual machine. */
const VIRTUAL_MACHINE = 3;
/**
 * What the control program is called (level 3). Linux looks for the first three letters and then
 * takes devices to be virtio's.
 */
const CONTROL_PROGRAM = 'KVM/Linux';
const MAKER = 'js390';

/** What the CPU and the configuration around it are called: STIDP, STAP, STSI. */
export function identityOf(model: CpuModel, index: number, cpuCount: number): Identity {
  return {
    currentLevel: VIRTUAL_MACHINE,
    cpuAddress: () => index,
    // Version FF: a program, not a machine; serial number 0.
    cpuId: () => (0xffn << 56n) | (BigInt(bcdOf(model.machine)) << 16n),
    systemInformation: (functionCode, selector1, selector2) => {
      const which = `${functionCode}.${selector1}.${selector2}`;
      const block = new SystemInformation();
      switch (which) {
        case '1.1.1':
          block.text(32, 16, MAKER);
          block.text(48, 4, String(model.machine));
          block.text(64, 16, MAKER);
          block.text(80, 16, MAKER);
          block.text(96, 4, MAKER);
          return block.bytes;
        case '1.2.1':
          block.text(80, 16, MAKER);
          block.text(96, 4, MAKER);
          block.view.setUint16(102, index);
          return block.bytes;
        case '1.2.2':
          block.view.setUint32(32, CPU_CAPABILITY);
          block.view.setUint16(36, cpuCount);
          block.view.setUint16(38, cpuCount);
          return block.bytes;
        case '2.2.1':
          block.text(80, 16, MAKER);
          block.text(96, 4, MAKER);
          block.view.setUint16(102, index);
          return block.bytes;
        case '2.2.2':
          block.view.setUint8(35, 0xc0);
          block.cpus(36, cpuCount);
          block.text(44, 8, MAKER);
          block.view.setUint32(52, CAPABILITY);
          return block.bytes;
        case '3.2.2':
          block.view.setUint8(31, 1);
          block.cpus(36, cpuCount);
          block.text(44, 8, MAKER);
          block.view.setUint32(52, CAPABILITY);
          block.text(56, 16, CONTROL_PROGRAM);
          return block.bytes;
        default:
          return undefined;
      }
    },
  };
}

/** How fast the CPU is; less is faster. Linux makes bogomips of it, and infinitely many of 0. */
const CPU_CAPABILITY = 10_000;
/** Capability-adjustment factor: the whole of the CPU. */
const CAPABILITY = 1000;

/** A system-information block. */
class SystemInformation {
  readonly bytes = new Uint8Array(4096);
  readonly view = new DataView(this.bytes.buffer);

  text(at: number, size: number, text: string): void {
    this.bytes.set(encodeEbcdic(text.slice(0, size).padEnd(size)), at);
  }

  /** CPUs: total, configured, standby, reserved. */
  cpus(at: number, count: number): void {
    this.view.setUint16(at, count);
    this.view.setUint16(at + 2, count);
  }
}

/** A decimal number's digits as hexadecimal ones. */
function bcdOf(number: number): number {
  return parseInt(String(number), 16);
}
