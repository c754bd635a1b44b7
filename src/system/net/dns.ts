import { parseAddress, toGuest } from './addresses.ts';
import { get16, put16, put32 } from './bytes.ts';
import type { HostSockets } from './host-sockets.ts';

/** The Domain Name System (RFC 1035), as far as a forwarder must understand it. */
const HEADER = 12;
const TYPE_A = 1;
const TYPE_AAAA = 28;
const CLASS_IN = 1;
const ANSWER_FLAG = 0x80;
const RECURSION_DESIRED = 0x01;
const RECURSION_AVAILABLE = 0x80;

const NO_ERROR = 0;
const SERVER_FAILURE = 2;
const NAME_ERROR = 3;

/** What the host says it found is not asked for how long: seconds. */
const TIME_TO_LIVE = 60;
/** Most addresses that we tell, so that an answer fits 512 bytes. */
const MAX_ADDRESSES = 8;
/** Questions at once; more get no answer, and are asked again. */
const MAX_QUERIES = 64;

/**
 * Answers the guest's queries: by forwarding them to the host's name servers, and where these do
 * not know, by what the host itself knows, such as the names in its `hosts` file.
 */
export class DnsForwarder {
  readonly #host: HostSockets;
  #queries = 0;

  constructor(host: HostSockets) {
    this.#host = host;
  }

  /** `answer` is called later, or never when there is nothing that can be answered. */
  resolve(message: Uint8Array, answer: (message: Uint8Array) => void): void {
    if (message.length < HEADER || message[2] & ANSWER_FLAG || this.#queries >= MAX_QUERIES) return;
    // The frame is the guest's again when this returns.
    const query = message.slice();
    this.#queries++;
    const done = (result: Uint8Array): void => {
      this.#queries--;
      answer(result);
    };
    this.#host.forwardQuery(query, (forwarded) => {
      const question = parseQuestion(query);
      const known = forwarded && (forwarded[3] & 15) === NO_ERROR;
      if (known || !question || !isAddressType(question.type)) {
        done(forwarded ?? answerWith(query, question, SERVER_FAILURE, []));
        return;
      }
      this.#host.lookup(question.name, (addresses) => {
        done(fromHost(query, question, addresses, forwarded));
      });
    });
  }
}

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where it ends in the message. */
  readonly end: number;
}

/** What the host found, or what the name server answered when the host found nothing either. */
function fromHost(
  query: Uint8Array,
  question: Question,
  addresses: readonly string[] | undefined,
  forwarded: Uint8Array | undefined,
): Uint8Array {
  if (addresses && addresses.length > 0) {
    const records = addresses.map((text) => recordOf(text, question.type));
    return answerWith(
      query,
      question,
      NO_ERROR,
      records.filter((record) => record !== undefined),
    );
  }
  return forwarded ?? answerWith(query, question, addresses ? NAME_ERROR : SERVER_FAILURE, []);
}

function isAddressType(type: number): boolean {
  return type === TYPE_A || type === TYPE_AAAA;
}

/** The one question of a query, when it is for the Internet and about a plain name. */
function parseQuestion(query: Uint8Array): Question | undefined {
  const opcode = (query[2] >>> 3) & 15;
  if (opcode !== 0 || get16(query, 4) !== 1) return undefined;
  const labels: string[] = [];
  let at = HEADER;
  while (query[at] > 0) {
    const label = String.fromCharCode(...query.subarray(at + 1, at + 1 + query[at]));
    if (query[at] > 63 || label.length !== query[at] || !/^[\w-]+$/.test(label)) return undefined;
    labels.push(label);
    at += 1 + label.length;
  }
  const end = at + 5;
  const name = labels.join('.');
  if (end > query.length || name === '' || name.length > 253) return undefined;
  if (get16(query, at + 3) !== CLASS_IN) return undefined;
  return { name, type: get16(query, at + 1), end };
}

/** An address as the data of a record of `type`; undefined when it is of the other family. */
function recordOf(text: string, type: number): Uint8Array | undefined {
  if (text.includes(':')) return type === TYPE_AAAA ? ipv6Bytes(text) : undefined;
  const address = type === TYPE_A ? parseAddress(text) : undefined;
  if (address === undefined) return undefined;
  const bytes = new Uint8Array(4);
  // The host's own name is often one of its loopback addresses; the guest's way there is another.
  put32(bytes, 0, toGuest(text) ?? address);
  return bytes;
}

/** The bytes of an IPv6 address as hosts print them; undefined for others. */
function ipv6Bytes(text: string): Uint8Array | undefined {
  const [front, back, ...more] = text.split('::').map((part) => (part ? part.split(':') : []));
  const missing = 8 - front.length - (back?.length ?? 0);
  if (more.length > 0 || (back ? missing < 1 : missing !== 0)) return undefined;
  const groups = back ? [...front, ...Array<string>(missing).fill('0'), ...back] : front;
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  const bytes = new Uint8Array(16);
  groups.forEach((group, at) => put16(bytes, 2 * at, parseInt(group, 16)));
  return bytes;
}

function answerWith(
  query: Uint8Array,
  question: Question | undefined,
  code: number,
  records: readonly Uint8Array[],
): Uint8Array {
  const told = records.slice(0, MAX_ADDRESSES);
  const end = question?.end ?? HEADER;
  const length = told.reduce((sum, data) => sum + HEADER + data.length, end);
  const answer = new Uint8Array(length);
  answer.set(query.subarray(0, end));
  answer[2] = ANSWER_FLAG | (query[2] & ~ANSWER_FLAG & (0x78 | RECURSION_DESIRED));
  answer[3] = RECURSION_AVAILABLE | code;
  put16(answer, 4, question ? 1 : 0);
  put16(answer, 6, told.length);
  put32(answer, 8, 0);
  let at = end;
  for (const data of told) {
    // The name is the question's, by a pointer to it.
    put16(answer, at, 0xc000 | HEADER);
    put16(answer, at + 2, question!.type);
    put16(answer, at + 4, CLASS_IN);
    put32(answer, at + 6, TIME_TO_LIVE);
    put16(answer, at + 10, data.length);
    answer.set(data, at + 12);
    at += 12 + data.length;
  }
  return answer;
}
