import { DriveFile } from './drive/drive-file.ts';
import { MemoryClusters } from './drive/memory-clusters.ts';
import { OverlayDrive } from './drive/overlay-drive.ts';
import { OverlayFile } from './drive/overlay-file.ts';
import { RawDrive } from './drive/raw-drive.ts';
import type { DriveSpec } from './drive/spec.ts';
import { NODE_FILES, type FileLayer } from './file-layer.ts';
import type { HostDrive } from './drive/host-drive.ts';

export { parseDrive, type DriveSpec } from './drive/spec.ts';
export type { HostDrive } from './drive/host-drive.ts';

export interface DriveOptions {
  /** Gets one line for the user at the first error of each kind of the host. */
  readonly onProblem?: (message: string) => void;
  readonly files?: FileLayer;
}

/**
 * Opens a drive in raw files of the host. Files that are written to are locked until close().
 * @throws DriveError a line that says why it cannot be used, with the fix
 */
export async function openDrive(spec: DriveSpec, options: DriveOptions = {}): Promise<HostDrive> {
  const { files = NODE_FILES, onProblem = () => {} } = options;
  const access = spec.mode === 'write' ? 'write' : 'read';
  const file = await DriveFile.open(spec.file, { files, onProblem, role: 'drive', access });
  try {
    const base = new RawDrive(file, access === 'read');
    if (spec.mode === 'write' || spec.mode === 'readonly') return base;
    const clusters =
      spec.mode === 'snapshot'
        ? new MemoryClusters(spec.file, base.size)
        : await OverlayFile.open(spec.overlay, file.identity(), { files, onProblem });
    return new OverlayDrive(base, clusters);
  } catch (error) {
    file.close();
    throw error;
  }
}
