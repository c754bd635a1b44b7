import type { HostForward, UserNetwork } from '../system/net/user-network.ts';
import { UsageError } from './failure.ts';

export type NetworkKind = 'user' | 'none';

/** What `--net` says. */
export type NetworkConfig = {
  readonly network: NetworkKind;
  /** Ports of this host that lead to the guest's. */
  readonly forwards: readonly HostForward[];
};

/** The guest's address by DHCP. */
const GUEST_ADDRESS = '10.0.2.15';
const FORWARD = 'hostfwd=';
const EXAMPLE = '--net user,hostfwd=tcp::2222-:22';

/**
 * `none`, `user`, or `user,hostfwd=tcp:HOSTADDRESS:PORT-GUESTADDRESS:PORT,...`, as QEMU has it.
 * @throws UsageError
 */
export function parseNetwork(text: string): NetworkConfig {
  const [kind, ...options] = text.split(',');
  if (kind !== 'user' && kind !== 'none') {
    throw new UsageError(`--net ${text}: there is no "${kind}"; write one of user, none`);
  }
  if (kind === 'none' && options.length > 0) {
    throw new UsageError(`--net ${text}: no network has no options; write ${EXAMPLE}`);
  }
  return { network: kind, forwards: options.map(parseForward) };
}

/** QEMU's rule: protocol, address and port of the host, address and port of the guest. */
function parseForward(option: string): HostForward {
  const rule = option.startsWith(FORWARD) ? option.slice(FORWARD.length) : undefined;
  if (rule === undefined) {
    throw new UsageError(`--net: unknown option "${option}"; write ${EXAMPLE}`);
  }
  const [, protocol, hostAddress, hostPort, guestAddress, guestPort] =
    /^(\w*):([\d.]*):(\d+)-([\d.]*):(\d+)$/.exec(rule) ?? [];
  if (protocol === undefined) {
    throw new UsageError(`--net: "${option}" is no rule; write one as in ${EXAMPLE}`);
  }
  if (protocol !== '' && protocol !== 'tcp') {
    throw new UsageError(`--net: ports of ${protocol} are not forwarded, those of tcp are`);
  }
  if (guestAddress !== '' && guestAddress !== GUEST_ADDRESS) {
    throw new UsageError(`--net: the guest is not at ${guestAddress}; leave it out`);
  }
  return {
    protocol: 'tcp',
    ...(hostAddress === '' ? {} : { hostAddress: hostAddress! }),
    hostPort: portOf(option, hostPort!, 0),
    guestPort: portOf(option, guestPort!, 1),
  };
}

function portOf(option: string, digits: string, least: number): number {
  const port = Number(digits);
  if (port >= least && port <= 0xffff) return port;
  throw new UsageError(`--net: "${option}" has no port ${digits}; the last is 65535`);
}

/**
 * Opens the network and its ports; `say` gets a line for each that the host has chosen.
 * @throws NetworkError when a port cannot be had
 */
export async function openNetwork(
  { network: kind, forwards }: NetworkConfig,
  say: (line: string) => void,
): Promise<UserNetwork | undefined> {
  if (kind === 'none') return undefined;
  const { NODE_CLOCK, NodeSockets } = await import('../host/node/network.ts');
  const { UserNetwork } = await import('../system/net/user-network.ts');
  const network = new UserNetwork({ host: new NodeSockets(), clock: NODE_CLOCK });
  try {
    for (const forward of forwards) {
      const port = await network.forward(forward);
      if (forward.hostPort !== 0) continue;
      say(`port ${port} of this host leads to port ${forward.guestPort} of the guest`);
    }
  } catch (error) {
    network.close();
    throw error;
  }
  return network;
}
