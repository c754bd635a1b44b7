import { RRE, RRFa, RSa, RSYa, S } from '../formats.ts';
import { intercepted } from './intercepted.ts';

/** What is asked of other CPUs, of the hypervisor, of the service processor, of PCI. */
export const SIGNAL_PROCESSOR = intercepted('SIGNAL PROCESSOR', 'SIGP', RSa, 0xae);
export const DIAGNOSE = intercepted('DIAGNOSE', 'DIAG', RSa, 0x83);
export const SERVICE_CALL = intercepted('SERVICE CALL', 'SERVC', RRE, 0xb220);
export const SET_CLOCK = intercepted('SET CLOCK', 'SCK', S, 0xb204);
export const CALL_LOGICAL_PROCESSOR = intercepted('CALL LOGICAL PROCESSOR', 'CLP', RRFa, 0xb9a0, {
  facility: 69,
});
/** The adapter-interruption-suppression facility. */
export const SET_INTERRUPTION_CONTROLS = intercepted(
  'SET INTERRUPTION CONTROLS',
  'SIC',
  RSYa,
  0xebd1,
  { facility: 72 },
);
