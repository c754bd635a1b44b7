#!/usr/bin/env node
// Starts js390 from a checkout (TypeScript, run as it is) or from an installed package (dist/).
// Plain JavaScript that old versions of Node understand too, so that they can say what is missing.
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';

const NEEDED = 24;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  module.enableCompileCache?.();
  // A nursery that stays small: a third less memory for a shell pipeline, and no more time.
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  // A kernel runs much code a few times: V8's bytecode is not worth interpreting (a boot: -10 %).
  if (/^(boot|resume)$/.test(process.argv[2])) v8.setFlagsFromString('--always-sparkplug');
  const source = here('./main.ts');
  const { main } = await import(existsSync(source) ? './main.ts' : '../../dist/bundle/main.js');
  await main(process.argv.slice(2));
} else {
  const pinned = here('../../node_modules/.bin/node');
  if (existsSync(pinned)) {
    await startAgain(pinned);
  } else {
    process.stderr.write(
      `js390: this is Node ${process.versions.node}, and js390 needs ${NEEDED} or newer; ` +
        'run `npm ci` in its folder, which installs one, or put a newer node on your PATH\n',
    );
    process.exitCode = 1;
  }
}

/** Runs the same command under another Node, passing signals and the exit status on. */
async function startAgain(node) {
  const { spawn } = await import('node:child_process');
  const { constants } = await import('node:os');
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  // The terminal sends SIGINT to both; only the guest decides what it means.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT') child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`js390: cannot start ${node}: ${error.message}; run \`npm ci\` again\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
