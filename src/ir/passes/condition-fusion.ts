import type { Block, Value } from '../block.ts';
import type { OpName } from '../ops.ts';
import { rewrite, type Make } from './rewrite.ts';

/**
 * ccTest(cc op, mask) becomes a comparison of the cc op's operands. The CC itself is still
 * written if anybody can see it; `dead-cc` decides that.
 *
 *   ccTest(getCc, m) after setCc(v)      =>  ccTest(v, m)
 *   ccTest(ccCompare32s(a, b), 8)        =>  eq32(a, b)        and so on
 */
export function conditionFusion(block: Block): void {
  let current: Value | undefined;
  rewrite(block, (value, make) => {
    switch (value.op) {
      case 'getCc':
        // One without users stays until `dead-code`, so that `dead-cc` sees that the instruction
        // reads the CC: generated code may leave in its middle, and the interpreter does it again.
        if (current) make('getCc', 'i32');
        return current;
      case 'setCc':
        current = value.args[0];
        return undefined;
      case 'ccTest':
        return fuse(value.args[0]!, value.imm, make);
      default:
        return undefined;
    }
  });
}

/** Comparison ops of a family: equal, low. */
const COMPARES: Partial<Record<OpName, { eq: OpName; lt: OpName }>> = {
  ccCompare32s: { eq: 'eq32', lt: 'lt32s' },
  ccCompare32u: { eq: 'eq32', lt: 'lt32u' },
  ccCompare64s: { eq: 'eq64', lt: 'lt64s' },
  ccCompare64u: { eq: 'eq64', lt: 'lt64u' },
};

function fuse(cc: Value, mask: number, make: Make): Value | undefined {
  const compare = COMPARES[cc.op];
  if (compare) return ordered(compare, cc.args[0]!, cc.args[1]!, mask & 14, make);
  const not = (v: Value): Value => make('not', 'i32', [v]);
  switch (cc.op) {
    case 'ccSign32':
      return ordered(
        COMPARES.ccCompare32s!,
        cc.args[0]!,
        make('const32', 'i32', []),
        mask & 14,
        make,
      );
    case 'ccSign64':
      return ordered(
        COMPARES.ccCompare64s!,
        cc.args[0]!,
        make('const64', 'i64', []),
        mask & 14,
        make,
      );
    case 'ccZero32':
    case 'ccZero64': {
      const wide = cc.op === 'ccZero64';
      if ((mask & 12) === 12) return make('const32', 'i32', [], 1);
      if ((mask & 12) === 0) return make('const32', 'i32', [], 0);
      const zero = wide ? make('const64', 'i64', []) : make('const32', 'i32', []);
      const equal = make(wide ? 'eq64' : 'eq32', 'i32', [cc.args[0]!, zero]);
      return (mask & 12) === 8 ? equal : not(equal);
    }
    case 'ccAdd32':
    case 'ccAdd64':
    case 'ccSub32':
    case 'ccSub64': {
      // Overflow makes CC 3; a test of zero-ness alone still needs to exclude it.
      const wide = cc.op.endsWith('64');
      if (cc.op === 'ccSub32' || cc.op === 'ccSub64') {
        const equal = (): Value => make(wide ? 'eq64' : 'eq32', 'i32', [cc.args[0]!, cc.args[1]!]);
        // A difference of zero never overflows.
        if (mask === 8) return equal();
        if (mask === 7) return not(equal());
      }
      return undefined;
    }
    case 'ccSubLogical32':
    case 'ccSubLogical64': {
      const wide = cc.op === 'ccSubLogical64';
      const { eq, lt } = COMPARES[wide ? 'ccCompare64u' : 'ccCompare32u']!;
      // 1 borrow, 2 zero, 3 greater: the same order as compare's 1, 0, 2.
      const reordered = (mask & 4) | ((mask & 2) << 2) | ((mask & 1) << 1);
      return ordered({ eq, lt }, cc.args[0]!, cc.args[1]!, reordered, make);
    }
    case 'ccTestMask':
    case 'ccTestMaskByte': {
      const selected = (): Value => make('and32', 'i32', [cc.args[0]!, cc.args[1]!]);
      const zero = (): Value => make('eq32', 'i32', [selected(), make('const32', 'i32', [])]);
      const ones = (): Value => make('eq32', 'i32', [selected(), cc.args[1]!]);
      if (cc.args[1]!.op !== 'const32') return undefined;
      const selects = cc.args[1]!.imm;
      // No bit selected: CC 0, and not 3 although all selected bits are ones.
      if (selects === 0) return make('const32', 'i32', [], mask >> 3);
      const oneBit = (selects & (selects - 1)) === 0;
      // CC 2 cannot come from TM; a single bit is never mixed.
      const relevant = oneBit ? mask & 9 : cc.op === 'ccTestMaskByte' ? mask & 13 : mask;
      if (relevant === 8) return zero();
      if (relevant === 1) return ones();
      if (oneBit && relevant === 9) return make('const32', 'i32', [], 1);
      if (oneBit && relevant === 0) return make('const32', 'i32', [], 0);
      if (relevant === (cc.op === 'ccTestMaskByte' ? 5 : 7)) return not(zero());
      if (relevant === (cc.op === 'ccTestMaskByte' ? 12 : 14)) return not(ones());
      return undefined;
    }
    default:
      return undefined;
  }
}

/** The boolean for mask bits 8 equal, 4 low, 2 high. */
function ordered(
  { eq, lt }: { eq: OpName; lt: OpName },
  a: Value,
  b: Value,
  mask: number,
  make: Make,
): Value {
  const not = (v: Value): Value => make('not', 'i32', [v]);
  const test = (op: OpName, x: Value, y: Value): Value => make(op, 'i32', [x, y]);
  switch (mask & 14) {
    case 0:
      return make('const32', 'i32', [], 0);
    case 8:
      return test(eq, a, b);
    case 4:
      return test(lt, a, b);
    case 2:
      return test(lt, b, a);
    case 12:
      return not(test(lt, b, a));
    case 10:
      return not(test(lt, a, b));
    case 6:
      return not(test(eq, a, b));
    default:
      return make('const32', 'i32', [], 1);
  }
}
