/** Builds the test programs with the s390x cross compiler: `node test/linux/programs/build.ts`. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const FLAGS = [
  '-O1',
  '-march=z10',
  '-static',
  '-nostdlib',
  '-ffreestanding',
  '-fno-pie',
  '-no-pie',
];
const WARNINGS = ['-Wall', '-Wextra', '-Wno-unused-function', '-Werror'];
const LINK = ['-Wl,--build-id=none', '-Wl,-z,max-page-size=4096', '-s'];

for (const file of fs.readdirSync(FOLDER).filter((name) => name.endsWith('.c'))) {
  const source = path.join(FOLDER, file);
  const binary = path.join(FOLDER, `${path.basename(file, '.c')}.s390x`);
  execFileSync('s390x-linux-gnu-gcc', [...FLAGS, ...WARNINGS, ...LINK, '-o', binary, source], {
    stdio: 'inherit',
  });
}
