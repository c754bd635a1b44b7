import { hex } from '../base/hex.ts';
import { addressOf, type Block, type Terminal, type Value } from './block.ts';
import { HELPERS } from './helpers.ts';
import { OPS, type Type } from './ops.ts';
import { printTerminal, printValue } from './print.ts';
import { terminalArguments } from './terminal.ts';

/*
 * What holds for every block, before and after every pass:
 *
 * 1. Numbers of values are unique.
 * 2. An argument is defined earlier in the same block, by an op that has a result.
 * 3. Arguments and results have the types that ops.ts declares; `address` takes none, one or two
 *    i64, `call` what helpers.ts declares.
 * 4. Register numbers are 0-15; constants and displacements are int32.
 * 5. Instructions begin in order, each exactly once, the first before any other op.
 * 6. Instructions follow each other in storage, the first at the block's start.
 * 7. Within an instruction nothing that may fault stands behind a register write, except a
 *    completing trap: so an interruption finds the registers as they were.
 * 8. The values that the terminal uses are defined and have its types; addresses in it are
 *    non-negative safe integers.
 */

/** The rules above that `block` breaks, one line each; empty when it is sound. */
export function verifyBlock(block: Block): string[] {
  const problems: string[] = [];
  const defined = new Set<Value>();
  const ids = new Set<number>();
  let insn = -1;
  let written = false;
  for (const value of block.values) {
    const complain = (what: string): void => {
      problems.push(`${hex(block.start)}: ${printSafely(value)}: ${what}`);
    };
    if (ids.has(value.id)) complain('its number is used twice');
    ids.add(value.id);
    if (value.op === 'insn') {
      if (value.imm !== insn + 1) complain(`instruction ${value.imm} begins after ${insn}`);
      insn = value.imm;
      written = false;
    } else if (insn < 0) complain('stands before the first instruction');
    for (const arg of value.args) {
      if (!defined.has(arg)) complain(`v${arg.id} is not defined here`);
      else if (arg.type === 'void') complain(`v${arg.id} has no value`);
    }
    checkTypes(value, complain);
    checkNumbers(value, complain);
    if (isRegisterWrite(value)) written = true;
    else if (written && mayFault(value)) complain('may fault behind a register write');
    defined.add(value);
  }
  checkInsns(block, insn, problems);
  checkTerminal(block, defined, problems);
  return problems;
}

/** @throws Error listing what is wrong with `block`; `when` says after what */
export function assertValid(block: Block, when: string): void {
  const problems = verifyBlock(block);
  if (problems.length > 0) throw new Error(`invalid IR ${when}:\n${problems.join('\n')}`);
}

const isRegisterWrite = ({ op }: Value): boolean => op.startsWith('set');

function mayFault({ op }: Value): boolean {
  const { effect } = OPS[op];
  if (op === 'completeTrapIf') return false;
  return effect === 'load' || effect === 'store' || effect === 'trap' || effect === 'call';
}

function checkTypes(value: Value, complain: (what: string) => void): void {
  const { op, type, args, call } = value;
  let expected: readonly Type[] = OPS[op].args;
  let result: Type = OPS[op].result;
  if (op === 'call') {
    if (!call) return complain('calls nothing');
    ({ args: expected, result } = HELPERS[call.helper]);
    const { numbers } = HELPERS[call.helper];
    if (numbers.length !== call.numbers.length) complain(`takes ${numbers.length} numbers`);
  } else if (op === 'address') {
    expected = expected.slice(0, args.length);
  }
  if (type !== result) complain(`is ${type}, not ${result}`);
  if (args.length !== expected.length) complain(`takes ${expected.length} arguments`);
  expected.forEach((wanted, i) => {
    const arg = args[i];
    if (arg && arg.type !== wanted) complain(`v${arg.id} is ${arg.type}, not ${wanted}`);
  });
}

const REGISTER = /^[gs]et(Gr|Fpr|F32|F64|Ar)/;
const isRegister = (r: number): boolean => Number.isInteger(r) && r >= 0 && r <= 15;

function checkNumbers({ op, imm, immHigh, call }: Value, complain: (what: string) => void): void {
  if (imm !== (imm | 0) || immHigh !== (immHigh | 0)) complain(`${imm}/${immHigh} is no int32`);
  if (REGISTER.test(op) && !isRegister(imm)) complain(`there is no register ${imm}`);
  if (op === 'ccTest' && (imm < 0 || imm > 15)) complain(`${imm} is no branch mask`);
  if (!call) return;
  const { reads, writes, readsFpr, writesFpr } = call;
  for (const r of [...reads, ...writes, ...readsFpr, ...writesFpr]) {
    if (!isRegister(r)) complain(`there is no register ${r}`);
  }
}

function checkInsns({ start, insns }: Block, last: number, problems: string[]): void {
  if (last !== insns.length - 1) {
    problems.push(`${hex(start)}: ${last + 1} instructions begin, of ${insns.length}`);
  }
  let at = addressOf(start);
  for (const insn of insns) {
    if (insn.at !== at)
      problems.push(`${hex(start)}: an instruction at ${hex(insn.at)}, not ${hex(at)}`);
    at = insn.at + insn.length;
  }
}

function checkTerminal({ start, terminal }: Block, defined: Set<Value>, problems: string[]): void {
  const complain = (what: string): void => {
    problems.push(`${hex(start)}: ${printTerminal(terminal)}: ${what}`);
  };
  for (const value of terminalArguments(terminal)) {
    if (!defined.has(value)) complain(`v${value.id} is not defined here`);
  }
  const check = (value: Value | number | undefined, type: Type): void => {
    if (value === undefined) return;
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value) || value < 0) complain(`${value} is no address`);
    } else if (value.type !== type) complain(`v${value.id} is ${value.type}, not ${type}`);
  };
  const { condition, address, target, modifier, taken, next, at } = terminal as TerminalFields;
  check(condition, 'i32');
  check(modifier, 'i32');
  for (const place of [address, target, taken, next, at]) check(place, 'i64');
}

/** Every field that some terminal has. */
type TerminalFields = {
  readonly [K in 'condition' | 'address' | 'target' | 'modifier' | 'taken' | 'next' | 'at']?:
    Value | number;
} & Pick<Terminal, 'kind'>;

/** A broken op may not even print. */
function printSafely(value: Value): string {
  try {
    return printValue(value);
  } catch {
    return `v${value.id} = ${value.op}`;
  }
}
