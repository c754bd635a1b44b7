import { encodeEbcdic } from '../../arch/ebcdic.ts';
import * as sccb from './sccb.ts';
import type { Sccb } from './sccb.ts';

/** What SCLP says of the machine. */
export interface Configuration {
  /** Bytes of storage, a multiple of 1 MiB. */
  readonly memorySize: number;
  /** CPUs, with the addresses 0, 1, 2... */
  readonly cpuCount: number;
  /** Up to eight characters for the program that is loaded; see `ipl_parameter` in Linux. */
  readonly loadParameter?: string;
  /**
   * The enhanced-suppression-on-protection facility: protection exceptions store a
   * translation-exception identification that says what it was (PoP, "Suppression on Protection").
   */
  readonly enhancedSuppression?: boolean;
}

const MIB = 0x10_0000;
/** Bytes of a CPU entry: address (1), features, type at 14. Features are for interpretive execution. */
const CPU_ENTRY = 16;
/** Where READ SCP INFO's CPU entries are when SCCBs are not of extended length. */
const SCP_CPU_OFFSET = 128;
/** The response's fixed part, which counts with entries behind it, wherever those are. */
const SCP_FIXED_SIZE = 144;
const CPU_INFO_OFFSET = 24;

/** Facilities: only READ CPU INFO. */
const HAS_CPU_INFO = 0x0800_0000_0000_0000n;
/** In byte 85. */
const ENHANCED_SUPPRESSION = 0x02;
/** Host addresses have at most so many bits; what QEMU's largest CPU model says. */
const HOST_ADDRESS_POWER = 47;
const LOAD_PARAMETER_SIZE = 8;

/** READ SCP INFO and its forced form. */
export function readScpInfo(block: Sccb, configuration: Configuration): void {
  const { memorySize, cpuCount, loadParameter = '', enhancedSuppression } = configuration;
  if (block.size < SCP_FIXED_SIZE + cpuCount * CPU_ENTRY) {
    block.responseCode = sccb.INSUFFICIENT_LENGTH;
    return;
  }
  const { view, bytes } = block;
  bytes.fill(0, sccb.SCCB_HEADER, SCP_FIXED_SIZE);
  // Storage increments of 1 MiB, and how many; storage ends below 2 GiB, so two bytes hold them.
  view.setUint16(8, memorySize / MIB);
  view.setUint8(10, 1);
  view.setUint16(16, cpuCount);
  view.setUint16(18, SCP_CPU_OFFSET);
  const name = loadParameter.slice(0, LOAD_PARAMETER_SIZE).padEnd(LOAD_PARAMETER_SIZE);
  bytes.set(encodeEbcdic(name), 24);
  view.setBigUint64(48, HAS_CPU_INFO);
  // No instruction-blocking control (76), no hardware system area (112) and none of the
  // characteristics of interpretive execution (80-98, 116-119).
  if (enhancedSuppression) view.setUint8(85, ENHANCED_SUPPRESSION);
  view.setUint8(99, HOST_ADDRESS_POWER);
  view.setUint16(120, cpuCount - 1);
  putCpuEntries(bytes, SCP_CPU_OFFSET, cpuCount);
  block.responseCode = sccb.NORMAL_READ_COMPLETION;
}

/** READ CPU INFO: configured and standby CPUs; there are no standby ones. */
export function readCpuInfo(block: Sccb, { cpuCount }: Configuration): void {
  const end = CPU_INFO_OFFSET + cpuCount * CPU_ENTRY;
  if (block.size < end) {
    block.responseCode = sccb.INSUFFICIENT_LENGTH;
    return;
  }
  const { view, bytes } = block;
  bytes.fill(0, sccb.SCCB_HEADER, end);
  view.setUint16(8, cpuCount);
  view.setUint16(10, CPU_INFO_OFFSET);
  view.setUint16(12, 0);
  view.setUint16(14, end);
  putCpuEntries(bytes, CPU_INFO_OFFSET, cpuCount);
  block.responseCode = sccb.NORMAL_READ_COMPLETION;
}

function putCpuEntries(bytes: Uint8Array, at: number, count: number): void {
  bytes.fill(0, at, at + count * CPU_ENTRY);
  for (let cpu = 0; cpu < count; cpu++) bytes[at + cpu * CPU_ENTRY] = cpu;
}
