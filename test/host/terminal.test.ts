import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const MODULE = new URL('../../src/host/node/terminal.ts', import.meta.url).href;
const NODE = process.execPath;
const TIMEOUT = 60_000;

/** A program with `stream` for standard input, and `line()` for the next bytes of it. */
function program(body: string): string {
  return `
    import { NodeStream } from '${MODULE}';
    let wake = () => {};
    const stream = new NodeStream(0, () => wake());
    const alive = setInterval(() => {}, 1000);
    async function line(max = 100) {
      for (;;) {
        const bytes = stream.read(max);
        if (bytes) return Buffer.from(bytes).toString();
        await new Promise((resolve) => (wake = resolve));
      }
    }
    ${body}
    clearInterval(alive);`;
}

function shell(command: string, body: string, input = '') {
  const { stdout, status } = spawnSync('sh', ['-c', command], {
    input,
    encoding: 'utf8',
    env: {
      ...process.env,
      CODE: program(body),
      NODE,
      NODE_OPTIONS: '--no-warnings',
      FORCE_COLOR: '0',
    },
    timeout: TIMEOUT / 2,
  });
  expect(status).toBe(0);
  return stdout.replaceAll('\r', '');
}

const RUN = '"$NODE" --input-type=module -e "$CODE"';

describe.skipIf(process.platform !== 'linux')('standard input (needs Linux)', () => {
  test('leaves to the next program what was not asked for', { timeout: TIMEOUT }, () => {
    const body = `console.log(stream.isTerminal, JSON.stringify(await line(5)), stream.readable());`;
    // One byte more is taken to see that there is more; it is gone with this program.
    expect(shell(`(echo 'one two three'; sleep 0.1) | (${RUN}; cat)`, body)).toBe(
      'false "one t" true\no three\n',
    );
  });

  test('that has not come yet is waited for without reading ahead', { timeout: TIMEOUT }, () => {
    const body = `
      console.log(stream.read(100), stream.readable());
      console.log(JSON.stringify(await line()), JSON.stringify(await line()));`;
    const command = `(sleep 0.5; echo late; sleep 0.3; echo later) | ${RUN}`;
    expect(shell(command, body)).toBe('undefined false\n"late\\n" "later\\n"\n');
  });

  test('from a file moves the offset that the shell shares', { timeout: TIMEOUT }, () => {
    const source = fileURLToPath(import.meta.url);
    const body = `process.stdout.write(await line(6));`;
    expect(shell(`(${RUN}; head -c 10) <${source}`, body)).toBe('import { spawnSy');
  });

  test('ends where it ends', { timeout: TIMEOUT }, () => {
    const body = `console.log(JSON.stringify([await line(), await line(), stream.readable()]));`;
    expect(shell(`printf abc | ${RUN}`, body)).toBe('["abc","",true]\n');
    expect(shell(`${RUN} </dev/null`, body)).toBe('["","",true]\n');
  });
});

const hasScript = !spawnSync('script', ['--version'], { stdio: 'ignore' }).error;

describe.skipIf(process.platform !== 'linux' || !hasScript)(
  'a terminal (needs Linux and script(1))',
  () => {
    test('has modes that can be set exactly and are restored', { timeout: TIMEOUT }, () => {
      const body = `
        const modes = stream.modes();
        console.log(stream.isTerminal, modes.local & 2, modes.characters[4]);
        stream.setModes({ ...modes, local: modes.local & ~0xa });
        console.log(stream.modes().local & 0xa);
        console.log(JSON.stringify(await line(1)));`;
      const inside = `stty icanon echo; ${RUN}; stty -a | grep -o ' icanon\\| echo '`;
      const output = shell(
        `(sleep 2; printf x; sleep 2) | script -qec '${inside.replaceAll("'", `'"'"'`)}' /dev/null`,
        body,
      );
      expect(output).toContain('true 2 4\n0\n');
      expect(output).toContain('"x"\n');
      expect(output).toContain('icanon');
      expect(output).toContain('echo');
    });
  },
);
