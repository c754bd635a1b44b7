import { NetworkError } from '../system/net/host-sockets.ts';
import { DriveError, SnapshotError } from '../system/services.ts';
import { BootError } from './boot-images.ts';
import { describeFailure, type Failure } from './failure.ts';

const FAILED = 1;
/** Errors whose messages are for the user. */
const KNOWN = [BootError, DriveError, SnapshotError, NetworkError];

/** Why a machine could not be made, or went down with js390. */
export function describeBootFailure(error: unknown): Failure {
  if (KNOWN.some((known) => error instanceof known)) {
    return { message: (error as Error).message, status: FAILED };
  }
  if (error instanceof RangeError && error.message.includes('memory')) {
    const message = 'there is not enough memory on this host; give the machine less with --memory';
    return { message, status: FAILED };
  }
  return describeFailure(error, '');
}

/** Says what went wrong and ends js390. */
export function failBoot(error: unknown): never {
  const { message, status } = describeBootFailure(error);
  process.stderr.write(`js390: ${message}\n`);
  if (process.env['JS390_DEBUG'] && error instanceof Error) {
    process.stderr.write(`${error.stack}\n`);
  }
  process.exit(status);
}
