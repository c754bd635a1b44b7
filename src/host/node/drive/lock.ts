import net from 'node:net';
import { codeOf, type FileFacts } from '../file-layer.ts';

/*
 * The lock that each js390 takes on a file that it writes to. It is advisory, and between processes
 * of one Linux network namespace only: Node has neither flock() nor fcntl() locks, so it is an
 * abstract socket named after the inode, which unlike a lock file never stays behind. Elsewhere
 * there is no lock. Who only reads takes none, and so is not noticed by who writes after it.
 */
const LOCKS = process.platform === 'linux';

/** Held until it is released, or the process ends in whatever way. */
export interface DriveLock {
  release(): void;
}

/** Takes the lock of a file that is to be written to; undefined when it is taken. */
export async function lockDrive(facts: FileFacts): Promise<DriveLock | undefined> {
  const none = { release() {} };
  if (!LOCKS) return none;
  const server = net.createServer((socket) => socket.destroy());
  const error = await new Promise<unknown>((resolve) => {
    server.once('error', resolve);
    server.listen({ path: nameOf(facts), exclusive: true }, () => resolve(undefined));
  });
  // Where sockets are forbidden, drives are still to be used.
  if (error !== undefined) return codeOf(error) === 'EADDRINUSE' ? undefined : none;
  server.unref();
  return { release: () => void server.close() };
}

/** Whether someone writes to a file. Who only reads may read together with others. */
export async function isLocked(facts: FileFacts): Promise<boolean> {
  if (!LOCKS) return false;
  return new Promise((resolve) => {
    const socket = net.connect({ path: nameOf(facts) });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

function nameOf({ device, inode }: FileFacts): string {
  return `\0js390.drive.${device}.${inode}`;
}
