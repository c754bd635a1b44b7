import fs from 'node:fs';
import { reasonOf } from '../host/node/file-layer.ts';
import type { AbsoluteStorage } from '../memory/absolute-storage.ts';
import { IplError, loadLinux, type InitialPsw, type Progress } from '../system/ipl.ts';

/** What is booted. */
export type BootConfig = {
  readonly kernel: string;
  readonly initrd?: string;
  readonly append: string;
};

export interface BootImages {
  readonly kernel: Uint8Array;
  readonly initrd?: Uint8Array;
}

/** The machine cannot be started with what was given: a line for the user. */
export class BootError extends Error {}

/** @throws BootError */
export function readImages({ kernel, initrd }: BootConfig): BootImages {
  return {
    kernel: readImage('kernel', kernel),
    ...(initrd === undefined ? {} : { initrd: readImage('initrd', initrd) }),
  };
}

/**
 * Loads them into cleared storage, the first `memorySize` bytes of which are the guest's.
 * @throws BootError
 */
export function loadImages(
  storage: AbsoluteStorage,
  memorySize: number,
  images: BootImages,
  boot: BootConfig,
  onProgress: Progress = () => {},
): InitialPsw {
  try {
    return loadLinux({ storage, memorySize, ...images, commandLine: boot.append, onProgress });
  } catch (error) {
    if (!(error instanceof IplError)) throw error;
    throw new BootError(`${subjectOf(error, boot)} ${error.message}`);
  }
}

function readImage(what: string, file: string): Uint8Array {
  try {
    if (fs.statSync(file).isCharacterDevice()) {
      throw new BootError(`${file} is a device; the ${what} must be a file`);
    }
    return fs.readFileSync(file);
  } catch (error) {
    if (error instanceof BootError) throw error;
    throw new BootError(`cannot read the ${what} ${file}: ${reasonOf(error)}`);
  }
}

function subjectOf({ part }: IplError, { kernel, initrd }: BootConfig): string {
  if (part === 'kernel') return kernel;
  return part === 'initrd' ? (initrd ?? 'the initrd') : 'the command line (--append)';
}
