import { hex } from '../base/hex.ts';
import * as errnoNames from './errno.ts';
import { SyscallError } from './errno.ts';
import type { CallTracer } from './dispatch.ts';
import { signalName } from './signal.ts';
import type { ArgumentType, Syscall, SyscallContext } from './syscall-table.ts';

/** Bytes of a string or buffer shown, as strace(1) does. */
const SHOWN = 32;
/** Elements of argv shown. */
const STRINGS_SHOWN = 8;

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
};

const ERRNO = new Map<number, string>(
  Object.entries(errnoNames).flatMap(([name, value]) =>
    typeof value === 'number' && value < 512 ? [[value, name] as const] : [],
  ),
);

/** Shows every system call as `pid name(arguments) = result`, a line each, when it is finished. */
export class Strace implements CallTracer {
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  enter(
    context: SyscallContext,
    call: Syscall | undefined,
    args: readonly number[],
  ): (result: number) => void {
    const name = call?.name ?? `syscall_${context.number}`;
    const types = call?.arguments ?? [];
    // What the call reads is shown as it was before; what it writes, as it is afterwards.
    const shown = types.map((type, i) => {
      return type === 'out' ? undefined : attempt(() => show(context, type, args, i, 0));
    });
    const pid = context.thread.tid;
    return (result) => {
      const text = types.map((type, i) => {
        return shown[i] ?? attempt(() => show(context, type, args, i, result));
      });
      const list = call ? text.join(', ') : rawArguments(context);
      this.#write(`${pid} ${name}(${list}) = ${showResult(context, result)}`);
    };
  }
}

function rawArguments(context: SyscallContext): string {
  return [0, 1, 2, 3, 4, 5].map((i) => `0x${hex(context.raw(i))}`).join(', ');
}

function showResult({ thread }: SyscallContext, result: number): string {
  if (thread.ended) return '?';
  if (result === Number.NEGATIVE_INFINITY) return '0';
  if (result < 0 && result >= -4095) return `-1 ${ERRNO.get(-result) ?? `errno ${-result}`}`;
  return result > 0xffff ? `0x${hex(result)}` : String(result);
}

/** A bad pointer is shown as a number. */
function attempt(action: () => string): string {
  try {
    return action();
  } catch (error) {
    if (error instanceof SyscallError) return '(bad address)';
    throw error;
  }
}

function show(
  { memory }: SyscallContext,
  type: ArgumentType,
  args: readonly number[],
  i: number,
  result: number,
): string {
  const value = args[i]!;
  switch (type) {
    case 'int':
    case 'pid':
    case 'long':
    case 'offset':
    case 'size':
      return String(value);
    case 'fd':
      return value === -100 ? 'AT_FDCWD' : String(value);
    case 'signal':
      return value > 0 && value < 32 ? signalName(value) : String(value);
    case 'mode':
      return `0${value.toString(8)}`;
    case 'flags':
      return `0x${hex(value)}`;
    case 'address':
      return value === 0 ? 'NULL' : `0x${hex(value)}`;
    case 'path':
    case 'string':
      return value === 0 ? 'NULL' : quote(memory.string(value), 4096);
    case 'strings':
      return `[${showStrings(memory.strings(value))}]`;
    case 'block':
      return [0, 1, 2, 3, 4, 5].map((word) => showWord(memory.u64(value + 8 * word))).join(', ');
    case 'in':
      return buffer(memory.bytes(value, Math.min(args[i + 1] ?? 0, SHOWN + 1)));
    case 'out':
      return result < 0
        ? `0x${hex(value)}`
        : buffer(memory.bytes(value, Math.min(result, SHOWN + 1)));
  }
}

function showWord(word: bigint): string {
  const signed = BigInt.asIntN(32, word);
  return signed < 0n && signed >= -100n ? String(signed) : `0x${hex(word)}`;
}

function showStrings(strings: readonly string[]): string {
  const shown = strings.slice(0, STRINGS_SHOWN).map((text) => quote(text, SHOWN));
  if (strings.length > STRINGS_SHOWN) shown.push('...');
  return shown.join(', ');
}

function buffer(bytes: Uint8Array): string {
  return quote(String.fromCharCode(...bytes), SHOWN);
}

function quote(text: string, limit: number): string {
  let shown = '';
  for (const character of text.slice(0, limit)) {
    const code = character.charCodeAt(0);
    const plain = code >= 0x20 && code < 0x7f ? character : `\\x${hex(code, 2)}`;
    shown += ESCAPES[character] ?? plain;
  }
  return `"${shown}"${text.length > limit ? '...' : ''}`;
}
