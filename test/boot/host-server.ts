/** What the guest's network reaches on this machine: a file to fetch, and a place to send one to. */
import { createHash } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';

export const FILE_BYTES = 10 * 1024 * 1024;

/** Bytes that look random and are always the same (xorshift32). */
export function noise(length: number, seed = 0x6a733339): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let x = seed;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  return new Uint8Array(words.buffer, 0, length);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface HostServer {
  /** Serves `FILE_BYTES` bytes at `/file` over HTTP. */
  readonly httpPort: number;
  /** Takes bytes until their end and answers with a line: their count and SHA-256 in hexadecimal. */
  readonly digestPort: number;
  /** SHA-256 of the file. */
  readonly fileDigest: string;
  close(): void;
}

async function listen(server: net.Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

export async function startHostServer(): Promise<HostServer> {
  const file = noise(FILE_BYTES);
  const web = http.createServer((request, response) => {
    if (request.url !== '/file') response.writeHead(404).end('not here\n');
    else response.writeHead(200, { 'content-length': file.length }).end(file);
  });
  // The sender closes its half when all is sent, and waits for the answer.
  const digests = net.createServer({ allowHalfOpen: true }, (socket) => {
    const hash = createHash('sha256');
    let length = 0;
    socket.on('data', (bytes) => {
      hash.update(bytes);
      length += bytes.length;
    });
    socket.on('end', () => socket.end(`${length} ${hash.digest('hex')}\n`));
    socket.on('error', () => socket.destroy());
  });
  const [httpPort, digestPort] = [await listen(web), await listen(digests)];
  return {
    httpPort,
    digestPort,
    fileDigest: sha256(file),
    close() {
      web.closeAllConnections();
      web.close();
      digests.close();
    },
  };
}
