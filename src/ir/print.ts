import { hex, hex64 } from '../base/hex.ts';
import type { Block, HelperCall, Terminal, Value } from './block.ts';

/**
 * A block as text, for people and tests:
 *
 *   block 1000600
 *   1000600  agr %r2,%r3
 *     v1 = getGr64 %r2
 *     v2 = getGr64 %r3
 *     v3 = add64 v1, v2
 *     setGr64 %r2, v3
 *   link 1000604
 *
 * Values are numbered as in the names of generated code; addresses are in hexadecimal.
 */
export function printBlock(block: Block): string {
  const lines = [`block ${hex(block.start)}`];
  for (const value of block.values) {
    if (value.op === 'insn') {
      const insn = block.insns[value.imm];
      lines.push(insn ? `${hex(insn.at)}  ${insn.text()}` : `insn ${value.imm} (missing)`);
    } else {
      lines.push(`  ${printValue(value)}`);
    }
  }
  lines.push(printTerminal(block.terminal));
  return lines.join('\n');
}

const name = ({ id }: Value): string => `v${id}`;

/** One operation, as in {@link printBlock}. */
export function printValue(value: Value): string {
  const { op, type, args } = value;
  const result = type === 'void' ? '' : `${name(value)} = `;
  if (op === 'call') return result + printCall(value.call!, args);
  const operands = [...leading(value), ...args.map(name), ...trailing(value)];
  return `${result}${op}${operands.length > 0 ? ` ${operands.join(', ')}` : ''}`;
}

/** The register that a state op names. */
function leading({ op, imm }: Value): string[] {
  switch (op) {
    case 'getGr64':
    case 'getGr32':
    case 'getGrHigh':
    case 'setGr64':
    case 'setGr32':
    case 'setGrHigh':
      return [`%r${imm}`];
    case 'getFpr':
    case 'setFpr':
    case 'getF64':
    case 'setF64':
    case 'getF32':
    case 'setF32':
    case 'getFprHigh':
    case 'setFprHigh':
      return [`%f${imm}`];
    case 'getAr':
    case 'setAr':
      return [`%a${imm}`];
    default:
      return [];
  }
}

/** What an op has besides arguments. */
function trailing({ op, imm, immHigh }: Value): string[] {
  switch (op) {
    case 'const32':
      return [String(imm)];
    case 'const64':
      return [immHigh === imm >> 31 ? String(imm) : `0x${hex64(immHigh, imm)}`];
    case 'address':
      return imm === 0 ? [] : [String(imm)];
    case 'ccTest':
      return [`mask ${imm}`];
    case 'probeStore':
      return [`${imm} bytes`];
    case 'roundF64':
      return [`%f${imm}`];
    case 'trapIf':
    case 'completeTrapIf':
      return [`code ${imm}`, ...(immHigh ? [`dxc ${hex(immHigh)}`] : [])];
    default:
      return [];
  }
}

function printCall({ helper, numbers, ...touched }: HelperCall, args: readonly Value[]): string {
  const list = (label: string, prefix: string, registers: readonly number[]): string =>
    registers.length === 0 ? '' : ` ${label} ${registers.map((r) => prefix + r).join(' ')}`;
  const operands = [...numbers.map(String), ...args.map(name)].join(', ');
  return (
    `call ${helper}(${operands})` +
    list('reads', '%r', touched.reads) +
    list('reads', '%f', touched.readsFpr) +
    list('writes', '%r', touched.writes) +
    list('writes', '%f', touched.writesFpr)
  );
}

/** How the block ends, as in {@link printBlock}. */
export function printTerminal(terminal: Terminal): string {
  const place = (target: number | Value): string =>
    typeof target === 'number' ? hex(target) : name(target);
  switch (terminal.kind) {
    case 'link':
      return `link ${hex(terminal.target)}`;
    case 'branch': {
      const { condition, taken, next } = terminal;
      return `branch ${name(condition)}, ${hex(taken)}, else ${hex(next)}`;
    }
    case 'indirect':
      return `${terminal.hint} ${name(terminal.address)}`;
    case 'branchIndirect': {
      const { hint, condition, address, next } = terminal;
      return `branch ${name(condition)}, ${hint} ${name(address)}, else ${hex(next)}`;
    }
    case 'call':
      return `call ${place(terminal.target)}, then ${hex(terminal.next)}`;
    case 'supervisorCall':
      return `supervisorCall ${terminal.number}, then ${hex(terminal.next)}`;
    case 'intercept':
      return `intercept ${terminal.mnemonic} at ${hex(terminal.at)}, then ${hex(terminal.next)}`;
    case 'interrupt': {
      const { code, at, dxc } = terminal;
      return `interrupt ${code} at ${hex(at)}${dxc ? `, dxc ${hex(dxc)}` : ''}`;
    }
    case 'modeChange':
      return `modeChange ${place(terminal.next)}${terminal.condition ? ` if v${terminal.condition.id}` : ''}`;
    case 'execute': {
      const { target, modifier, next } = terminal;
      const modified = modifier ? `, modifier ${name(modifier)}` : '';
      return `execute ${name(target)}${modified}, then ${hex(next)}`;
    }
  }
}
