import fs from 'node:fs';
import path from 'node:path';
import { hexBytes } from '../../src/base/hex.ts';
import type { Case, Interruption, Result } from '../drivers/driver.ts';
import { CODE_AREA, MachineState, MEMORY_SIZE } from '../drivers/state.ts';
import type { Finding } from './compare.ts';
import { listing } from './program.ts';

export const CORPUS = path.join(import.meta.dirname, 'corpus');

/** A state as JSON: what differs from zero, or from another state. */
interface StateText {
  readonly gr?: Readonly<Record<string, string>>;
  readonly fpr?: Readonly<Record<string, string>>;
  readonly ar?: Readonly<Record<string, string>>;
  readonly cc?: number;
  readonly programMask?: number;
  readonly fpc?: string;
  /** Offset in the windows to bytes. */
  readonly memory?: Readonly<Record<string, string>>;
}

/** A failure that was found once, kept for ever. */
export interface CorpusEntry {
  readonly note: string;
  readonly listing: string;
  /** At CODE_AREA. */
  readonly code: string;
  readonly target?: string;
  readonly before: StateText;
  /** What must come out: the change of the state, and where that is known from. */
  readonly expected?: {
    readonly from: string;
    readonly after: StateText;
    readonly interruption?: Interruption;
  };
}

const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

function registers<T extends bigint | number>(
  get: (state: MachineState, r: number) => T,
  state: MachineState,
  base: MachineState,
): Record<string, string> | undefined {
  const changed: Record<string, string> = {};
  for (let r = 0; r < 16; r++) {
    if (get(state, r) !== get(base, r)) changed[r] = hex(get(state, r));
  }
  return Object.keys(changed).length > 0 ? changed : undefined;
}

function memoryText(state: MachineState, base: MachineState): Record<string, string> | undefined {
  const changed: Record<string, string> = {};
  for (let i = 0; i < MEMORY_SIZE; i++) {
    if (state.memory[i] === base.memory[i]) continue;
    let end = i + 1;
    while (end < MEMORY_SIZE && state.memory[end] !== base.memory[end]) end++;
    changed[i] = hexBytes(state.memory.subarray(i, end));
    i = end;
  }
  return Object.keys(changed).length > 0 ? changed : undefined;
}

/** What differs from zero, or from `base`. */
export function stateText(state: MachineState, base = new MachineState()): StateText {
  const gr = registers((s, r) => s.gr(r), state, base);
  const fpr = registers((s, r) => s.fpr(r), state, base);
  const ar = registers((s, r) => s.ar(r), state, base);
  const memory = memoryText(state, base);
  return {
    ...(gr && { gr }),
    ...(fpr && { fpr }),
    ...(ar && { ar }),
    ...(state.cc !== base.cc && { cc: state.cc }),
    ...(state.programMask !== base.programMask && { programMask: state.programMask }),
    ...(state.fpc !== base.fpc && { fpc: hex(state.fpc) }),
    ...(memory && { memory }),
  };
}

function parseState(text: StateText, base = new MachineState()): MachineState {
  const state = base.copy();
  for (const [r, value] of Object.entries(text.gr ?? {})) state.setGr(Number(r), BigInt(value));
  for (const [r, value] of Object.entries(text.fpr ?? {})) state.setFpr(Number(r), BigInt(value));
  for (const [r, value] of Object.entries(text.ar ?? {})) state.setAr(Number(r), Number(value));
  if (text.cc !== undefined) state.cc = text.cc;
  if (text.programMask !== undefined) state.programMask = text.programMask;
  if (text.fpc !== undefined) state.fpc = Number(text.fpc);
  for (const [at, bytes] of Object.entries(text.memory ?? {})) {
    state.memory.set(fromHex(bytes), Number(at));
  }
  return state;
}

export function readCorpus(): [name: string, entry: CorpusEntry][] {
  if (!fs.existsSync(CORPUS)) return [];
  return fs
    .readdirSync(CORPUS)
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const text = fs.readFileSync(path.join(CORPUS, name), 'utf8');
      return [name, JSON.parse(text) as CorpusEntry];
    });
}

/** The case of a corpus entry, and what must come out of it. */
export function corpusCase(entry: CorpusEntry): { case: Case; expected: Result | undefined } {
  const before = parseState(entry.before);
  const { expected } = entry;
  return {
    case: {
      code: fromHex(entry.code),
      target: entry.target === undefined ? undefined : fromHex(entry.target),
      at: CODE_AREA,
      before,
    },
    expected: expected && {
      after: parseState(expected.after, before),
      ...(expected.interruption && { interruption: expected.interruption }),
    },
  };
}

/** Writes a shrunk finding; returns the file's path. The note is for a human to complete. */
export function writeCorpus(finding: Finding): string {
  const { case: one, expected, kind, differences } = finding;
  const entry: CorpusEntry = {
    note: `${kind}: ${differences.join('; ')}`,
    listing: listing(one).join('; '),
    code: hexBytes(one.code),
    ...(one.target && { target: hexBytes(one.target) }),
    before: stateText(one.before),
    ...(expected && {
      expected: {
        from: 'qemu-s390x',
        after: stateText(expected.after, one.before),
        ...(expected.interruption && { interruption: expected.interruption }),
      },
    }),
  };
  fs.mkdirSync(CORPUS, { recursive: true });
  const mnemonics = finding.trial.program.steps.map(({ instruction }) => instruction.mnemonic);
  const name = mnemonics.join('-').toLowerCase();
  for (let n = 1; ; n++) {
    const file = path.join(CORPUS, `${name}-${n}.json`);
    if (fs.existsSync(file)) continue;
    fs.writeFileSync(file, `${JSON.stringify(entry, null, 2)}\n`);
    return file;
  }
}
