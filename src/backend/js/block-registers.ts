import type { Expression, Statement } from 'estree';
import { unreachable } from '../../base/assert.ts';
import { FPC } from '../../cpu/state.ts';
import type { Block, Value } from '../../ir/block.ts';
import type { CcFlow } from './cc-flow.ts';
import { moveCc, type MovedCc } from './cold-exits.ts';
import type { Guard } from './guards.ts';
import { canonicalCc, ccExpression, isDeferrable } from './lower-cc.ts';
import type { StorageContext } from './lower-memory.ts';
import type { WidePlan } from './lower-wide.ts';
import { baseRegister, type BlockKinds, type Kind, type Kinds } from './narrow.ts';
import { expr, int, js, name } from './quote.ts';
import { minus, NO_REGISTERS, registersOf, union, type RegisterSet } from './registers.ts';

/** Where a region keeps the registers. */
export interface RegisterScope {
  readonly ccFlow: CcFlow;
  kindsAt(start: number): Kinds;
  blockKinds(block: Block): BlockKinds;
  isDouble(r: number): boolean;
  widePlan(block: Block): WidePlan | undefined;
  /** Whether a register write that goes to the register file need not go to the local. */
  isDirect(write: Value): boolean;
  /** Whether a register read is only stored, from the register file. */
  isHomeRead(read: Value): boolean;
}

/** The registers and the condition code, from value to value of a block: where they are. */
export class BlockRegisters {
  /** Registers whose local may differ from the register file. */
  dirty: RegisterSet;
  /** What is known of the general registers. */
  readonly kinds: Kind[];
  /** Loaded values that go straight to the register file. */
  readonly restores: ReadonlySet<Value>;
  readonly #region: RegisterScope;
  readonly #block: Block;
  readonly #context: StorageContext;
  readonly #kindOf: ReadonlyMap<Value, Kind>;
  readonly #wide: WidePlan | undefined;
  readonly #versions = new Array<number>(16).fill(0);
  /** The value of the condition code, when it has not been computed into `cc`. */
  #cc: Value | undefined;
  /** The deferred code that came with the block, while it stands. */
  readonly #inheritedCc: Value | undefined;

  constructor(
    region: RegisterScope,
    block: Block,
    dirtyIn: RegisterSet,
    context: StorageContext,
    restores: ReadonlySet<Value>,
  ) {
    this.#region = region;
    this.#block = block;
    this.#context = context;
    this.dirty = dirtyIn;
    this.kinds = [...region.kindsAt(block.start)];
    this.#kindOf = region.blockKinds(block).values;
    this.#wide = region.widePlan(block);
    this.restores = restores;
    this.#cc = region.ccFlow.enter(block, context);
    this.#inheritedCc = this.#cc;
  }

  /** The deferred condition code's operands. */
  get ccOperands(): readonly Value[] {
    return this.#cc?.args ?? [];
  }

  /** The expression for the condition code when it is deferred. */
  ccNow(): Expression | undefined {
    return this.#cc && this.dirty.cc ? ccExpression(this.#context, this.#cc) : undefined;
  }

  /** The same for a cold exit. */
  movedCc(): MovedCc | undefined {
    return this.#cc && this.dirty.cc ? moveCc(this.#context, this.#cc) : undefined;
  }

  /** Before going to a block that wants it, hands over a deferred condition code. */
  settleCc(target: number, live: RegisterSet): Statement[] {
    if (!live.cc) return [];
    const { ccFlow } = this.#region;
    return ccFlow.settle(this.#block, target, this.#cc, this.#inheritedCc, this.#context);
  }

  /** Everything has been brought home. */
  flushed(): void {
    if (this.#cc && this.dirty.cc) this.#context.emit(js`cc = state[212];`);
    this.#cc = undefined;
    this.dirty = NO_REGISTERS;
  }

  /** A base that has passed its check is a user-space address, so narrow. */
  noteChecks(guards: readonly Guard[]): void {
    for (const { key } of guards) {
      const base = baseRegister(key);
      if (base && this.#versions[base.register] === base.version) this.kinds[base.register] = 's';
    }
  }

  /** Whether `value` reads the state, which is then done. */
  read(value: Value): boolean {
    const c = this.#context;
    if (this.#wide?.forwarded.has(value)) return true;
    if (value.op === 'getGr64' && this.#region.isHomeRead(value)) return true;
    const r = value.imm;
    switch (value.op) {
      case 'getGr64': {
        const hi = this.kinds[r] === 'z' ? int(0) : name(`r${r}h`);
        const isHome = (this.dirty.gr & (3 << (2 * r))) === 0;
        if (isHome && this.kinds[r] === 'w' && this.#wide?.bigReads.has(value)) {
          const wide = name(`b${c.idOf(value)}`);
          c.emit(js`const ${wide} = registers64[${r}];`);
          c.set(value, { kind: 'i64', hi, lo: name(`r${r}l`), wide });
          return true;
        }
        if (this.kinds[r] === 's') {
          c.set(value, { kind: 'i64', hi: int(0), lo: name(`r${r}l`), narrow: true });
        } else c.set(value, { kind: 'i64', hi, lo: name(`r${r}l`) });
        return true;
      }
      case 'getGr32':
        c.set(value, { kind: 'i32', expr: name(`r${r}l`) });
        return true;
      case 'getGrHigh':
        if (this.kinds[r] === 's') c.bindI32(value, expr`${`r${r}l`} >> 31`);
        else c.set(value, { kind: 'i32', expr: this.kinds[r] === 'z' ? int(0) : name(`r${r}h`) });
        return true;
      case 'getF64':
        if (this.#region.isDouble(r)) c.set(value, { kind: 'f64', expr: name(`f${r}`) });
        else c.bindF64(value, expr`${c.use('f64FromBits')}(${name(`f${r}h`)}, ${name(`f${r}l`)})`);
        return true;
      case 'getFpr':
        if (this.#region.isDouble(r))
          c.bindWide(value, expr`${c.use('bitsFromF64')}(${name(`f${r}`)})`);
        else c.set(value, { kind: 'i64', hi: name(`f${r}h`), lo: name(`f${r}l`) });
        return true;
      case 'getF32':
        c.set(value, { kind: 'f32', expr: name(`f${r}h`) });
        return true;
      case 'getFprHigh':
        c.set(value, { kind: 'i32', expr: name(`f${r}h`) });
        return true;
      case 'getAr':
        c.bindI32(value, expr`state[${160 + r}]`);
        return true;
      case 'getFpc':
        c.bindI32(value, expr`state[${FPC}]`);
        return true;
      case 'getProgramMask':
        c.bindI32(value, expr`state[209] >>> 8 & 15`);
        return true;
      case 'getCc':
        if (this.#cc) c.bindI32(value, ccExpression(c, this.#cc));
        else c.set(value, { kind: 'i32', expr: name('cc') });
        return true;
      default:
        return false;
    }
  }

  /** Writes the state. */
  write(value: Value): void {
    const c = this.#context;
    const { op, imm: r } = value;
    const source = value.args[0]!;
    const assign = (local: string, e: Expression): void => {
      if (e.type === 'Identifier' && e.name === local) return;
      c.preserve(local);
      c.emit(js`${local} = ${e};`);
    };
    /** Both words; a rotate by 32 has them change places. */
    const assignPair = (low: string, high: string, lo: Expression, hi: Expression): void => {
      let last = hi;
      if (hi.type === 'Identifier' && hi.name === low) {
        last = name(`x${c.idOf(value)}`);
        c.emit(js`const ${last} = ${hi};`);
      }
      assign(low, lo);
      assign(high, last);
    };
    switch (op) {
      case 'setGr64': {
        if (this.#wide?.unseen.has(value)) {
          this.wrote(r, this.#kindOf.get(source) ?? 'w');
          break;
        }
        const home = this.restores.has(source)
          ? expr`view.getBigUint64(${c.offset(source.args[0]!)})`
          : this.#wide?.last.has(value)
            ? c.wide(source)
            : undefined;
        if (home) {
          c.emit(js`registers64[${r}] = ${home};`);
          this.dirty = minus(this.dirty, registersOf(value));
          if (!this.#region.isDirect(value)) {
            c.giveWords(source, expr`state[${2 * r}]`, expr`state[${2 * r + 1}]`);
            const { hi, lo } = c.pair(source);
            assignPair(`r${r}l`, `r${r}h`, lo, hi);
          }
          this.wrote(r, 'w');
          return;
        }
        c.preserve(`r${r}l`);
        c.preserve(`r${r}h`);
        const { hi, lo } = c.pair(source);
        const kind = this.#kindOf.get(source) ?? 'w';
        if (kind === 'w') assignPair(`r${r}l`, `r${r}h`, lo, hi);
        else assign(`r${r}l`, lo);
        this.wrote(r, kind);
        break;
      }
      case 'setGr32':
        this.#widenHere(r);
        assign(`r${r}l`, c.i32(source));
        this.wrote(r, 'w');
        break;
      case 'setGrHigh':
        assign(`r${r}h`, c.i32(source));
        this.wrote(r, 'w');
        break;
      case 'setF64':
        if (this.#region.isDouble(r)) assign(`f${r}`, c.f64(source));
        else {
          c.preserve(`f${r}l`);
          c.preserve(`f${r}h`);
          c.emit(js`${`f${r}l`} = ${c.use('bitsFromF64')}(${c.f64(source)});
            ${`f${r}h`} = ${c.use('high')}.word;`);
        }
        break;
      case 'setFpr':
        if (this.#region.isDouble(r)) {
          const { hi, lo } = c.pair(source);
          assign(`f${r}`, expr`${c.use('f64FromBits')}(${hi}, ${lo})`);
        } else {
          c.preserve(`f${r}l`);
          c.preserve(`f${r}h`);
          const { hi, lo } = c.pair(source);
          assignPair(`f${r}l`, `f${r}h`, lo, hi);
        }
        break;
      case 'setF32':
      case 'setFprHigh':
        assign(`f${r}h`, c.i32(source));
        break;
      case 'setAr':
        c.emit(js`state[${160 + r}] = ${c.i32(source)};`);
        return;
      case 'setCc':
        c.preserve('cc');
        if (isDeferrable(source) && !c.has(source)) this.#cc = canonicalCc(source, this.#kindOf);
        else {
          this.#cc = undefined;
          c.emit(js`cc = ${c.i32(source)};`);
        }
        break;
      default:
        unreachable(op);
    }
    this.dirty = union(this.dirty, registersOf(value));
  }

  wrote(r: number, kind: Kind): void {
    this.kinds[r] = kind;
    this.#versions[r]!++;
  }

  /** Gives a narrow register its high word, before its low word changes alone. */
  #widenHere(r: number): void {
    const kind = this.kinds[r];
    if (kind === 'w') return;
    this.#context.emit(js`${`r${r}h`} = ${kind === 'z' ? int(0) : expr`${`r${r}l`} >> 31`};`);
  }
}

/** Loaded values that go straight to the register file. */
export function restoredLoads(region: RegisterScope, block: Block): Set<Value> {
  return new Set(
    block.values.flatMap((value) => {
      const source = value.args[0];
      return source?.op === 'load64' && region.isDirect(value) ? [source] : [];
    }),
  );
}
