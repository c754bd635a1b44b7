import type { Expression } from 'estree';
import type { Value } from '../../ir/block.ts';
import type { OpName } from '../../ir/ops.ts';
import type { BlockContext } from './context.ts';
import type { Lower } from './lower-integer.ts';
import { expr, js } from './quote.ts';

/** What storage ops need of the region: where an address lies in the flat buffer. */
export interface StorageContext extends BlockContext {
  /** The offset of an access whose guard has passed. */
  offset(address: Value, extra?: number): Expression;
}

type LowerStorage = (c: StorageContext, value: Value) => void;

const load =
  (method: string): LowerStorage =>
  (c, v) =>
    c.bindI32(v, expr`view.${method}(${c.offset(v.args[0]!)})`);

const store =
  (method: string): LowerStorage =>
  (c, v) =>
    c.emit(js`view.${method}(${c.offset(v.args[0]!)}, ${c.i32(v.args[1]!)});`);

const combine =
  (helper: string): LowerStorage =>
  (c, v) => {
    const [a, b, length] = v.args as [Value, Value, Value];
    c.bindI32(v, expr`${c.use(helper)}(${c.offset(a)}, ${c.offset(b)}, ${c.i32(length)})`);
  };

/** Storage ops of ir/ops.ts, in the same order; their guards have been emitted. */
export const LOWER_MEMORY: Partial<Record<OpName, LowerStorage>> = {
  load8: (c, v) => c.bindI32(v, expr`view.getUint8(${c.offset(v.args[0]!)})`),
  load16: load('getUint16'),
  load32: load('getInt32'),
  load64: (c, v) => {
    const address = v.args[0]!;
    c.bindI64(
      v,
      expr`view.getInt32(${c.offset(address, 4)})`,
      expr`view.getInt32(${c.offset(address)})`,
    );
  },
  loadF64: (c, v) => c.bindF64(v, expr`view.getFloat64(${c.offset(v.args[0]!)})`),
  loadF32: (c, v) => c.bindF32(v, expr`view.getInt32(${c.offset(v.args[0]!)})`),
  store8: store('setInt8'),
  store16: store('setInt16'),
  store32: store('setInt32'),
  store64: (c, v) => {
    const [address, value] = v.args as [Value, Value];
    const { hi, lo } = c.pair(value);
    c.emit(js`view.setInt32(${c.offset(address)}, ${hi});
      view.setInt32(${c.offset(address, 4)}, ${lo});`);
  },
  storeF64: (c, v) => c.emit(js`view.setFloat64(${c.offset(v.args[0]!)}, ${c.f64(v.args[1]!)});`),
  storeF32: store('setInt32'),
  storeIf32: (c, v) => {
    const [condition, address, value] = v.args as [Value, Value, Value];
    c.emit(js`if (${c.bool(condition)}) view.setInt32(${c.offset(address)}, ${c.i32(value)});`);
  },
  storeIf64: (c, v) => {
    const [condition, address, value] = v.args as [Value, Value, Value];
    const { hi, lo } = c.pair(value);
    c.emit(js`if (${c.bool(condition)}) {
      view.setInt32(${c.offset(address)}, ${hi});
      view.setInt32(${c.offset(address, 4)}, ${lo});
    }`);
  },
  moveBytes: (c, v) => {
    const [to, from, length] = v.args as [Value, Value, Value];
    c.emit(js`${c.use('moveForward')}(${c.offset(to)}, ${c.offset(from)}, ${c.i32(length)});`);
  },
  xorBytes: combine('xorForward'),
  andBytes: combine('andForward'),
  orBytes: combine('orForward'),
  compareBytes: combine('compareForward'),
  probeStore: () => undefined,
};

export type { Lower };
