/** What uname(2) says, but for the host name; /proc shows the same. */
export const UTS = {
  sysname: 'Linux',
  release: '6.1.0-js390',
  version: '#1 SMP',
  machine: 's390x',
  domainname: '(none)',
} as const;

/** Threads take turns: a guest has one processor, whatever the host has. */
export const PROCESSORS = 1;
