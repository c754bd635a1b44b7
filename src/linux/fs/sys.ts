import { PROCESSORS } from '../machine.ts';
import { directory, textFile } from './virtual.ts';
import type { VirtualDirectory } from './virtual.ts';

/** /sys: the processors are the guest's, anything else is the host's. */
export function systemDirectory(): VirtualDirectory {
  const range = PROCESSORS === 1 ? '0\n' : `0-${PROCESSORS - 1}\n`;
  const list = textFile(() => range);
  const cpu = directory({
    online: list,
    possible: list,
    present: list,
    offline: textFile(() => '\n'),
    kernel_max: textFile(() => `${PROCESSORS - 1}\n`),
    cpu0: directory({ online: textFile(() => '1\n') }),
  });
  const system = directory({ cpu }, { fallsThrough: true });
  const devices = directory({ system }, { fallsThrough: true });
  return directory({ devices }, { fallsThrough: true });
}
