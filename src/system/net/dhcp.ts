import { GATEWAY, GUEST, LIMITED_BROADCAST, NAME_SERVER, NETWORK_MASK } from './addresses.ts';
import { get16, get32, put16, put32 } from './bytes.ts';
import { BROADCAST_MAC, MAC_LENGTH } from './ethernet.ts';
import { buildDatagram } from './udp.ts';

/** A DHCP server (RFC 2131, RFC 2132) with one address to give. */
export const SERVER_PORT = 67;
const CLIENT_PORT = 68;

// Offsets in a message.
const HARDWARE_TYPE = 1;
const HARDWARE_LENGTH = 2;
const FLAGS = 10;
const CLIENT_ADDRESS = 12;
const YOUR_ADDRESS = 16;
const SERVER_ADDRESS = 20;
const CLIENT_HARDWARE = 28;
const COOKIE = 236;
const OPTIONS = 240;

const BOOT_REQUEST = 1;
const BOOT_REPLY = 2;
const ETHERNET = 1;
const MAGIC_COOKIE = 0x6382_5363;
const BROADCAST_FLAG = 0x8000;
/** Some clients do not take less, as BOOTP's messages were of this length. */
const LEAST_LENGTH = 300;

const SUBNET_MASK = 1;
const ROUTER = 3;
const DOMAIN_NAME_SERVER = 6;
const REQUESTED_ADDRESS = 50;
const LEASE_TIME = 51;
const MESSAGE_TYPE = 53;
const SERVER_IDENTIFIER = 54;
const PAD = 0;
const END = 255;

const DISCOVER = 1;
const OFFER = 2;
const REQUEST = 3;
const ACKNOWLEDGE = 5;
const REFUSE = 6;
const INFORM = 8;

const LEASE_SECONDS = 86_400;

/** A packet for {@link Link.transmitPacket}. */
export interface DhcpReply {
  readonly frame: Uint8Array;
  readonly destination: number;
  readonly mac: Uint8Array;
}

/** The answer to a client's message; undefined when there is none, or the message is damaged. */
export function answerDhcp(message: Uint8Array): DhcpReply | undefined {
  if (
    message.length < OPTIONS ||
    message[0] !== BOOT_REQUEST ||
    message[HARDWARE_TYPE] !== ETHERNET ||
    message[HARDWARE_LENGTH] !== MAC_LENGTH ||
    get32(message, COOKIE) !== MAGIC_COOKIE
  ) {
    return undefined;
  }
  const options = parseOptions(message);
  const server = addressOption(options, SERVER_IDENTIFIER);
  if (server !== undefined && server !== GATEWAY) return undefined;
  switch (options.get(MESSAGE_TYPE)?.[0]) {
    case DISCOVER:
      return reply(message, OFFER);
    case REQUEST:
      const client = get32(message, CLIENT_ADDRESS);
      const wanted = addressOption(options, REQUESTED_ADDRESS) ?? client;
      return reply(message, wanted === GUEST ? ACKNOWLEDGE : REFUSE);
    case INFORM:
      return reply(message, ACKNOWLEDGE, true);
    default:
      return undefined;
  }
}

/** Options by code, of those that are whole. */
function parseOptions(message: Uint8Array): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  for (let at = OPTIONS; at < message.length && message[at] !== END;) {
    if (message[at] === PAD) {
      at++;
      continue;
    }
    const end = at + 2 + message[at + 1];
    // Also when there is no length.
    if (!(end <= message.length)) break;
    options.set(message[at], message.subarray(at + 2, end));
    at = end;
  }
  return options;
}

function addressOption(options: Map<number, Uint8Array>, code: number): number | undefined {
  const bytes = options.get(code);
  return bytes?.length === 4 ? get32(bytes, 0) : undefined;
}

/** `informs`: the client has an address, and wants to know the rest only. */
function reply(request: Uint8Array, type: number, informs = false): DhcpReply {
  const payload = new Uint8Array(LEAST_LENGTH);
  // Transaction, flags and addresses of the client are repeated.
  payload.set(request.subarray(0, CLIENT_HARDWARE + 16));
  payload[0] = BOOT_REPLY;
  payload[3] = 0;
  put16(payload, 8, 0);
  const refuses = type === REFUSE;
  const client = refuses ? 0 : get32(request, CLIENT_ADDRESS);
  const given = refuses || informs ? 0 : GUEST;
  put32(payload, CLIENT_ADDRESS, client);
  put32(payload, YOUR_ADDRESS, given);
  put32(payload, SERVER_ADDRESS, refuses ? 0 : GATEWAY);
  put32(payload, COOKIE, MAGIC_COOKIE);
  payload.set([MESSAGE_TYPE, 1, type], OPTIONS);
  let at = OPTIONS + 3;
  const put = (code: number, value: number): void => {
    payload.set([code, 4], at);
    put32(payload, at + 2, value);
    at += 6;
  };
  put(SERVER_IDENTIFIER, GATEWAY);
  if (!refuses) {
    put(SUBNET_MASK, NETWORK_MASK);
    put(ROUTER, GATEWAY);
    put(DOMAIN_NAME_SERVER, NAME_SERVER);
    if (!informs) put(LEASE_TIME, LEASE_SECONDS);
  }
  payload[at] = END;
  // RFC 2131, section 4.1: where the answer goes.
  const broadcast = refuses || (client === 0 && (get16(request, FLAGS) & BROADCAST_FLAG) !== 0);
  const destination = broadcast ? LIMITED_BROADCAST : client || given || LIMITED_BROADCAST;
  const everybody = destination === LIMITED_BROADCAST;
  const mac = everybody
    ? BROADCAST_MAC
    : request.slice(CLIENT_HARDWARE, CLIENT_HARDWARE + MAC_LENGTH);
  const ends = { source: GATEWAY, sourcePort: SERVER_PORT, destinationPort: CLIENT_PORT };
  return { frame: buildDatagram({ ...ends, destination, payload }), destination, mac };
}
