import { expect, test } from 'vitest';

test('tests run under Node 24 or newer, the version that runs TypeScript directly', () => {
  expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24);
});
