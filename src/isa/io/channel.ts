import { RRE_r1, S, S_none } from '../formats.ts';
import { intercepted } from './intercepted.ts';

/** I/O instructions; GR1 designates the subchannel. */
export const CANCEL_SUBCHANNEL = intercepted('CANCEL SUBCHANNEL', 'XSCH', S_none, 0xb276);
export const CLEAR_SUBCHANNEL = intercepted('CLEAR SUBCHANNEL', 'CSCH', S_none, 0xb230);
export const HALT_SUBCHANNEL = intercepted('HALT SUBCHANNEL', 'HSCH', S_none, 0xb231);
export const MODIFY_SUBCHANNEL = intercepted('MODIFY SUBCHANNEL', 'MSCH', S, 0xb232);
export const RESET_CHANNEL_PATH = intercepted('RESET CHANNEL PATH', 'RCHP', S_none, 0xb23b);
export const RESUME_SUBCHANNEL = intercepted('RESUME SUBCHANNEL', 'RSCH', S_none, 0xb238);
export const SET_ADDRESS_LIMIT = intercepted('SET ADDRESS LIMIT', 'SAL', S_none, 0xb237);
export const SET_CHANNEL_MONITOR = intercepted('SET CHANNEL MONITOR', 'SCHM', S_none, 0xb23c);
export const START_SUBCHANNEL = intercepted('START SUBCHANNEL', 'SSCH', S, 0xb233);
export const STORE_CHANNEL_PATH_STATUS = intercepted(
  'STORE CHANNEL PATH STATUS',
  'STCPS',
  S,
  0xb23a,
);
export const STORE_CHANNEL_REPORT_WORD = intercepted(
  'STORE CHANNEL REPORT WORD',
  'STCRW',
  S,
  0xb239,
);
export const STORE_SUBCHANNEL = intercepted('STORE SUBCHANNEL', 'STSCH', S, 0xb234);
export const TEST_PENDING_INTERRUPTION = intercepted('TEST PENDING INTERRUPTION', 'TPI', S, 0xb236);
export const TEST_SUBCHANNEL = intercepted('TEST SUBCHANNEL', 'TSCH', S, 0xb235);

/** Not in the manual: channel-subsystem call, and the adapter's signal for queues (QDIO). */
export const CHANNEL_SUBSYSTEM_CALL = intercepted('CHANNEL SUBSYSTEM CALL', 'CHSC', RRE_r1, 0xb25f);
export const SIGNAL_ADAPTER = intercepted('SIGNAL ADAPTER', 'SIGA', S, 0xb274);
