import { PIC_OPERAND, ProgramInterruption } from '../../cpu/interruption.ts';

/**
 * CHANNEL SUBSYSTEM CALL: commands, their fields and answers as QEMU's machine has them, since the
 * architecture does not publish them. A block begins with the request: length and command
 * (halfwords), then parameters; the response follows it: length, response code, 4 bytes, data.
 */
const STORE_CHANNEL_PATH_DESCRIPTION = 0x0002;
const STORE_EVENT_INFORMATION = 0x000e;
const STORE_CHARACTERISTICS = 0x0010;
const SET_DOMAIN_ATTRIBUTES = 0x0031;

const DONE = 0x0001;
const INVALID_FIELD = 0x0003;
const NOT_PROVIDED = 0x0004;
const NO_EVENT = 0x0005;
const INVALID_FORMAT = 0x0007;
const INVALID_IMAGE = 0x0008;

/** Length of a response without data. */
const RESPONSE_HEADER = 8;
/** Set where a channel-subsystem image is given: its number counts. */
const IMAGE_GIVEN = 0x2000_0000;
/** The only channel path, and the type that QEMU gives those of virtio-ccw. */
const CHANNEL_PATH = 0;
const CHANNEL_PATH_TYPE = 0x32;

const OPERATION_IMAGES = 0x0000;
const OPERATION_SUBCHANNEL_SETS = 0x0002;

/** What the commands ask or change of the channel subsystem. */
export interface ChscTarget {
  /** Number of the image that all devices are in. */
  readonly image: number;
  /** The program wants to see more than one image. */
  enableImages(): void;
}

interface Response {
  readonly code: number;
  readonly parameter?: number;
  readonly data?: Uint8Array;
}

/**
 * Executes the command in a 4096-byte block and writes the response into it.
 * @throws ProgramInterruption operand, when the request's length is invalid
 */
export function executeChsc(target: ChscTarget, block: Uint8Array): void {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const length = view.getUint16(0);
  if (length < 16 || length > 4088 || length % 8 !== 0) throw new ProgramInterruption(PIC_OPERAND);
  const request = {
    length,
    command: view.getUint16(2),
    words: [view.getUint32(4), view.getUint32(8), view.getUint32(12)],
  };
  const { code, parameter = 0, data = new Uint8Array(0) } = answer(target, request);
  // A request may leave no room for all of its answer.
  const room = block.length - length - RESPONSE_HEADER;
  const fits = data.length <= room;
  view.setUint16(length, RESPONSE_HEADER + (fits ? data.length : 0));
  view.setUint16(length + 2, fits ? code : INVALID_FIELD);
  view.setUint32(length + 4, parameter);
  if (fits) block.set(data, length + RESPONSE_HEADER);
}

interface Request {
  readonly length: number;
  readonly command: number;
  /** Words 1-3. */
  readonly words: readonly number[];
}

function answer(target: ChscTarget, request: Request): Response {
  switch (request.command) {
    case STORE_CHANNEL_PATH_DESCRIPTION:
      return channelPathDescription(target, request);
    case STORE_CHARACTERISTICS:
      return characteristics(target, request);
    case SET_DOMAIN_ATTRIBUTES:
      return setDomainAttributes(target, request);
    case STORE_EVENT_INFORMATION:
      return { code: NO_EVENT };
    default:
      return { code: NOT_PROVIDED };
  }
}

function channelPathDescription(target: ChscTarget, { length, words }: Request): Response {
  const [first, second, third] = words;
  const wanted = (first >>> 8) & 0xf;
  const common = (first & 0x1000_0000) !== 0;
  const format = wanted > 1 ? wanted : common ? 1 : 0;
  const failed = (code: number): Response => ({ code, parameter: format });
  if (length !== 16 || first & 0xc000_f000 || second & 0xffff_ff00 || third) {
    return failed(INVALID_FIELD);
  }
  if (first & 0x0f00_0000) return failed(INVALID_FORMAT);
  const image = (first >>> 16) & 0xff;
  if (!isImage(target, first, image)) return failed(INVALID_IMAGE);
  const from = first & 0xff;
  const to = second & 0xff;
  if (to < from) return failed(INVALID_FIELD);
  const data = new Uint8Array(from <= CHANNEL_PATH && format <= 1 ? (format === 0 ? 8 : 32) : 0);
  if (data.length > 0) data.set([0x80, 0, CHANNEL_PATH_TYPE, CHANNEL_PATH]);
  return { code: DONE, parameter: format, data };
}

/** What Linux knows as general and CHSC characteristics. */
function characteristics(target: ChscTarget, { length, words }: Request): Response {
  const [first, second, third] = words;
  if (length !== 16) return { code: INVALID_FIELD };
  if (first & 0x000f_0000) return { code: INVALID_FORMAT };
  const image = (first >>> 8) & 0xff;
  if (!isImage(target, first, image)) return { code: INVALID_IMAGE };
  if (first & 0xdff0_00ff || second || third) return { code: INVALID_FIELD };
  const data = new Uint8Array(4072);
  const view = new DataView(data.buffer);
  // General: dynamic I/O; subchannel sets, images; STORE SUBCHANNEL's alternate form.
  view.setUint32(0, 0x0300_0000);
  view.setUint32(4, 0x0007_9000);
  view.setUint32(12, 0x0008_0000);
  // CHSC, behind 510 words.
  view.setUint32(2040, 0x4000_0000);
  view.setUint32(2052, 0x0004_0000);
  return { code: DONE, data };
}

function setDomainAttributes(target: ChscTarget, { length, words }: Request): Response {
  const [first] = words;
  if (length !== 0x400 || first & 0xf0ff_0000) return { code: INVALID_FIELD };
  if (first & 0x0f00_0000) return { code: INVALID_FORMAT };
  switch (first & 0xffff) {
    case OPERATION_IMAGES:
      target.enableImages();
      return { code: DONE };
    case OPERATION_SUBCHANNEL_SETS:
      // They can be enabled; all but the first are empty.
      return { code: DONE };
    default:
      return { code: INVALID_FIELD };
  }
}

function isImage(target: ChscTarget, first: number, image: number): boolean {
  return image === 0 || ((first & IMAGE_GIVEN) !== 0 && image === target.image);
}
