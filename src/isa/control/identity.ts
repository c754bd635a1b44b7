import { S } from '../formats.ts';
import { requireAlignment } from '../general/alignment.ts';
import { address2 } from '../operands.ts';
import { rowWith, section } from '../section.ts';

const PRIVILEGED = { privileged: true };

/** STORE CPU ADDRESS. CC unchanged. */
export const STORE_CPU_ADDRESS = section(
  'STORE CPU ADDRESS',
  [rowWith(PRIVILEGED, 'STAP', S, 0xb212, address2)],
  (ir, _fields: unknown, address) => {
    requireAlignment(ir, address, 2);
    ir.call('storeCpuAddress', [], [address]);
  },
);

/** STORE CPU ID. CC unchanged. */
export const STORE_CPU_ID = section(
  'STORE CPU ID',
  [rowWith(PRIVILEGED, 'STIDP', S, 0xb202, address2)],
  (ir, _fields: unknown, address) => {
    requireAlignment(ir, address, 8);
    ir.call('storeCpuId', [], [address]);
  },
);

/** STORE SYSTEM INFORMATION. CC 0, or 3: the information is not available. */
export const STORE_SYSTEM_INFORMATION = section(
  'STORE SYSTEM INFORMATION',
  [rowWith(PRIVILEGED, 'STSI', S, 0xb27d, address2)],
  (ir, _fields: unknown, address) => {
    const effects = { reads: [0, 1], writes: [0] };
    ir.setCc(ir.call('storeSystemInformation', [], [address], effects));
  },
);

/** STORE FACILITY LIST: the first word, at real address 200. CC unchanged. */
export const STORE_FACILITY_LIST = section(
  'STORE FACILITY LIST',
  [rowWith(PRIVILEGED, 'STFL', S, 0xb2b1)],
  (ir) => {
    ir.call('storeFacilityList', [], []);
  },
);
