import type { Command } from 'commander';
import { loadSnapshotFile } from '../host/node/snapshot-file.ts';
import { failBoot } from './boot-failure.ts';
import { addSessionOptions, asMachineConfig, type SessionFlags } from './boot-options.ts';
import { Session } from './boot-session.ts';

/** `js390 resume`. */
export function define(command: Command): void {
  addSessionOptions(command)
    .argument('<file>', 'a snapshot that js390 boot --save-at made')
    .action(resume);
}

async function resume(file: string, flags: SessionFlags): Promise<void> {
  let session: Session | undefined;
  try {
    const snapshot = loadSnapshotFile(file);
    const { machine: config } = (snapshot.config ?? {}) as { readonly machine?: unknown };
    session = await Session.open(asMachineConfig(config), flags);
    const { machine } = session;
    snapshot.restoreStorage(machine.storage, { fresh: true });
    machine.loadState(snapshot.sections);
    process.exit(await session.run());
  } catch (error) {
    session?.close();
    failBoot(error);
  }
}
