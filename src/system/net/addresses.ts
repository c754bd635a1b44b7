/**
 * Addresses of the user-mode network, the same as QEMU's: 10.0.2.0/24, where 10.0.2.2 is both the
 * gateway and the host itself. IPv4 addresses are numbers of 32 bits, not negative.
 */

export const NETWORK = 0x0a00_0200;
export const NETWORK_MASK = 0xffff_ff00;
export const GATEWAY = 0x0a00_0202;
export const NAME_SERVER = 0x0a00_0203;
/** What DHCP gives to the guest. */
export const GUEST = 0x0a00_020f;
export const NETWORK_BROADCAST = 0x0a00_02ff;
export const LIMITED_BROADCAST = 0xffff_ffff;

/** What the gateway is to the host. */
const HOST_LOOPBACK = 0x7f00_0001;

export function isInNetwork(address: number): boolean {
  return (address & NETWORK_MASK) >>> 0 === NETWORK;
}

/** Whether a guest may have it: in the network, neither ours nor that of all hosts. */
export function isGuest(address: number): boolean {
  return (
    isInNetwork(address) &&
    address !== NETWORK &&
    address !== NETWORK_BROADCAST &&
    address !== GATEWAY &&
    address !== NAME_SERVER
  );
}

/** An address for one host behind the gateway: not this network's, no loopback, no group. */
function isOutside(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224 && !isInNetwork(address);
}

/** What the host calls what the guest calls `address`; undefined when there is no such host. */
export function toHost(address: number): string | undefined {
  if (address === GATEWAY) return formatAddress(HOST_LOOPBACK);
  return isOutside(address) ? formatAddress(address) : undefined;
}

/** What the guest calls a host's address; undefined when it has no way to name it. */
export function toGuest(text: string): number | undefined {
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  if (address >>> 24 === 127) return GATEWAY;
  return isOutside(address) ? address : undefined;
}

export function formatAddress(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** Dotted decimal to a number; undefined for anything else. */
export function parseAddress(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((address, part) => address * 256 + part, 0);
}
