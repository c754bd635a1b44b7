/**
 * Assigned storage locations of the prefix area (PoP, "Assigned Storage Locations"): offsets in
 * bytes from real address 0. PSWs are 16 bytes.
 */
export const LOWCORE = {
  /** Parameter of an external interruption: 4 bytes; then CPU address and code, 2 bytes each. */
  externalParameter: 0x80,
  externalCpuAddress: 0x84,
  externalCode: 0x86,
  /** Instruction length (2 bytes), then the SVC number (2). */
  svcLength: 0x88,
  svcCode: 0x8a,
  programLength: 0x8c,
  programCode: 0x8e,
  /** Data-exception code: 4 bytes, the code in the last. */
  dataExceptionCode: 0x90,
  monitorClass: 0x94,
  /** PER code (1 byte), and addressing-and-translation-mode identification (1). */
  perCode: 0x96,
  perAtmid: 0x97,
  perAddress: 0x98,
  exceptionAccessId: 0xa0,
  perAccessId: 0xa1,
  operandAccessId: 0xa2,
  /** Translation-exception identification: 8 bytes. */
  translationException: 0xa8,
  monitorCode: 0xb0,
  /** Subsystem-identification word, interruption parameter, interruption-identification word. */
  subsystemId: 0xb8,
  ioParameter: 0xbc,
  ioInterruptionId: 0xc0,
  /** STFL's facility list: 4 bytes. */
  facilityList: 0xc8,
  machineCheckCode: 0xe8,
  externalDamageCode: 0xf4,
  failingStorageAddress: 0xf8,
  breakingEventAddress: 0x110,
  restartOldPsw: 0x120,
  externalOldPsw: 0x130,
  svcOldPsw: 0x140,
  programOldPsw: 0x150,
  machineCheckOldPsw: 0x160,
  ioOldPsw: 0x170,
  restartNewPsw: 0x1a0,
  externalNewPsw: 0x1b0,
  svcNewPsw: 0x1c0,
  programNewPsw: 0x1d0,
  machineCheckNewPsw: 0x1e0,
  ioNewPsw: 0x1f0,
  externalParameter2: 0x11b8,
  /** Store-status and machine-check save areas. */
  floatingPointRegisters: 0x1200,
  generalRegisters: 0x1280,
  statusPsw: 0x1300,
  statusPrefix: 0x1318,
  floatingPointControl: 0x131c,
  todProgrammable: 0x1324,
  cpuTimer: 0x1328,
  clockComparator: 0x1330,
  accessRegisters: 0x1340,
  controlRegisters: 0x1380,
} as const;

/** Bytes of the prefix area: two pages. */
export const PREFIX_SIZE = 0x2000;
