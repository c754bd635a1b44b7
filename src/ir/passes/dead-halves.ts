import type { Block, Value } from '../block.ts';
import type { OpName } from '../ops.ts';
import { rewrite, type Make } from './rewrite.ts';

/** The 32-bit op that gives the low word of a 64-bit op. */
const NARROW: Partial<Record<OpName, OpName>> = {
  add64: 'add32',
  sub64: 'sub32',
  mul64: 'mul32',
  and64: 'and32',
  or64: 'or32',
  xor64: 'xor32',
};

/** low32(op64(a, b)) = op32(low32(a), low32(b)); the wide op then has no user left. */
export function deadHalves(block: Block): void {
  rewrite(block, (value, make) =>
    value.op === 'low32' ? low(value.args[0]!, make, 0) : undefined,
  );
}

/** Depth-limited, so that a chain of wide ops is narrowed without doubling work. */
function low(value: Value, make: Make, depth: number): Value | undefined {
  const narrow = NARROW[value.op];
  if (narrow && depth < 4) {
    const [a, b] = value.args as [Value, Value];
    const part = (x: Value): Value => low(x, make, depth + 1) ?? make('low32', 'i32', [x]);
    return make(narrow, 'i32', [part(a), part(b)]);
  }
  switch (value.op) {
    case 'sext64':
    case 'zext64':
      return value.args[0]!;
    case 'make64':
      return value.args[1]!;
    case 'const64':
      return make('const32', 'i32', [], value.imm);
    default:
      // A state read must not move behind a write, so getGr64 stays where it is.
      return undefined;
  }
}
