import { decodeEbcdic, encodeEbcdic } from '../../arch/ebcdic.ts';
import { EVENT_HEADER, EVENT_OPERATOR_COMMAND, putEventHeader } from './event-facility.ts';

/**
 * Messages to the operator and commands from him, as Linux's line-mode console writes and reads
 * them: a message data block (MDB) of objects one way, nested vectors of SNA's generalised data
 * stream the other.
 */

/** A message data block's header: length (2), type (2), tag (4), revision (4). */
const MDB_HEADER = 12;
/** An object's header: length and type, 2 bytes each. */
const OBJECT_HEADER = 4;
/** A message text object's: that, line flags (2), alarm control (1), 3 reserved bytes. */
const TEXT_HEADER = 10;
const MESSAGE_TEXT = 4;

/** Vectors, with 2 bytes of length in front, each holding the next. */
const VECTORS = [0x1310, 0x1212, 0x1320];
const VECTOR_HEADER = 4;
/** Subvectors, with one byte of length: self-defining text message, and its text. */
const SUBVECTORS = [0x31, 0x30];
const SUBVECTOR_HEADER = 2;
/** Most characters of a command: the outer subvector's length is a byte. */
const MAX_COMMAND = 255 - 2 * SUBVECTOR_HEADER;
/** At the end of a command, Linux takes this for "no new line here". */
export const NO_NEW_LINE = '^n';

/**
 * The texts in a message data block, a line each; other objects, such as the sender's name and the
 * time, are passed over. undefined when lengths do not agree.
 */
export function messageTexts(block: Uint8Array): string[] | undefined {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const end = block.length < MDB_HEADER ? 0 : view.getUint16(0);
  if (end < MDB_HEADER || end > block.length) return undefined;
  const texts: string[] = [];
  for (let at = MDB_HEADER; at < end;) {
    const length = end - at < OBJECT_HEADER ? 0 : view.getUint16(at);
    const isText = length >= OBJECT_HEADER && view.getUint16(at + 2) === MESSAGE_TEXT;
    if (length < (isText ? TEXT_HEADER : OBJECT_HEADER) || at + length > end) return undefined;
    if (isText) {
      const text = decodeEbcdic(block.subarray(at + TEXT_HEADER, at + length));
      texts.push(text.replaceAll('\u0085', '\n'));
    }
    at += length;
  }
  return texts;
}

/** The commands that `line` is sent as: itself, or parts of a long one. */
export function commandsOf(line: string): string[] {
  const commands: string[] = [];
  let rest = line;
  while (rest.length > MAX_COMMAND) {
    const length = MAX_COMMAND - NO_NEW_LINE.length;
    commands.push(rest.slice(0, length) + NO_NEW_LINE);
    rest = rest.slice(length);
  }
  return [...commands, rest];
}

/** Stores an operator-command event; 0, and nothing, where there is no room. */
export function putCommand(room: Uint8Array, command: string): number {
  const headers = VECTORS.length * VECTOR_HEADER + SUBVECTORS.length * SUBVECTOR_HEADER;
  const size = EVENT_HEADER + headers + command.length;
  if (size > room.length) return 0;
  let at = EVENT_HEADER;
  for (const id of VECTORS) {
    room.set([(size - at) >> 8, (size - at) & 255, id >> 8, id & 255], at);
    at += VECTOR_HEADER;
  }
  for (const key of SUBVECTORS) {
    room.set([size - at, key], at);
    at += SUBVECTOR_HEADER;
  }
  room.set(encodeEbcdic(command), at);
  return putEventHeader(room, EVENT_OPERATOR_COMMAND, size);
}
