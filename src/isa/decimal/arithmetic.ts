import { PIC_DECIMAL_OVERFLOW } from '../../cpu/interruption.ts';
import type { Value } from '../../ir/block.ts';
import type { Builder } from '../../ir/builder.ts';
import type { HelperName } from '../../ir/helpers.ts';
import { SSb, SSc } from '../formats.ts';
import { address1, address2 } from '../operands.ts';
import { row, section } from '../section.ts';

interface Lengths {
  readonly l1: number;
  readonly l2: number;
}

/** Sets the CC; interrupts on overflow, after completion, when the program mask asks for it. */
function setDecimalCc(ir: Builder, cc: Value): void {
  ir.setCc(cc);
  if (ir.mode.programMask & 4) {
    ir.completeTrapIf(ir.emit('ccTest', [cc], 1), PIC_DECIMAL_OVERFLOW);
  }
}

function operation(helper: HelperName) {
  return (ir: Builder, { l1, l2 }: Lengths, first: Value, second: Value): Value =>
    ir.call(helper, [], [first, second, ir.lengthCode((l1 << 4) | l2)]);
}

const add = operation('addDecimal');
const subtract = operation('subtractDecimal');
const zeroAndAdd = operation('zeroAndAdd');
const compare = operation('compareDecimal');
const multiply = operation('multiplyDecimal');
const divide = operation('divideDecimal');

/** ADD DECIMAL. CC 0 zero, 1 negative, 2 positive, 3 overflow. */
export const ADD_DECIMAL = section(
  'ADD DECIMAL',
  [row('AP', SSb, 0xfa, address1, address2)],
  (ir, fields: Lengths, first, second) => {
    setDecimalCc(ir, add(ir, fields, first, second));
  },
);

/** SUBTRACT DECIMAL. CC as ADD DECIMAL. */
export const SUBTRACT_DECIMAL = section(
  'SUBTRACT DECIMAL',
  [row('SP', SSb, 0xfb, address1, address2)],
  (ir, fields: Lengths, first, second) => {
    setDecimalCc(ir, subtract(ir, fields, first, second));
  },
);

/** ZERO AND ADD. CC as ADD DECIMAL. */
export const ZERO_AND_ADD = section(
  'ZERO AND ADD',
  [row('ZAP', SSb, 0xf8, address1, address2)],
  (ir, fields: Lengths, first, second) => {
    setDecimalCc(ir, zeroAndAdd(ir, fields, first, second));
  },
);

/** COMPARE DECIMAL. CC 0 equal, 1 first low, 2 first high. */
export const COMPARE_DECIMAL = section(
  'COMPARE DECIMAL',
  [row('CP', SSb, 0xf9, address1, address2)],
  (ir, fields: Lengths, first, second) => {
    ir.setCc(compare(ir, fields, first, second));
  },
);

/** MULTIPLY DECIMAL. CC unchanged. */
export const MULTIPLY_DECIMAL = section(
  'MULTIPLY DECIMAL',
  [row('MP', SSb, 0xfc, address1, address2)],
  (ir, fields: Lengths, first, second) => {
    multiply(ir, fields, first, second);
  },
);

/** DIVIDE DECIMAL. CC unchanged. */
export const DIVIDE_DECIMAL = section(
  'DIVIDE DECIMAL',
  [row('DP', SSb, 0xfd, address1, address2)],
  (ir, fields: Lengths, first, second) => {
    divide(ir, fields, first, second);
  },
);

/** SHIFT AND ROUND DECIMAL: bits 58-63 of the second address count digits. CC as ADD DECIMAL. */
export const SHIFT_AND_ROUND_DECIMAL = section(
  'SHIFT AND ROUND DECIMAL',
  [row('SRP', SSc, 0xf0, address1, address2)],
  (ir, { l1, i3 }: { l1: number; i3: number }, first, second) => {
    const codes = ir.lengthCode((l1 << 4) | i3);
    setDecimalCc(ir, ir.call('shiftAndRoundDecimal', [], [first, second, codes]));
  },
);
