import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { S, S_none, SI, SI_none } from '../formats.ts';
import { requireAlignment } from '../general/alignment.ts';
import { address1, address2 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

const PRIVILEGED = { privileged: true };

/** Bit 12 of the PSW, and the leftmost address bit of a short one. */
const SHORT_PSW = 0x0008_0000;
const BASIC_ADDRESSING = -0x8000_0000;

/** The new PSW is not checked here: PoP, "Early Exception Recognition". */
function loadPsw(ir: Builder, mask: Value, address: Value): void {
  ir.call('loadPswMask', [], [mask]);
  const cc = ir.emit('shr32', [ir.high32(mask), ir.const32(12)]);
  ir.setCc(ir.and32(cc, ir.const32(3)));
  ir.modeChange(address);
}

/**
 * LOAD PSW: bits 0-32 as they are but for bit 12, which is inverted; bits 33-63 become the address.
 */
export const LOAD_PSW = section(
  'LOAD PSW',
  [rowWith(PRIVILEGED, 'LPSW', SI_none, 0x82, address1)],
  (ir, _fields: unknown, at) => {
    requireAlignment(ir, at, 8);
    const short = ir.load64(at);
    const low = ir.low32(short);
    const high = ir.xor32(ir.high32(short), ir.const32(SHORT_PSW));
    const mask = ir.make64(high, ir.and32(low, ir.const32(BASIC_ADDRESSING)));
    loadPsw(ir, mask, ir.zext64(ir.and32(low, ir.const32(0x7fff_ffff))));
  },
);

/** LOAD PSW EXTENDED. CC: bits 18-19 of the new PSW. */
export const LOAD_PSW_EXTENDED = section(
  'LOAD PSW EXTENDED',
  [rowWith(PRIVILEGED, 'LPSWE', S, 0xb2b2, address2)],
  (ir, _fields: unknown, at) => {
    requireAlignment(ir, at, 8);
    const mask = ir.load64(at);
    loadPsw(ir, mask, ir.load64(ir.addressAt(at, 8)));
  },
);

/** SET SYSTEM MASK: PSW bits 0-7. CC unchanged. */
export const SET_SYSTEM_MASK = section(
  'SET SYSTEM MASK',
  [rowWith(PRIVILEGED, 'SSM', SI_none, 0x80, address1)],
  (ir, _fields: unknown, at) => {
    ir.modeChangeIf(ir.call('setSystemMask', [ir.length], [at]));
  },
);

/** Bits of the system mask that a translation depends on: DAT and PER. */
const MODE_BITS = 0x44;

/** STORE THEN AND SYSTEM MASK. CC unchanged. Fewer interruptions alone need no new look at them. */
export const STORE_THEN_AND_SYSTEM_MASK = section(
  'STORE THEN AND SYSTEM MASK',
  [rowWith(PRIVILEGED, 'STNSM', SI, 0xac, address1)],
  (ir, { i2 }: { i2: number }, at) => {
    ir.call('storeThenAndSystemMask', [i2], [at]);
    if ((i2 & MODE_BITS) !== MODE_BITS) ir.modeChange();
  },
);

/** STORE THEN OR SYSTEM MASK. CC unchanged. */
export const STORE_THEN_OR_SYSTEM_MASK = section(
  'STORE THEN OR SYSTEM MASK',
  [rowWith(PRIVILEGED, 'STOSM', SI, 0xad, address1)],
  (ir, { i2 }: { i2: number }, at) => {
    ir.modeChangeIf(ir.call('storeThenOrSystemMask', [i2, ir.length], [at]));
  },
);

/** SET PSW KEY FROM ADDRESS: bits 56-59. CC unchanged. */
export const SET_PSW_KEY_FROM_ADDRESS = section(
  'SET PSW KEY FROM ADDRESS',
  [row('SPKA', S, 0xb20a, address2)],
  (ir, _fields: unknown, address) => {
    ir.call('setPswKey', [], [address]);
    ir.modeChange();
  },
);

/** INSERT PSW KEY: bits 56-59 of general register 2, with zeros behind. CC unchanged. */
export const INSERT_PSW_KEY = section('INSERT PSW KEY', [row('IPK', S_none, 0xb20b)], (ir) => {
  ir.call('insertPswKey', [], [], { reads: [2], writes: [2] });
});
