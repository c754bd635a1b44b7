import type { Expression, Statement } from 'estree';
import { assert } from '../../base/assert.ts';
import { DOUBLEWORDS, FIRST_FREE } from '../../base/product.ts';
import type { Value } from '../../ir/block.ts';
import { bigLiteral, expr, int, js, name } from './quote.ts';

/** A 64-bit value as two words; `wide`: the same as a BigInt, where there is one. */
interface I64 {
  readonly kind: 'i64';
  hi: Expression;
  lo: Expression;
  readonly narrow?: boolean;
  wide?: Expression;
}

/** A 64-bit value that has no words yet, only a BigInt modulo 2**64: see lower-wide.ts. */
interface Big {
  readonly kind: 'big';
  readonly wide: Expression;
}

/** How an IR value stands in generated code: atoms, cheap to repeat. */
export type Rep =
  | { readonly kind: 'i32'; expr: Expression }
  | { readonly kind: 'bool'; expr: Expression }
  /** `narrow`: the high word is the sign of the low one, and `hi` is not looked at. */
  | I64
  | { readonly kind: 'f64'; expr: Expression }
  /** A short number is kept as its 32 bits, so that NaNs pass unchanged. */
  | { readonly kind: 'f32'; expr: Expression };

/**
 * Emits the code of one block. Values get names by their IR number (`t5`, `t5h`/`t5l`), so the
 * text can be laid beside the IR.
 */
export class BlockContext {
  readonly out: Statement[] = [];
  readonly #reps = new Map<Value, Rep | Big>();
  /** Values that are others under a second name. */
  readonly #origins: ReadonlyMap<Value, Value>;
  /** Values whose text is a register's local, by that local's name. */
  readonly #aliases = new Map<string, Value[]>();
  readonly #lastUse: ReadonlyMap<Value, number>;
  readonly #used: Set<string>;
  readonly wideProducts: boolean;
  #places = 0;
  #position = 0;

  /** Added to value numbers, so that names are unique in the region. */
  readonly #firstId: number;

  constructor(
    lastUse: ReadonlyMap<Value, number>,
    used: Set<string>,
    firstId: number,
    wideProducts = false,
    origins: ReadonlyMap<Value, Value> = new Map<Value, Value>(),
  ) {
    this.#lastUse = lastUse;
    this.#used = used;
    this.#firstId = firstId;
    this.wideProducts = wideProducts;
    this.#origins = origins;
  }

  /** The number in the names of a value's locals. */
  idOf(value: Value): number {
    return this.#firstId + value.id;
  }

  at(position: number): void {
    this.#position = position;
  }

  emit(statements: Statement[]): void {
    for (const s of statements) this.out.push(s);
  }

  /** A helper's name, noted so that the factory hands it in. */
  use(helper: string): Expression {
    this.#used.add(helper);
    return name(helper);
  }

  // ---- reading values ----

  #origin(value: Value): Value {
    return this.#origins.get(value) ?? value;
  }

  rep(value: Value): Rep {
    const rep = this.#reps.get(this.#origin(value));
    assert(rep, `${value.op} has no code`);
    return rep.kind === 'big' ? this.#words(this.#origin(value), rep) : rep;
  }

  /** Gives a BigInt its words, through storage: V8 has no quicker way. */
  #words(value: Value, { wide }: Big): Rep {
    const place = FIRST_FREE + (this.#places++ % (DOUBLEWORDS - FIRST_FREE));
    this.emit(js`scratch64[${place}] = ${wide};`);
    return this.#bindWords(
      value,
      wide,
      expr`scratch32[${2 * place}]`,
      expr`scratch32[${2 * place + 1}]`,
    );
  }

  /** Gives a BigInt, if it is one, the words that it has been stored as. */
  giveWords(value: Value, lo: Expression, hi: Expression): void {
    const origin = this.#origin(value);
    const rep = this.#reps.get(origin);
    if (rep?.kind === 'big') this.#bindWords(origin, rep.wide, lo, hi);
  }

  #bindWords(value: Value, wide: Expression, low: Expression, high: Expression): Rep {
    const [lo, hi] = [name(`t${this.idOf(value)}l`), name(`t${this.idOf(value)}h`)];
    this.emit(js`const ${lo} = ${low}; const ${hi} = ${high};`);
    const rep: I64 = { kind: 'i64', hi, lo, wide };
    this.#reps.set(value, rep);
    return rep;
  }

  /** A 64-bit value as a BigInt. */
  wide(value: Value): Expression {
    const origin = this.#origin(value);
    const rep = this.#reps.get(origin)!;
    if (rep.kind === 'big') return rep.wide;
    const { hi, lo } = this.pair(value);
    const [high, low] = [literal(hi), literal(lo)];
    if (high !== undefined && low !== undefined) {
      return bigLiteral((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0));
    }
    if (rep.kind === 'i64' && rep.wide) return rep.wide;
    const [number, asUintN] = [this.use('BigInt'), this.use('asUintN')];
    const right = expr`${number}(${lo} >>> 0)`;
    const left = expr`${asUintN}(64, ${number}(${hi} >>> 0) << 32n)`;
    const wide = name(`b${this.idOf(origin)}`);
    this.emit(
      js`const ${wide} = ${high === 0 ? right : expr`${asUintN}(64, ${left} | ${right})`};`,
    );
    this.#reps.set(origin, { ...(rep as I64), wide });
    return wide;
  }

  has(value: Value): boolean {
    return this.#reps.has(this.#origin(value));
  }

  /** As an int32 (or uint8/16) number. */
  i32(value: Value): Expression {
    const rep = this.rep(value);
    if (rep.kind === 'bool') return expr`${rep.expr} ? 1 : 0`;
    assert(rep.kind === 'i32' || rep.kind === 'f32', `${value.op} is ${rep.kind}`);
    return rep.expr;
  }

  /** As a condition. */
  bool(value: Value): Expression {
    const rep = this.rep(value);
    assert(rep.kind === 'bool' || rep.kind === 'i32', `${value.op} is ${rep.kind}`);
    return rep.kind === 'bool' ? rep.expr : expr`${rep.expr} !== 0`;
  }

  pair(value: Value): { hi: Expression; lo: Expression } {
    const rep = this.rep(value);
    assert(rep.kind === 'i64', `${value.op} is ${rep.kind}`);
    if (!rep.narrow) return rep;
    const known = literal(rep.lo);
    return { lo: rep.lo, hi: known === undefined ? expr`${rep.lo} >> 31` : int(known >> 31) };
  }

  isNarrow(value: Value): boolean {
    const rep = this.#reps.get(this.#origin(value));
    return rep?.kind === 'i64' && rep.narrow === true;
  }

  lo(value: Value): Expression {
    return this.pair(value).lo;
  }

  hi(value: Value): Expression {
    return this.pair(value).hi;
  }

  f64(value: Value): Expression {
    const rep = this.rep(value);
    assert(rep.kind === 'f64', `${value.op} is ${rep.kind}`);
    return rep.expr;
  }

  // ---- defining values ----

  set(value: Value, rep: Rep): void {
    this.#reps.set(value, rep);
    for (const e of parts(rep)) {
      if (e.type !== 'Identifier') continue;
      const list = this.#aliases.get(e.name);
      if (list) list.push(value);
    }
  }

  /** Declares that `local` names a register: values that stand for it are watched. */
  watch(local: string): void {
    if (!this.#aliases.has(local)) this.#aliases.set(local, []);
  }

  /** The register's local is about to change: values still wanted keep the old one in a const. */
  preserve(local: string): void {
    const list = this.#aliases.get(local);
    if (!list || list.length === 0) return;
    let saved: Expression | undefined;
    for (const value of list) {
      const rep = this.rep(value);
      if ((this.#lastUse.get(value) ?? -1) <= this.#position) continue;
      if (!saved) {
        const text = `o${this.idOf(value)}_${local}`;
        this.emit(js`const ${text} = ${local};`);
        saved = name(text);
      }
      const old = saved;
      const swap = (e: Expression): Expression =>
        e.type === 'Identifier' && e.name === local ? old : e;
      this.#reps.set(
        value,
        rep.kind === 'i64'
          ? { ...rep, hi: swap(rep.hi), lo: swap(rep.lo) }
          : { ...rep, expr: swap(rep.expr) },
      );
    }
    this.#aliases.set(local, []);
  }

  bindI32(value: Value, e: Expression): void {
    this.set(value, { kind: 'i32', expr: this.#atom(value, e, '') });
  }

  bindF32(value: Value, e: Expression): void {
    this.set(value, { kind: 'f32', expr: this.#atom(value, e, '') });
  }

  bindBool(value: Value, e: Expression): void {
    this.set(value, { kind: 'bool', expr: this.#atom(value, e, '') });
  }

  bindF64(value: Value, e: Expression): void {
    this.set(value, { kind: 'f64', expr: this.#atom(value, e, '') });
  }

  /** Binds a 64-bit value; `hi` may depend on the name that `lo` gets. */
  bindI64(value: Value, lo: Expression, hi: Expression | ((lo: Expression) => Expression)): void {
    const low = this.#atom(value, lo, 'l');
    const high = this.#atom(value, typeof hi === 'function' ? hi(low) : hi, 'h');
    this.set(value, { kind: 'i64', hi: high, lo: low });
  }

  /** Binds a 64-bit value that is the sign extension of `lo`. */
  bindNarrow(value: Value, lo: Expression): void {
    const low = this.#atom(value, lo, 'l');
    this.set(value, { kind: 'i64', hi: ZERO, lo: low, narrow: true });
  }

  /** Binds a 64-bit value that is a BigInt for now. */
  bindBig(value: Value, e: Expression): void {
    const text = `b${this.idOf(value)}`;
    if (!isAtom(e)) this.emit(js`const ${text} = ${e};`);
    this.#reps.set(value, { kind: 'big', wide: isAtom(e) ? e : name(text) });
  }

  /** Binds a 64-bit value that a helper leaves in `high.word` and its result. */
  bindWide(value: Value, call: Expression): void {
    const low = this.#atom(value, call, 'l');
    const high = this.#atom(value, expr`${this.use('high')}.word`, 'h');
    this.set(value, { kind: 'i64', hi: high, lo: low });
  }

  #atom(value: Value, e: Expression, suffix: string): Expression {
    if (isAtom(e)) return e;
    const text = `t${this.idOf(value)}${suffix}`;
    this.emit(js`const ${text} = ${e};`);
    return name(text);
  }
}

function parts(rep: Rep): Expression[] {
  return rep.kind === 'i64' ? [rep.hi, rep.lo] : [rep.expr];
}

function isAtom(e: Expression): boolean {
  return (
    e.type === 'Identifier' ||
    e.type === 'Literal' ||
    (e.type === 'UnaryExpression' && e.argument.type === 'Literal')
  );
}

/** The integer that an expression is, if it is a literal. */
export function literal(e: Expression): number | undefined {
  if (e.type === 'Literal' && typeof e.value === 'number') return e.value;
  if (e.type === 'UnaryExpression' && e.operator === '-' && e.argument.type === 'Literal') {
    return -(e.argument.value as number);
  }
  return undefined;
}

export const ZERO = int(0);
