import fs from 'node:fs';
import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands.ts';

/** Runs the js390 command line; ends the process. */
export async function main(args: readonly string[]): Promise<void> {
  const program = new Command('js390')
    .description('Runs Linux s390x programs by translating their machine code to JavaScript.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .enablePositionalOptions()
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .exitOverride();
  for (const { name, description, load } of COMMANDS) {
    const command = program.command(name).description(description);
    // Only the module of the command that is called is loaded.
    if (args.find((arg) => !arg.startsWith('-')) === name) {
      (await load()).define(command);
    }
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  }
}

function oneLine(text: string): string {
  const message = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\.$/, '');
  return `js390: ${message}; see js390 --help\n`;
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version;
}
