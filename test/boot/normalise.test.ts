import { expect, test } from 'vitest';
import { differences, normalise } from './normalise.ts';

const FIRST = `\
[    2.230165] Linux version 6.1.0-50-s390x
[    2.326079] random: crng init done
[    2.607440] audit: type=2000 audit(1795403306.554:1): state=initialized audit_enabled=0 res=1
[    2.566724] node 0 deferred pages initialised in 4ms
js390: init reached
guest# wget http://10.0.2.2:40123/file
`;

const SECOND = `\
[   12.000001] Linux version 6.1.0-50-s390x
[   12.566724] node 0 deferred pages initialised in 16ms
[   12.607440] audit: type=2000 audit(1795409999.001:1): state=initialized audit_enabled=0 res=1\r
js390: init reached
[   13.326079] random: crng init done
guest# wget http://10.0.2.2:501/file

`;

test('times, ports and messages of other threads make no difference', () => {
  expect(differences(FIRST, SECOND)).toEqual([]);
});

test('another message, and one that is missing, are told with the side that has them', () => {
  const other = SECOND.replace('Linux version 6.1.0-50', 'Linux version 6.1.0-51');
  expect(differences(other, FIRST)).toEqual([
    '- [] Linux version 6.1.0-50-s390x',
    '+ [] Linux version 6.1.0-51-s390x',
  ]);
  const without = SECOND.replace(/^.*crng init done\n/m, '');
  expect(differences(without, FIRST)).toEqual(['- [] random: crng init done']);
});

test('messages that come by chance make no difference', () => {
  const slow = SECOND.replace(
    /^js390/m,
    '[   12.7] x\n[   12.700000] hrtimer: interrupt took 5 ns\n$&',
  );
  expect(differences(slow, SECOND)).toEqual(['+ [   12.7] x']);
});

test('empty lines before and after everything make no difference, others do', () => {
  expect(differences('\na\n\nb\n\n', 'a\n\nb')).toEqual([]);
  expect(differences('a\nb\n', 'a\n\nb\n')).toEqual(['- ']);
});

test('lines in another order are a difference', () => {
  expect(differences('a\nb\n', 'b\na\n')).toHaveLength(2);
});

test('numbers that are results stay', () => {
  const { lines } = normalise('[    1.000000] Memory: 239216K/524288K available\n42 1.5\n');
  expect(lines).toEqual(['[] Memory: 239216K/524288K available', '42 1.5']);
});

test('what is normalised is not changed by normalising it again', () => {
  const { lines, moving } = normalise(FIRST);
  expect(normalise([...lines, ...moving].join('\n'))).toEqual({ lines, moving });
});
