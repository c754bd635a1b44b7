import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import { RRE, RRE_none, RRFb_idte, RRFb_ipte, S_none } from '../formats.ts';
import { gr64 } from '../operands.ts';
import { rowWith, section } from '../section.ts';

const PRIVILEGED = { privileged: true };
/** DAT-enhancement facility 1. */
const ENHANCED = { ...PRIVILEGED, facility: 3 };

interface Registers {
  readonly r1: number;
  readonly r2: number;
}

/**
 * INVALIDATE PAGE TABLE ENTRY. CC unchanged. R3, unless zero, says how many pages more. Local
 * clearing (M4) is done as clearing everywhere, which it permits.
 */
export const INVALIDATE_PAGE_TABLE_ENTRY = section(
  'INVALIDATE PAGE TABLE ENTRY',
  [rowWith(PRIVILEGED, 'IPTE', RRFb_ipte, 0xb221, gr64.r1, gr64.r2)],
  (ir, { r3 }: { r3: number }, first, second) => {
    const additional = r3 === 0 ? ir.const32(0) : ir.getGr32(r3);
    ir.call('invalidatePageTableEntry', [], [first, second, additional]);
    ir.modeChange();
  },
);

/** INVALIDATE DAT TABLE ENTRY. CC unchanged. Local clearing as above. */
export const INVALIDATE_DAT_TABLE_ENTRY = section(
  'INVALIDATE DAT TABLE ENTRY',
  [rowWith(ENHANCED, 'IDTE', RRFb_idte, 0xb98e, gr64.r1, gr64.r2, gr64.r3)],
  (ir, _fields: unknown, first, second, third) => {
    ir.call('invalidateTableEntry', [], [first, second, third]);
    ir.modeChange();
  },
);

/** PURGE TLB. CC unchanged. */
export const PURGE_TLB = section(
  'PURGE TLB',
  [rowWith(PRIVILEGED, 'PTLB', S_none, 0xb20d)],
  (ir) => {
    ir.call('purgeTlb', [], []);
    ir.modeChange();
  },
);

/** PURGE ALB. There is none: access registers are translated anew each time. CC unchanged. */
export const PURGE_ALB = section(
  'PURGE ALB',
  [rowWith(PRIVILEGED, 'PALB', RRE_none, 0xb248)],
  (ir) => {
    ir.modeChange();
  },
);

/**
 * COMPARE AND SWAP AND PURGE. CC 0 equal: R1 + 1 is stored, and what the right bits of the address
 * in R2 ask for is purged; 1 unequal: R1 is loaded.
 */
export const COMPARE_AND_SWAP_AND_PURGE_32 = section(
  'COMPARE AND SWAP AND PURGE',
  [rowWith(PRIVILEGED, 'CSP', RRE, 0xb250)],
  (ir, { r1, r2 }: Registers) => {
    if (r1 & 1) return ir.raise(PIC_SPECIFICATION);
    const second = ir.addressAt(ir.getGr64(r2));
    const address = ir.and64(second, ir.const64(-4));
    ir.emit('probeStore', [address], 4);
    const old = ir.load32(address);
    const equal = ir.emit('eq32', [old, ir.getGr32(r1)]);
    ir.emit('storeIf32', [equal, address, ir.getGr32(r1 + 1)]);
    ir.call('purgeAfterSwap', [], [equal, ir.low32(second)]);
    ir.setGr32(r1, old);
    ir.setCc(ir.not(equal));
    ir.modeChange();
  },
);

/** COMPARE AND SWAP AND PURGE (64). */
export const COMPARE_AND_SWAP_AND_PURGE_64 = section(
  'COMPARE AND SWAP AND PURGE',
  [rowWith(ENHANCED, 'CSPG', RRE, 0xb98a)],
  (ir, { r1, r2 }: Registers) => {
    if (r1 & 1) return ir.raise(PIC_SPECIFICATION);
    const second = ir.addressAt(ir.getGr64(r2));
    const address = ir.and64(second, ir.const64(-8));
    ir.emit('probeStore', [address], 8);
    const old = ir.load64(address);
    const equal = ir.emit('eq64', [old, ir.getGr64(r1)]);
    ir.emit('storeIf64', [equal, address, ir.getGr64(r1 + 1)]);
    ir.call('purgeAfterSwap', [], [equal, ir.low32(second)]);
    ir.setGr64(r1, old);
    ir.setCc(ir.not(equal));
    ir.modeChange();
  },
);
