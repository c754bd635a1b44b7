import type { Format } from '../format.ts';
import { rowWith, section, type RowOptions, type Section } from '../section.ts';

/** A privileged instruction that the machine carries out, outside of the CPU. */
export function intercepted(
  title: string,
  mnemonic: string,
  format: Format,
  opcode: number,
  options: RowOptions = {},
): Section {
  return section(
    title,
    [rowWith({ ...options, privileged: true }, mnemonic, format, opcode)],
    (ir, fields: unknown) => {
      ir.intercept(mnemonic, fields as Readonly<Record<string, number>>);
    },
  );
}
