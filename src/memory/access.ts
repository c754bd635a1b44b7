import { AS_ACCESS_REGISTER, AS_HOME, AS_PRIMARY, AS_SECONDARY } from '../arch/psw.ts';
import { CR } from '../cpu/state.ts';

/** What an access is translated and checked with. */
export interface Access {
  readonly dat: boolean;
  /** In the access-register mode, those of the register that was last used. */
  asceHigh: number;
  asceLow: number;
  /** By the access-list entry. */
  isFetchOnly: boolean;
  /** AS_ value, for the translation-exception identification. */
  readonly space: number;
  /** Access key, 0-15. */
  readonly key: number;
}

/** ASCEs of the address-space-control values, by control register. */
const ASCE_REGISTERS = { [AS_PRIMARY]: 1, [AS_SECONDARY]: 7, [AS_HOME]: 13 } as const;

/** An access to a space (an AS_ value) of the CPU whose registers are in `words`. */
export function accessTo(words: Int32Array, dat: boolean, space: number, key: number): Access {
  const isFetchOnly = false;
  if (!dat) return { dat, asceHigh: 0, asceLow: 0, isFetchOnly, space: AS_PRIMARY, key };
  const at = space === AS_ACCESS_REGISTER ? CR + 2 : CR + 2 * ASCE_REGISTERS[space as 0 | 2 | 3];
  return { dat, asceHigh: words[at + 1]!, asceLow: words[at]!, isFetchOnly, space, key };
}
