/**
 * Compares random instructions on the interpreter, the JIT and qemu-s390x.
 *
 *     node test/fuzz/fuzz.ts [--count N] [--seed S] [--only REGEXP] [--mode single|sequence|loop]
 *                            [--no-oracle] [--keep] [--json]
 *
 * A difference is printed when it is found; at the end it is shrunk and printed again, and with --keep
 * written to test/fuzz/corpus.
 * Exit status: 0 no unexplained difference, 1 some, 2 wrong usage.
 */
import { parseArgs } from 'node:util';
import { hasQemu } from '../drivers/oracle.ts';
import { Comparator, type Finding } from './compare.ts';
import { stateText, writeCorpus } from './corpus.ts';
import { listing } from './program.ts';
import { type FuzzSummary, type Mode, runFuzz } from './run.ts';
import { shrink } from './shrink.ts';

class UsageError extends Error {}

function number(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new UsageError(`--${name} ${text}: wants a whole number`);
  }
  return value;
}

function show(finding: Finding): string {
  const before = JSON.stringify(stateText(finding.case.before));
  return [...listing(finding.case), `from ${before}`, ...finding.differences].join('\n  ');
}

function summaryLine(
  { cases, withOracle, explained, findings }: FuzzSummary,
  seed: number,
): string {
  const known = [...explained.values()].reduce((sum, n) => sum + n, 0);
  return (
    `${cases} cases, ${withOracle} of them with qemu-s390x (${known} known differences), ` +
    `${findings.length} unexplained, seed ${seed}`
  );
}

function main(): void {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '100000' },
      seed: { type: 'string' },
      only: { type: 'string' },
      mode: { type: 'string' },
      'no-oracle': { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const seed =
    values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : number(values.seed, 'seed');
  if (values.mode !== undefined && !['single', 'sequence', 'loop'].includes(values.mode)) {
    throw new UsageError(`--mode ${values.mode}: use single, sequence or loop`);
  }
  const oracle = hasQemu && !values['no-oracle'];
  const comparator = new Comparator(oracle);
  const note = (text: string): void => void (values.json || console.log(text));
  note(`seed ${seed}${oracle ? '' : ', without qemu-s390x'}`);
  let shown = 0;
  let found = 0;
  const summary = runFuzz(
    {
      count: number(values.count, 'count'),
      seed,
      only: values.only === undefined ? undefined : new RegExp(`^(${values.only})$`, 'i'),
      mode: values.mode as Mode | undefined,
      oracle,
      progress: (so) => {
        for (const finding of so.findings.slice(found)) note(`\n${show(finding)}`);
        found = so.findings.length;
        if (so.cases - shown < 100_000) return;
        shown = so.cases;
        note(summaryLine(so, seed));
      },
    },
    comparator,
  );
  const small = summary.findings.map((finding) => shrink(comparator, finding));
  const kept = values.keep ? small.map(writeCorpus) : [];
  if (values.json) {
    const { cases, withOracle, explained } = summary;
    console.log(
      JSON.stringify({
        seed,
        cases,
        withOracle,
        explained: Object.fromEntries(explained),
        findings: small.map((f) => ({
          kind: f.kind,
          listing: listing(f.case),
          differences: f.differences,
        })),
        kept,
      }),
    );
  } else {
    for (const finding of small) console.log(`\n${show(finding)}`);
    for (const file of kept) console.log(file);
    for (const [reason, n] of summary.explained) console.log(`known ${n}: ${reason}`);
    console.log(summaryLine(summary, seed));
  }
  process.exitCode = small.length > 0 ? 1 : 0;
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    const known =
      error instanceof UsageError ||
      error instanceof SyntaxError ||
      (error instanceof Error && 'code' in error) ||
      (error instanceof Error && error.message.startsWith('no declared'));
    if (!known) throw error;
    console.error(`fuzz: ${error.message.split('\n')[0]}`);
    process.exitCode = 2;
  }
}
