import { SnapshotError, type Saved, type Snapshotable } from '../services.ts';

/** The state of every part of a machine, by id. */
export function collectSections(parts: Iterable<Snapshotable>): Map<string, Saved> {
  const sections = new Map<string, Saved>();
  for (const part of parts) {
    const id = part.snapshotId;
    if (sections.has(id)) throw new Error(`two parts of the machine are called ${id}`);
    sections.set(id, part.save());
  }
  return sections;
}

/**
 * Gives every part of a machine its state.
 * @throws SnapshotError when the machine has other parts than the one that was saved
 */
export function restoreSections(
  sections: ReadonlyMap<string, Saved>,
  parts: Iterable<Snapshotable>,
): void {
  const all = [...parts];
  const ids = new Set(all.map((part) => part.snapshotId));
  const unknown = [...sections.keys()].filter((id) => !ids.has(id));
  const missing = [...ids].filter((id) => !sections.has(id));
  if (unknown.length > 0) {
    throw new SnapshotError(
      `the snapshot is of a machine with ${unknown.join(', ')}; this has not`,
    );
  }
  if (missing.length > 0) {
    const what = missing.join(', ');
    throw new SnapshotError(`the snapshot is of a machine without ${what}; this has it`);
  }
  for (const part of all) part.load(sections.get(part.snapshotId)!);
}
