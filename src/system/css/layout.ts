/**
 * Layouts and codes of channel I/O (PoP, "I/O Instructions", "Basic I/O Functions", "I/O
 * Interruptions"). Flags are bits of the halfword or byte that the comment names.
 */

/** Subchannel-information block: PMCW in words 0-6, SCSW in words 7-9, measurement block address. */
export const SCHIB_SIZE = 52;
/** Interruption-response block without extended measurement: SCSW, ESW, ECW. */
export const IRB_SIZE = 64;
/** Operation-request block without extension, and with it. */
export const ORB_SIZE = 12;
export const EXTENDED_ORB_SIZE = 32;
export const SENSE_SIZE = 32;

/** PMCW, halfword at byte 4. */
export const PMCW_ISC = 0x3800;
export const PMCW_ISC_SHIFT = 11;
export const PMCW_RESERVED = 0x0700;
export const PMCW_ENABLED = 0x0080;
export const PMCW_LIMIT_MODE = 0x0060;
export const PMCW_MEASUREMENT_MODE = 0x0018;
export const PMCW_MULTIPATH = 0x0004;
export const PMCW_DEVICE_NUMBER_VALID = 0x0001;

/** PMCW, word at byte 24. */
export const PMCW_CHARACTERISTICS_RESERVED = 0xff1f_fff8;
export const PMCW_MEASUREMENT_FORMAT = 0x4;
export const PMCW_EXTENDED_MEASUREMENT = 0x2;
export const PMCW_CONCURRENT_SENSE = 0x1;

/** SCSW, halfword at byte 0. */
export const SCSW_SUSPEND_CONTROL = 0x0800;
export const SCSW_EXTENDED_STATUS_FORMAT = 0x0400;
export const SCSW_DEFERRED_CC = 0x0300;
export const SCSW_ZERO_CC = 0x0004;
export const SCSW_EXTENDED_CONTROL = 0x0002;
export const SCSW_PATH_NOT_OPERATIONAL = 0x0001;

/** SCSW, halfword at byte 2: function control, activity control, status control. */
export const FUNCTION_CONTROL = 0x7000;
export const FUNCTION_START = 0x4000;
export const FUNCTION_HALT = 0x2000;
export const FUNCTION_CLEAR = 0x1000;
export const ACTIVITY_CONTROL = 0x0fe0;
export const ACTIVITY_RESUME_PENDING = 0x0800;
export const ACTIVITY_SUSPENDED = 0x0020;
export const STATUS_CONTROL = 0x001f;
export const STATUS_ALERT = 0x0010;
export const STATUS_INTERMEDIATE = 0x0008;
export const STATUS_PRIMARY = 0x0004;
export const STATUS_SECONDARY = 0x0002;
export const STATUS_PENDING = 0x0001;

/** Device status, byte 8 of the SCSW. */
export const DEVICE_STATUS_MODIFIER = 0x40;
export const DEVICE_CHANNEL_END = 0x08;
export const DEVICE_END = 0x04;
export const DEVICE_UNIT_CHECK = 0x02;

/** Subchannel status, byte 9 of the SCSW. */
export const CHANNEL_PROGRAM_CONTROLLED = 0x80;
export const CHANNEL_INCORRECT_LENGTH = 0x40;
export const CHANNEL_PROGRAM_CHECK = 0x20;
export const CHANNEL_PROTECTION_CHECK = 0x10;

/** Extended-report word: concurrent sense is in the ECW; its length is 16 bits further left. */
export const ERW_CONCURRENT_SENSE = 0x0100_0000;

/** First sense byte. */
export const SENSE_COMMAND_REJECT = 0x80;
export const SENSE_DATA_CHECK = 0x08;

/** ORB, halfword at byte 4; the key is in its first four bits. */
export const ORB_SUSPEND_CONTROL = 0x0800;
export const ORB_FORMAT_1 = 0x0080;
export const ORB_INITIAL_STATUS = 0x0020;
export const ORB_SUPPRESS_SUSPENDED = 0x0008;
export const ORB_TRANSPORT_MODE = 0x0004;
export const ORB_FORMAT_2_IDAW = 0x0002;
export const ORB_2K_IDAW = 0x0001;
/** Bits that the SCSW repeats: key, S, F, P, I, A, U. */
export const ORB_IN_SCSW = 0xf8f8;

/** ORB, byte 7. */
export const ORB_LENGTH_SUPPRESSION = 0x80;
export const ORB_MODIFIED_IDAW = 0x40;
export const ORB_BYTE_7_RESERVED = 0x3e;
/** The ORB is extended by words 3-7. */
export const ORB_EXTENSION = 0x01;

/** Flags of a CCW. */
export const CCW_CHAIN_DATA = 0x80;
export const CCW_CHAIN_COMMAND = 0x40;
export const CCW_SUPPRESS_LENGTH = 0x20;
export const CCW_SKIP = 0x10;
export const CCW_INTERRUPT = 0x08;
export const CCW_INDIRECT = 0x04;
export const CCW_SUSPEND = 0x02;
export const CCW_MODIFIED_INDIRECT = 0x01;

/** Commands that every device here has. */
export const COMMAND_NO_OPERATION = 0x03;
export const COMMAND_SENSE = 0x04;
export const COMMAND_TRANSFER = 0x08;
export const COMMAND_SENSE_ID = 0xe4;
