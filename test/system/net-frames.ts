import type { Clock, Timer } from '../../src/system/net/clock.ts';

/** Frames written and read by hand, as an oracle that shares nothing with the network's own. */

export const GUEST_MAC = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];
export const GATEWAY_MAC = [0x52, 0x55, 0x0a, 0x00, 0x02, 0x02];
export const EVERYBODY = [255, 255, 255, 255, 255, 255];
export const GUEST_IP = '10.0.2.15';

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;

/** Numbers in network order: `u16(1)` is 0, 1. */
export const u16 = (value: number): number[] => [(value >>> 8) & 255, value & 255];
export const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)];
export const ip = (text: string): number[] => text.split('.').map(Number);
export const text = (bytes: ArrayLike<number>): string => String.fromCharCode(...Array.from(bytes));
export const ascii = (string: string): number[] => [...string].map((c) => c.charCodeAt(0));

/** By the definition of RFC 1071: words are added with end-around carry. */
export function checksum(...parts: readonly ArrayLike<number>[]): number {
  let sum = 0;
  for (const bytes of parts) {
    for (let i = 0; i < bytes.length; i += 2) {
      sum += bytes[i] * 256 + (i + 1 < bytes.length ? bytes[i + 1] : 0);
      if (sum > 0xffff) sum -= 0xffff;
    }
  }
  return 0xffff - sum;
}

export interface IpOptions {
  readonly from?: string;
  readonly to: string;
  readonly identification?: number;
  /** Of the fragment, in units of 8 bytes. */
  readonly offset?: number;
  readonly more?: boolean;
}

export function ethernet(type: number, payload: readonly number[], to = GATEWAY_MAC): Uint8Array {
  return Uint8Array.from([...to, ...GUEST_MAC, ...u16(type), ...payload]);
}

/** `missing` bytes of payload are to be appended. */
export function ipv4(
  protocol: number,
  payload: readonly number[],
  options: IpOptions,
  missing = 0,
): Uint8Array {
  const { from = GUEST_IP, to, identification = 1, offset = 0, more = false } = options;
  const head = [0x45, 0, ...u16(20 + payload.length + missing), ...u16(identification)];
  head.push(...u16((more ? 0x2000 : 0) | offset), 64, protocol, 0, 0, ...ip(from), ...ip(to));
  head.splice(10, 2, ...u16(checksum(head)));
  return ethernet(
    0x0800,
    [...head, ...payload],
    to === '255.255.255.255' ? EVERYBODY : GATEWAY_MAC,
  );
}

export function udp(
  fromPort: number,
  toPort: number,
  payload: readonly number[],
  options: IpOptions,
): number[] {
  const bytes = [...u16(fromPort), ...u16(toPort), ...u16(8 + payload.length), 0, 0, ...payload];
  const pseudo = [...ip(options.from ?? GUEST_IP), ...ip(options.to), 0, UDP, ...u16(bytes.length)];
  bytes.splice(6, 2, ...u16(checksum(pseudo, bytes)));
  return bytes;
}

export function udpFrame(
  fromPort: number,
  toPort: number,
  payload: readonly number[],
  options: IpOptions,
): Uint8Array {
  return ipv4(UDP, udp(fromPort, toPort, payload, options), options);
}

export interface TcpFields {
  readonly fromPort: number;
  readonly toPort: number;
  readonly sequence: number;
  readonly acknowledgment?: number;
  /** Letters of `FSRPA`. */
  readonly flags: string;
  readonly window?: number;
  readonly options?: readonly number[];
  readonly payload?: Uint8Array;
}

export function tcpFrame(fields: TcpFields, to: string, from = GUEST_IP): Uint8Array {
  const { fromPort, toPort, sequence, acknowledgment = 0, flags, window = 65_535 } = fields;
  const { options = [], payload = new Uint8Array() } = fields;
  const bits = [...flags].reduce((sum, letter) => sum | (1 << 'FSRPA'.indexOf(letter)), 0);
  const head = [...u16(fromPort), ...u16(toPort), ...u32(sequence), ...u32(acknowledgment)];
  head.push((5 + options.length / 4) << 4, bits, ...u16(window), 0, 0, 0, 0, ...options);
  const pseudo = [...ip(from), ...ip(to), 0, TCP, ...u16(head.length + payload.length)];
  head.splice(16, 2, ...u16(checksum(pseudo, head, payload)));
  const front = ipv4(TCP, head, { from, to }, payload.length);
  const frame = new Uint8Array(front.length + payload.length);
  frame.set(front);
  frame.set(payload, front.length);
  return frame;
}

export interface ReadFrame {
  readonly to: number[];
  readonly from: number[];
  readonly type: number;
  readonly payload: Uint8Array;
}

export function readEthernet(frame: Uint8Array): ReadFrame {
  const type = frame[12] * 256 + frame[13];
  return {
    to: [...frame.slice(0, 6)],
    from: [...frame.slice(6, 12)],
    type,
    payload: frame.subarray(14),
  };
}

export interface ReadPacket {
  readonly protocol: number;
  readonly from: string;
  readonly to: string;
  readonly offset: number;
  readonly more: boolean;
  readonly dontFragment: boolean;
  readonly payload: Uint8Array;
}

/** @throws when the checksum is wrong, or the length does not fit the frame */
export function readIpv4(frame: Uint8Array): ReadPacket {
  const { type, payload } = readEthernet(frame);
  if (frame.length > 1514) throw new Error(`a frame of ${frame.length} bytes`);
  if (type !== 0x0800 || payload[0] !== 0x45) throw new Error('not IPv4 without options');
  if (checksum(payload.subarray(0, 20)) !== 0) throw new Error('wrong IPv4 checksum');
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  if (view.getUint16(2) !== payload.length) throw new Error('wrong IPv4 length');
  const flags = view.getUint16(6);
  return {
    protocol: payload[9],
    from: payload.subarray(12, 16).join('.'),
    to: payload.subarray(16, 20).join('.'),
    offset: (flags & 0x1fff) * 8,
    more: (flags & 0x2000) !== 0,
    dontFragment: (flags & 0x4000) !== 0,
    payload: payload.subarray(20),
  };
}

function checkTransport({ protocol, from, to, payload }: ReadPacket): void {
  const pseudo = [...ip(from), ...ip(to), 0, protocol, ...u16(payload.length)];
  if (checksum(pseudo, payload) !== 0) throw new Error(`wrong checksum of ${protocol}`);
}

export interface ReadDatagram {
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
  readonly payload: Uint8Array;
}

export function readUdp(packet: ReadPacket): ReadDatagram {
  const { payload, from, to } = packet;
  checkTransport(packet);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  if (packet.protocol !== UDP || view.getUint16(4) !== payload.length) throw new Error('not UDP');
  const [fromPort, toPort] = [view.getUint16(0), view.getUint16(2)];
  return { from, fromPort, to, toPort, payload: payload.subarray(8) };
}

export interface ReadSegment {
  readonly from: string;
  readonly fromPort: number;
  readonly toPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: string;
  readonly window: number;
  readonly options: number[];
  readonly payload: Uint8Array;
}

export function readTcp(packet: ReadPacket): ReadSegment {
  const { payload } = packet;
  if (packet.protocol !== TCP) throw new Error(`protocol ${packet.protocol} is not TCP`);
  checkTransport(packet);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const header = (payload[12] >>> 4) * 4;
  return {
    from: packet.from,
    fromPort: view.getUint16(0),
    toPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledgment: view.getUint32(8),
    flags: [...'FSRPA'].filter((_, bit) => payload[13] & (1 << bit)).join(''),
    window: view.getUint16(14),
    options: [...payload.subarray(20, header)],
    payload: payload.subarray(header),
  };
}

/** Time that passes when the test says so. */
export class TestClock implements Clock {
  #now = 0;
  #timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, callback: () => void): Timer {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.push(timer);
    return { cancel: () => (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  get waiting(): number {
    return this.#timers.length;
  }

  /** Lets time pass, and all happen that is due, in order. */
  run(milliseconds = 0): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = end;
  }
}
