import fs from 'node:fs';
import path from 'node:path';

/**
 * The guest path of the program a user means: as given where that exists, else, for a name without
 * a slash, where the guest's PATH finds it.
 */
export function findProgram(
  program: string,
  sysroot: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (program.includes('/')) return program;
  if (fs.existsSync(program)) return `./${program}`;
  for (const directory of (environment['PATH'] ?? '').split(':')) {
    if (directory === '') continue;
    const candidate = path.join(directory, program);
    const inSysroot = sysroot !== undefined && fs.existsSync(path.join(sysroot, candidate));
    if (inSysroot || fs.existsSync(candidate)) return candidate;
  }
  return program;
}
