import type { HelperName } from '../ir/helpers.ts';
import * as bfpConversions from './bfp/conversions.ts';
import * as bfpInstructions from './bfp/instructions.ts';
import * as checksum from './checksum.ts';
import * as compareLong from './compare-long.ts';
import type { HelperContext } from './context.ts';
import * as control from './control.ts';
import * as convert from './convert.ts';
import * as decimal from './decimal.ts';
import * as division from './division.ts';
import * as edit from './edit.ts';
import * as moveLong from './move-long.ts';
import * as move from './move.ts';
import * as pack from './pack.ts';
import * as string from './string.ts';
import * as swap from './swap.ts';
import * as systemAddressSpace from './system/address-space.ts';
import * as systemControlRegisters from './system/control-registers.ts';
import * as systemIdentity from './system/identity.ts';
import * as systemMove from './system/move.ts';
import * as systemPsw from './system/psw.ts';
import * as systemStorageKeys from './system/storage-keys.ts';
import * as systemTiming from './system/timing.ts';
import * as systemTranslation from './system/translation.ts';
import * as translate from './translate.ts';
import * as unicode from './unicode.ts';

/** How every helper looks to its callers; which numbers it takes is declared in `ir/helpers.ts`. */
export type Helper = (context: HelperContext, ...words: number[]) => number | void;

/**
 * The helpers by name: all that generated code can call. The files spread here export helpers and
 * nothing else; a declared helper without implementation is an error.
 */
export const RUNTIME: { readonly [K in HelperName]: Helper } = {
  ...bfpConversions,
  ...bfpInstructions,
  ...checksum,
  ...compareLong,
  ...control,
  ...convert,
  ...decimal,
  ...division,
  ...edit,
  ...move,
  ...moveLong,
  ...pack,
  ...string,
  ...swap,
  ...systemAddressSpace,
  ...systemControlRegisters,
  ...systemIdentity,
  ...systemMove,
  ...systemPsw,
  ...systemStorageKeys,
  ...systemTiming,
  ...systemTranslation,
  ...translate,
  ...unicode,
};
