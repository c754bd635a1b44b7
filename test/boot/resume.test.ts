/** Machines with Debian's kernel that are saved at the prompt by one backend and go on by another. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { PROMPT } from '../../tools/guest-initramfs.ts';
import { bootAssets } from '../../tools/guest.ts';
import { js390, resume } from './machines.ts';

/** The interpreter takes minutes to get to the prompt. */
const BOOT_SECONDS = 1200;
const STEP_SECONDS = 120;
const LIMIT = { timeout: (BOOT_SECONDS + 3 * STEP_SECONDS) * 1000 };

/** Who saves the machine, who goes on with it, and how many CPUs it has. */
const CASES = [
  ['tiered', 'interpreter', 2],
  ['interpreter', 'tiered', 1],
  ['interpreter', 'tiered', 2],
] as const;

const assets = bootAssets();
const missing =
  process.env['JS390_BOOT'] !== 'all'
    ? 'boots are for JS390_BOOT=all'
    : 'skipped' in assets
      ? assets.skipped
      : js390().missing();

const folder = fs.mkdtempSync(path.join(tmpdir(), 'js390-resume-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Boots to the prompt, where the machine is saved. */
async function saveAtPrompt(backend: string, cpus: number): Promise<string> {
  if ('skipped' in assets) throw new Error(assets.skipped);
  const snapshot = path.join(folder, `${backend}-${cpus}.snapshot`);
  const { kernel, initramfs } = assets;
  const machine = js390(['--backend', backend, '--save-at', PROMPT, snapshot]);
  const rest = { append: '', memory: '256M', console: 'vt220', network: false } as const;
  const session = machine.start({ kernel, initramfs, cpus, ...rest });
  try {
    const { status, stderr } = await session.end(BOOT_SECONDS);
    expect([status, stderr]).toEqual([0, `js390: the machine was saved to ${snapshot}\n`]);
    return snapshot;
  } finally {
    session.kill();
  }
}

describe('a machine saved at the prompt', () => {
  for (const [saver, resumer, cpus] of CASES) {
    test(`by ${saver} goes on by ${resumer}, with ${cpus} CPUs`, LIMIT, async ({ skip }) => {
      skip(missing !== undefined, missing);
      const session = resume(await saveAtPrompt(saver, cpus), ['--backend', resumer]);
      try {
        session.type('seq 1 1000 | md5sum; nproc\n');
        const { text } = await session.expect(PROMPT, STEP_SECONDS);
        expect(text).toContain('53d025127ae99ab79e8502aae2d9bea6');
        expect(text).toMatch(new RegExp(`^${cpus}$`, 'm'));
        session.type('exit\n');
        expect(await session.end(STEP_SECONDS)).toMatchObject({ status: 0, stderr: '' });
      } finally {
        session.kill();
      }
    });
  }
});
