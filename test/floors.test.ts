import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = path.join(ROOT, 'src');

/** All that may stand at the top of the project, hidden entries aside. */
const TOP_LEVEL = [
  ...['LICENSE', 'README.md', 'package-lock.json', 'package.json', 'tsconfig.json'],
  ...['bench', 'src', 'test', 'tools'],
];

/** Made by npm and by builds, never committed. */
const IGNORED = ['node_modules', 'dist'];

interface Floor {
  /** Relative to src: `index.ts`, `cli`, `host/node`. */
  place: string;
  level: number;
}

/** Reads rows such as `` | 9 | `index.ts`, `cli/` | all below | ... | `` out of src/README.md. */
function readFloors(): Floor[] {
  const document = path.join(SRC, 'README.md');
  if (!fs.existsSync(document)) throw new Error('src/README.md with the floors table is missing');
  const floors: Floor[] = [];
  for (const row of fs.readFileSync(document, 'utf8').split('\n')) {
    const match = /^\|\s*(\d+)\s*\|([^|]*)\|/.exec(row);
    if (!match) continue;
    for (const [, place] of match[2].matchAll(/`([^`]+)`/g)) {
      floors.push({ place: place.replace(/\/$/, ''), level: Number(match[1]) });
    }
  }
  if (floors.length === 0) throw new Error('src/README.md has no row like | 9 | `cli/` | ... |');
  return floors;
}

function sourceFiles(): string[] {
  return fs
    .readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => /\.(ts|mts|mjs|js)$/.test(file))
    .sort();
}

/** What a file imports or re-exports, types included, as written. */
function importsOf(file: string): string[] {
  const text = fs.readFileSync(path.join(SRC, file), 'utf8');
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** The imported file relative to src, or undefined for packages and built-in modules. */
function resolveImport(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return path.posix.join(path.posix.dirname(file), specifier);
}

/** `isa/general/add.ts` stands on the floor of `isa`; the longest place that fits decides. */
function floorOf(file: string, floors: Floor[]): Floor | undefined {
  return floors
    .filter(({ place }) => file === place || file.startsWith(`${place}/`))
    .sort((a, b) => b.place.length - a.place.length)[0];
}

/** One cycle of imports as a list of files, the first repeated at the end. */
function findCycle(graph: Map<string, string[]>): string[] | undefined {
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (file: string): string[] | undefined => {
    const start = trail.indexOf(file);
    if (start >= 0) return [...trail.slice(start), file];
    if (done.has(file)) return undefined;
    trail.push(file);
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    trail.pop();
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return undefined;
}

describe('the house of src/README.md', () => {
  test('every source file stands on a floor of the table', () => {
    const floors = readFloors();
    expect(sourceFiles().filter((file) => !floorOf(file, floors))).toEqual([]);
  });

  test('every folder of the table exists', () => {
    const files = sourceFiles();
    const empty = readFloors().filter(
      ({ place }) => !files.some((file) => file === place || file.startsWith(`${place}/`)),
    );
    expect(empty.map(({ place }) => place)).toEqual([]);
  });

  test('a file imports from its own folder or strictly lower floors only', () => {
    const floors = readFloors();
    const wrong: string[] = [];
    for (const file of sourceFiles()) {
      const from = floorOf(file, floors);
      for (const specifier of importsOf(file)) {
        const imported = resolveImport(file, specifier);
        if (imported === undefined || !from) continue;
        if (imported.startsWith('../')) {
          wrong.push(`${file} imports ${specifier}, outside src`);
          continue;
        }
        const to = floorOf(imported, floors);
        if (to && to.place !== from.place && to.level >= from.level) {
          wrong.push(`${file} (floor ${from.level}) imports ${imported} (floor ${to.level})`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test('no file imports itself through others', () => {
    const graph = new Map(
      sourceFiles().map((file) => {
        const imported = importsOf(file).map((specifier) => resolveImport(file, specifier));
        return [file, imported.filter((target) => target !== undefined)];
      }),
    );
    expect(findCycle(graph)?.join(' -> ')).toBeUndefined();
  });

  test("only the host and the command line use Node's own modules", () => {
    const wrong = sourceFiles().filter(
      (file) =>
        !/^(host\/node|cli)\//.test(file) &&
        importsOf(file).some((name) => name.startsWith('node:')),
    );
    expect(wrong).toEqual([]);
  });
});

test('the top level of the project holds the agreed entries only', () => {
  const visible = fs
    .readdirSync(ROOT)
    .filter((name) => !name.startsWith('.') && !IGNORED.includes(name) && !name.endsWith('.tgz'));
  expect(visible.filter((name) => !TOP_LEVEL.includes(name))).toEqual([]);
});
