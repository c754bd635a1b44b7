import { CR14_ASN_FIRST_TABLE, CR14_ASN_TRANSLATION } from '../../arch/control-registers.ts';
import {
  PIC_AFX_TRANSLATION,
  PIC_ASTE_INSTANCE,
  PIC_ASX_TRANSLATION,
  PIC_SECONDARY_AUTHORITY,
  ProgramInterruption,
} from '../../cpu/interruption.ts';
import { CR } from '../../cpu/state.ts';
import type { SystemStorage } from '../../memory/system-storage.ts';
import type { HelperContext } from '../context.ts';
import { requireDat, specialOperation, systemOf } from './authority.ts';

const INVALID = 0x8000_0000;

/** PoP, "ASN Translation": the absolute address of the ASN-second-table entry. */
function translateAsn(memory: SystemStorage, asn: number, cr14: number): number {
  const { view } = memory.storage;
  const fail = (code: number): never => {
    throw new ProgramInterruption(code, { address: BigInt(asn) });
  };
  const first = ((cr14 & CR14_ASN_FIRST_TABLE) << 12) + 4 * (asn >>> 6);
  const firstEntry = view.getUint32(memory.real(0, first, 4));
  if (firstEntry & INVALID) fail(PIC_AFX_TRANSLATION);
  const second = (firstEntry & 0x7fff_ffc0) + 64 * (asn & 63);
  const entry = memory.real(0, second & 0x7fff_ffff, 64);
  if (view.getUint32(entry) & INVALID) fail(PIC_ASX_TRANSLATION);
  return entry;
}

/** PoP, "ASN Authorization": whether the authority table lets `index` use it as secondary. */
function isSecondaryAuthorised(memory: SystemStorage, entry: number, index: number): boolean {
  const { view, bytes } = memory.storage;
  const origin = view.getUint32(entry) & 0x7fff_fffc;
  const length = (view.getUint32(entry + 4) >>> 4) & 0xfff;
  if (index >>> 4 > length) return false;
  const at = memory.real(0, (origin + (index >>> 2)) & 0x7fff_ffff, 1);
  return ((bytes[at]! >>> (6 - 2 * (index & 3))) & 1) !== 0;
}

/**
 * SSAR, SSAIR: makes `asn` the secondary one. `instance` must be the instance number of its
 * ASN-second-table entry, unless it is undefined.
 */
export function setSecondary(
  context: HelperContext,
  asn: number,
  instance: number | undefined,
): void {
  const { state } = context;
  const { words } = state;
  const cr = (r: number): number => CR + 2 * r;
  requireDat(state);
  if ((words[cr(14)]! & CR14_ASN_TRANSLATION) === 0) specialOperation();
  const system = systemOf(context);
  const { memory } = system;
  let [asceHigh, asceLow] = [words[cr(1) + 1]!, words[cr(1)]!];
  let number = words[cr(4) + 1]!;
  if (asn !== (words[cr(4)]! & 0xffff)) {
    const entry = translateAsn(memory, asn, words[cr(14)]!);
    if (!isSecondaryAuthorised(memory, entry, words[cr(4)]! >>> 16)) {
      throw new ProgramInterruption(PIC_SECONDARY_AUTHORITY, { address: BigInt(asn) });
    }
    const { view } = memory.storage;
    asceHigh = view.getInt32(entry + 8);
    asceLow = view.getInt32(entry + 12);
    number = view.getInt32(entry + 44);
  }
  if (instance !== undefined) {
    if (instance !== number) throw new ProgramInterruption(PIC_ASTE_INSTANCE);
    words[cr(3) + 1] = number;
  }
  words[cr(3)] = (words[cr(3)]! & 0xffff_0000) | asn;
  words[cr(7) + 1] = asceHigh;
  words[cr(7)] = asceLow;
  memory.controlLoaded((1 << 3) | (1 << 7));
}
