/**
 * Builds what the package carries into dist/:
 *
 *     npm run build
 *
 * the library as modules with types (tsc), and the command line as a bundle: reading some 200
 * modules is two thirds of the time in which a small guest program starts and ends.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = path.join(ROOT, 'dist');
const BUNDLE = path.join(DIST, 'bundle');

fs.rmSync(DIST, { recursive: true, force: true });

const TSC = path.join(ROOT, 'node_modules/typescript/bin/tsc');
const compiled = spawnSync(process.execPath, [TSC, '-p', 'tools/tsconfig.build.json'], {
  cwd: ROOT,
  stdio: 'inherit',
});
if (compiled.status !== 0) process.exit(1);

/*
 * A bundler that keeps `const` at the top level: V8 takes such a name for a constant in optimised
 * code, and looks a `var` up each time. (Rolldown does; esbuild makes them all `var`.)
 */
const bundle = await rolldown({
  cwd: ROOT,
  input: 'dist/cli/main.js',
  platform: 'node',
});
const { output } = await bundle.write({ dir: BUNDLE, format: 'esm', entryFileNames: '[name].js' });

/** The folders of packages that the bundle has code of. */
const packages = new Set(
  output
    .flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
    .flatMap((file) => {
      const match = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path.relative(ROOT, file));
      return match ? [match[0]] : [];
    }),
);
const notices = [...packages].sort().map((folder) => {
  const license = fs.readdirSync(path.join(ROOT, folder)).find((file) => /^licen[cs]e/i.test(file));
  if (!license) throw new Error(`${folder} has no licence file, which the bundle must carry`);
  const text = fs.readFileSync(path.join(ROOT, folder, license), 'utf8').trim();
  return `${folder.replace(/^.*node_modules\//, '')}\n\n${text}\n`;
});
fs.writeFileSync(path.join(BUNDLE, 'THIRD-PARTY.txt'), notices.join('\n---\n\n'));
