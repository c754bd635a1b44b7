import Table from 'cli-table3';
import { FULL, RESET, RUNTIME } from '../cpu/state.ts';
import type { WritebackAuditor } from '../cpu/writeback-auditor.ts';
import type { Report } from './boot-report.ts';

/** What `--audit` found, for `auditText` and `audited`. */
export type Audit = Pick<WritebackAuditor, 'records' | 'violations'>;

const LEVEL_NAMES = { [RUNTIME]: 'runtime', [RESET]: 'reset', [FULL]: 'full' } as const;
/** Violations that are told one by one. */
const TOLD = 20;

/** Writebacks by why VCPUs had left the accelerator and by level, and then every violation. */
export function auditText({ records, violations }: Audit): string {
  const rows = new Table({
    head: ['writeback after', 'level', 'times', 'fields written', 'fields changed'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'left'],
    colWidths: [null, null, null, null, 50],
    wordWrap: true,
  });
  const sorted = [...records.values()].sort((a, b) => b.level - a.level || b.count - a.count);
  for (const { reason, level, count, written, dirty } of sorted) {
    const changed = [...dirty].join(' ');
    rows.push([reason, LEVEL_NAMES[level], count.toLocaleString('en-US'), written.size, changed]);
  }
  const times = new Map<string, number>();
  for (const what of violations) times.set(what, (times.get(what) ?? 0) + 1);
  const told = [...times].slice(0, TOLD).map(([what, count]) => `${what} (${count} times)`);
  if (times.size > TOLD) told.push(`and ${times.size - TOLD} others`);
  const sum = violations.length === 0 ? 'no violations' : `${violations.length} violations:`;
  return [rows.toString(), `writeback audit: ${sum}`, ...told].join('\n');
}

/** A report of a machine that was audited: with violations it is one of failure. */
export function audited(report: Report, { violations }: Audit): Report {
  const status = violations.length > 0 && report.status === 0 ? 1 : report.status;
  return { ...report, status, json: { ...report.json, status, violations: violations.length } };
}
