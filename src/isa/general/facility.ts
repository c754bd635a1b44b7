import { PIC_SPECIFICATION } from '../../cpu/interruption.ts';
import { RSYa, S, SI } from '../formats.ts';
import { address1, address2 } from '../operands.ts';
import { row, rowWith, section } from '../section.ts';

/** STORE FACILITY LIST EXTENDED. CC 0 whole list stored, 3 there is more. */
export const STORE_FACILITY_LIST_EXTENDED = section(
  'STORE FACILITY LIST EXTENDED',
  [rowWith({ facility: 7 }, 'STFLE', S, 0xb2b0, address2)],
  (ir, _fields: unknown, address) => {
    const effects = { reads: [0], writes: [0] };
    ir.setCc(ir.call('storeFacilityListExtended', [], [address], effects));
  },
);

/** EXTRACT CPU ATTRIBUTE: the second-operand address says which. CC unchanged. */
export const EXTRACT_CPU_ATTRIBUTE = section(
  'EXTRACT CPU ATTRIBUTE',
  [row('ECAG', RSYa, 0xeb4c, address2)],
  (ir, { r1 }: { r1: number }, second) => {
    ir.call('extractCpuAttribute', [r1], [second], { writes: [r1] });
  },
);

/** MONITOR CALL: a monitor event if control register 8 enables the class in I2. CC unchanged. */
export const MONITOR_CALL = section(
  'MONITOR CALL',
  [row('MC', SI, 0xaf, address1)],
  (ir, { i2 }: { i2: number }, address) => {
    if (i2 > 15) return ir.raise(PIC_SPECIFICATION);
    ir.call('monitorCall', [i2, ir.length], [address]);
  },
);
