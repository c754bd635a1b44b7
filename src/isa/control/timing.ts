import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import { E, S, SSF } from '../formats.ts';
import { requireAlignment } from '../general/alignment.ts';
import { address1, address2, gr64 } from '../operands.ts';
import { rowWith, section } from '../section.ts';

const PRIVILEGED = { privileged: true };

/** An interruption may be due as soon as a timer is set. */
function set(ir: Builder, helper: 'setClockComparator' | 'setCpuTimer', address: Value): void {
  requireAlignment(ir, address, 8);
  ir.call(helper, [], [ir.load64(address)]);
  ir.modeChange();
}

function store(ir: Builder, helper: 'storeClockComparator' | 'storeCpuTimer', to: Value): void {
  requireAlignment(ir, to, 8);
  ir.call(helper, [], [to]);
}

/** SET CLOCK COMPARATOR. CC unchanged. */
export const SET_CLOCK_COMPARATOR = section(
  'SET CLOCK COMPARATOR',
  [rowWith(PRIVILEGED, 'SCKC', S, 0xb206, address2)],
  (ir, _fields: unknown, address) => {
    set(ir, 'setClockComparator', address);
  },
);

/** STORE CLOCK COMPARATOR. CC unchanged. */
export const STORE_CLOCK_COMPARATOR = section(
  'STORE CLOCK COMPARATOR',
  [rowWith(PRIVILEGED, 'STCKC', S, 0xb207, address2)],
  (ir, _fields: unknown, address) => {
    store(ir, 'storeClockComparator', address);
  },
);

/** SET CPU TIMER. CC unchanged. */
export const SET_CPU_TIMER = section(
  'SET CPU TIMER',
  [rowWith(PRIVILEGED, 'SPT', S, 0xb208, address2)],
  (ir, _fields: unknown, address) => {
    set(ir, 'setCpuTimer', address);
  },
);

/** STORE CPU TIMER. CC unchanged. */
export const STORE_CPU_TIMER = section(
  'STORE CPU TIMER',
  [rowWith(PRIVILEGED, 'STPT', S, 0xb209, address2)],
  (ir, _fields: unknown, address) => {
    store(ir, 'storeCpuTimer', address);
  },
);

/** SET CLOCK PROGRAMMABLE FIELD, from GR0. CC unchanged. */
export const SET_CLOCK_PROGRAMMABLE_FIELD = section(
  'SET CLOCK PROGRAMMABLE FIELD',
  [rowWith(PRIVILEGED, 'SCKPF', E, 0x0107)],
  (ir) => {
    ir.call('setClockProgrammable', [], [], { reads: [0] });
  },
);

/** EXTRACT CPU TIME: to GR0, GR1 and R3. CC unchanged. */
export const EXTRACT_CPU_TIME = section(
  'EXTRACT CPU TIME',
  [rowWith({ facility: 31 }, 'ECTG', SSF, 0xc81, address1, address2, gr64.r3)],
  (ir, { r3 }: { r3: number }, first, second, third) => {
    const args = [first, second, ir.addressAt(third)];
    ir.call('extractCpuTime', [r3], args, { writes: [0, 1, r3] });
  },
);

/** PERFORM TIMING FACILITY FUNCTION: code in GR0, parameter block at GR1. CC 0, 3 not available. */
export const PERFORM_TIMING_FACILITY_FUNCTION = section(
  'PERFORM TIMING FACILITY FUNCTION',
  [rowWith({ facility: 28 }, 'PTFF', E, 0x0104)],
  (ir) => {
    const numbers = [ir.mode.addressing];
    ir.setCc(ir.call('performTimingFacility', numbers, [], { reads: [0, 1] }));
  },
);
