import type { Block, Value } from '../block.ts';
import type { OpName, Type } from '../ops.ts';
import { mapTerminal } from '../terminal.ts';

/** Makes a new op just before the one that is being rewritten. */
export type Make = (
  op: OpName,
  type: Type,
  args?: Value[],
  imm?: number,
  immHigh?: number,
) => Value;

/**
 * Walks a block in order; `rule` returns a replacement for a value (made with `make`, or an
 * earlier value), or undefined to keep it. Arguments are already rewritten when it is asked.
 */
export function rewrite(block: Block, rule: (value: Value, make: Make) => Value | undefined): void {
  const replaced = new Map<Value, Value>();
  const resolve = (value: Value): Value => replaced.get(value) ?? value;
  let nextId = 0;
  for (const { id } of block.values) if (id >= nextId) nextId = id + 1;
  const values: Value[] = [];
  const make: Make = (op, type, args = [], imm = 0, immHigh = 0) => {
    const value: Value = { id: nextId++, op, type, args, imm, immHigh };
    values.push(value);
    return value;
  };
  for (const value of block.values) {
    for (let i = 0; i < value.args.length; i++) value.args[i] = resolve(value.args[i]!);
    const replacement = rule(value, make);
    if (replacement) replaced.set(value, replacement);
    else values.push(value);
  }
  block.values = values;
  if (replaced.size > 0) block.terminal = mapTerminal(block.terminal, resolve);
}
