import { DriveError } from '../../../system/services.ts';

/** What the user says of a drive. Plain data, which may go into a snapshot's configuration. */
export type DriveSpec =
  /** The guest writes to the file. */
  | { readonly mode: 'write'; readonly file: string }
  /** The guest cannot write. */
  | { readonly mode: 'readonly'; readonly file: string }
  /** What the guest writes goes to memory and is gone at the end; the file stays as it is. */
  | { readonly mode: 'snapshot'; readonly file: string }
  /** What the guest writes goes to another file, which is made when it is not there. */
  | { readonly mode: 'overlay'; readonly file: string; readonly overlay: string };

const KNOWN = 'readonly, snapshot and overlay=FILE';

/**
 * Reads `FILE[,readonly|,snapshot|,overlay=FILE]`; a comma in a file's name is written twice.
 * @throws DriveError a line for the user
 */
export function parseDrive(text: string): DriveSpec {
  const [file = '', ...options] = splitAtCommas(text);
  if (file === '') throw new DriveError(`drive "${text}": it begins with the name of a file`);
  let spec: DriveSpec | undefined;
  for (const option of options) {
    if (spec) throw new DriveError(`drive "${text}": choose one of ${KNOWN}`);
    spec = optionOf(option, file);
    if (!spec) {
      const comma = 'a comma in the name of a file is written ,,';
      throw new DriveError(
        `drive "${text}": unknown option "${option}"; known: ${KNOWN}; ${comma}`,
      );
    }
  }
  return spec ?? { mode: 'write', file };
}

function optionOf(option: string, file: string): DriveSpec | undefined {
  if (option === 'readonly' || option === 'snapshot') return { mode: option, file };
  const overlay = /^overlay=(.+)$/s.exec(option)?.[1];
  return overlay === undefined ? undefined : { mode: 'overlay', file, overlay };
}

function splitAtCommas(text: string): string[] {
  const parts = [''];
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== ',') parts[parts.length - 1] += text[i]!;
    else if (text[i + 1] === ',') parts[parts.length - 1] += text[++i]!;
    else parts.push('');
  }
  return parts;
}
