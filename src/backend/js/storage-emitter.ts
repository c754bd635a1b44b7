import type { Expression, Statement } from 'estree';
import { PREFIX_SIZE } from '../../arch/lowcore.ts';
import { assert } from '../../base/assert.ts';
import { EXIT_GUARD, EXIT_OVERFLOW } from '../../cpu/exit-reason.ts';
import type { Block, Value } from '../../ir/block.ts';
import { terminalArguments } from '../../ir/terminal.ts';
import {
  ENTRY_WORDS,
  INDEX_MASK,
  INDEX_SHIFT,
  LOWCORE_ENTRIES,
  STORE_WORDS,
} from '../../memory/tlb.ts';
import type { ColdReason } from './cold-exits.ts';
import { literal, type BlockContext } from './context.ts';
import { accesses, type Guard, type GuardPlan } from './guards.ts';
import { carryOf } from './lower-integer.ts';
import { bindChecked } from './lower-narrow.ts';
import type { EmitOptions } from './emit-options.ts';
import type { Kind } from './narrow.ts';
import { expr, hexLiteral, int, js, name } from './quote.ts';

/** What the displacement of an address is added to. */
interface Base {
  readonly hi: Expression;
  readonly lo: Expression;
  readonly narrow: boolean;
}

/** Addresses and permission checks of one block's storage accesses. */
export class StorageEmitter {
  readonly #context: BlockContext;
  readonly #plan: GuardPlan;
  readonly #kindOf: ReadonlyMap<Value, Kind>;
  readonly #exactGuards: boolean;
  /** Leaves before the present instruction. */
  readonly #leave: (reason: ColdReason) => Statement[];
  readonly #bases = new Map<string, Base>();
  /** Behind DAT: what guards have found, the last first. */
  readonly #found: Found[] = [];
  readonly #dat: boolean;
  /** Locals for what guards find that later blocks want. */
  readonly #addends: ReadonlySet<string>;

  constructor(
    context: BlockContext,
    plan: GuardPlan,
    kindOf: ReadonlyMap<Value, Kind>,
    { exactGuards, dat }: Pick<EmitOptions, 'exactGuards' | 'dat'>,
    addends: ReadonlySet<string>,
    leave: (reason: ColdReason) => Statement[],
  ) {
    this.#context = context;
    this.#plan = plan;
    this.#kindOf = kindOf;
    this.#exactGuards = exactGuards;
    this.#dat = dat;
    this.#addends = addends;
    this.#leave = leave;
  }

  /** Base of an address: the value to which its displacement is added. */
  #base(address: Value): Base & { displacement: number } {
    const c = this.#context;
    const plain = (value: Value): Base => ({ ...c.pair(value), narrow: c.isNarrow(value) });
    if (address.op !== 'address') return { ...plain(address), displacement: 0 };
    const { args, imm } = address;
    if (args.length === 0) {
      return { hi: int(imm >> 31), lo: int(imm), narrow: true, displacement: 0 };
    }
    if (args.length === 1) return { ...plain(args[0]!), displacement: imm };
    const key = this.#plan.keys.get(address)!;
    let base = this.#bases.get(key);
    if (!base) {
      const a = c.pair(args[0]!);
      const b = c.pair(args[1]!);
      if (c.isNarrow(args[0]!) && c.isNarrow(args[1]!)) {
        const sum = name(`a${c.idOf(address)}`);
        c.emit(js`const ${sum} = ${a.lo} + ${b.lo};
          if (${sum} !== (${sum} | 0)) { ${this.#leave(EXIT_OVERFLOW)}; }`);
        base = { hi: expr`${sum} >> 31`, lo: sum, narrow: true };
        this.#bases.set(key, base);
        return { ...base, displacement: imm };
      }
      const lo = name(`a${c.idOf(address)}l`);
      const hi = name(`a${c.idOf(address)}h`);
      c.emit(js`const ${lo} = ${a.lo} + ${b.lo} | 0;
        const ${hi} = ${a.hi} + ${b.hi} + ${carryOf(lo, a.lo, b.lo)} | 0;`);
      base = { hi, lo, narrow: false };
      this.#bases.set(key, base);
    }
    return { ...base, displacement: imm };
  }

  offset(address: Value, extra: number): Expression {
    const { lo, displacement } = this.#base(address);
    const known = literal(lo);
    const d = displacement + extra;
    if (this.#dat) return this.#foundOffset(address, (known ?? 0) + d, known !== undefined);
    if (known !== undefined) return hexLiteral(known + d);
    return d === 0 ? lo : expr`${lo} + ${d} | 0`;
  }

  /** The address as a 64-bit value, for LOAD ADDRESS and helpers. */
  address(value: Value): void {
    const c = this.#context;
    const { hi, lo, narrow, displacement } = this.#base(value);
    if (displacement === 0) {
      c.set(value, { kind: 'i64', hi: narrow ? int(0) : hi, lo, narrow });
      return;
    }
    if (narrow && this.#kindOf.get(value) === 's') {
      bindChecked(c, value, expr`${lo} + ${displacement}`, () => this.#leave(EXIT_OVERFLOW));
      return;
    }
    const low = expr`${lo} + ${displacement} | 0`;
    c.bindI64(value, low, (sum) => {
      const carry = carryOf(sum, lo, int(displacement));
      return displacement > 0 ? expr`${hi} + ${carry} | 0` : expr`${hi} - 1 + ${carry} | 0`;
    });
  }

  guard(guard: Guard): void {
    if (this.#dat) {
      this.#datGuard(guard);
      return;
    }
    const { address, isStore, min, end, lengthCode } = guard;
    const c = this.#context;
    const { hi, lo, narrow } = this.#base(address);
    const table = isStore ? 'noWrite' : 'noRead';
    const known = literal(lo);
    const at = (displacement: number): Expression => {
      if (known !== undefined) return hexLiteral((known + displacement) >>> 0);
      return displacement === 0 ? lo : expr`${lo} + ${displacement}`;
    };
    // A narrow base that is negative meets a closed page; its high word need not be looked at.
    const wide = !narrow && literal(hi) !== 0;
    let closed: Expression;
    if (end - min === 1 && !lengthCode) closed = expr`${table}[${at(min)} >>> 12]`;
    else if (lengthCode || this.#exactGuards) {
      const last = lengthCode ? expr`${at(min)} + ${c.i32(lengthCode)}` : at(end - 1);
      closed = expr`${table}[${at(min)} >>> 12] | ${table}[${last} >>> 12]`;
    } else closed = expr`${`${table}Span`}[${at(min)} >>> 12]`;
    const any = wide ? expr`(${hi} | ${closed}) !== 0` : expr`(${closed}) !== 0`;
    c.emit(js`if (${any}) { ${this.#leave(EXIT_GUARD)}; }`);
  }

  /**
   * Looks the address up in the TLB (see memory/tlb.ts), and asks for it to be filled where it has
   * nothing; binds what is to be added to the base's low word.
   */
  #datGuard({ key, address, isStore, min: least, end, lengthCode, from, to }: Guard): void {
    const c = this.#context;
    const { hi, lo } = this.#base(address);
    // The base of an address without registers is all of it.
    const whole = address.op === 'address' && address.args.length === 0 ? address.imm : 0;
    const [min, max] = [least - whole, end - whole];
    if (from !== undefined) {
      const offset = name(`p${c.idOf(address)}_${this.#found.length}`);
      c.emit(js`const ${offset} = ${lo} + ${from} | 0;`);
      this.#found.unshift({ key, min: least, end, offset });
      return;
    }
    const high = this.#highOf(address);
    const base = literal(lo);
    const known = base !== undefined && literal(hi) !== undefined;
    const id = `${c.idOf(address)}_${this.#found.length}`;
    const first = known ? hexLiteral(base + min) : this.#named(`g${id}`, lo, min);
    const last = lengthCode
      ? expr`${first} + ${c.i32(lengthCode)}`
      : max - min === 1
        ? first
        : known
          ? hexLiteral(base + max - 1)
          : expr`${lo} + ${max - 1}`;
    const exactHigh = known || min === 0 ? high : this.#carried(`h${id}`, high, lo, first, min);
    const store = isStore ? STORE_WORDS : 0;
    const lowcore = known && isLowcore(base + min, base + max, isStore) && !lengthCode;
    const entry = name(`e${id}`);
    const at = lowcore
      ? expr`tlb + ${LOWCORE_ENTRIES + ((base + min) >>> 12) * ENTRY_WORDS + store}`
      : store === 0
        ? expr`tlb + (${first} >>> ${INDEX_SHIFT} & ${INDEX_MASK})`
        : expr`tlb + (${first} >>> ${INDEX_SHIFT} & ${INDEX_MASK}) + ${store}`;
    const size = lengthCode ? expr`${c.i32(lengthCode)} + 1` : int(max - min);
    const fill = lowcore
      ? expr`${c.use('fillsLowcore')}(${first}, ${isStore ? 1 : 0})`
      : expr`${c.use('fills')}(${exactHigh}, ${first}, ${size}, ${isStore ? 1 : 0})`;
    c.emit(js`const ${entry} = ${at};
      if (((tlbWords[${entry}] ^ ${last} & -4096) | (tlbWords[${entry} + 1] ^ ${exactHigh})) !== 0 && !${fill}) {
        ${this.#leave(EXIT_GUARD)};
      }`);
    const offset = name(`p${id}`);
    if (known) c.emit(js`const ${offset} = tlbWords[${entry} + 2];`);
    else if (to !== undefined && this.#addends.has(to)) {
      c.emit(js`${to} = tlbWords[${entry} + 2]; const ${offset} = ${lo} + ${to} | 0;`);
    } else c.emit(js`const ${offset} = ${lo} + tlbWords[${entry} + 2] | 0;`);
    this.#found.unshift({ key, min: least, end: lengthCode ? Infinity : end, offset });
  }

  /** The high word of a base, which a narrow one does not have. */
  #highOf(address: Value): Expression {
    const { hi, lo, narrow } = this.#base(address);
    if (!narrow) return hi;
    const known = literal(lo);
    return known === undefined ? expr`${lo} >> 31` : int(known >> 31);
  }

  #named(local: string, lo: Expression, displacement: number): Expression {
    if (displacement === 0) return lo;
    this.#context.emit(js`const ${local} = ${lo} + ${displacement} | 0;`);
    return name(local);
  }

  /** The high word of the sum `first` of a base and a displacement. */
  #carried(
    local: string,
    high: Expression,
    lo: Expression,
    first: Expression,
    displacement: number,
  ): Expression {
    const carry = expr`(${first} >>> 0 < ${lo} >>> 0 ? 1 : 0)`;
    this.#context.emit(
      displacement > 0
        ? js`const ${local} = ${high} + ${carry} | 0;`
        : js`const ${local} = ${high} - 1 + ${carry} | 0;`,
    );
    return name(local);
  }

  /** Where an access lies whose guard has passed; of a `known` address, `d` is all of it. */
  #foundOffset(address: Value, d: number, known: boolean): Expression {
    const key = this.#keyOf(address);
    const displacement = address.op === 'address' ? address.imm : 0;
    const at = this.#found.find(
      (f) => f.key === key && f.min <= displacement && displacement < f.end,
    );
    assert(at, 'an access without guard');
    return d === 0 ? at.offset : expr`${at.offset} + ${known ? hexLiteral(d) : d} | 0`;
  }

  #keyOf(address: Value): string {
    const key = this.#plan.keys.get(address);
    assert(key !== undefined, 'an address without key');
    return key;
  }
}

/** What a guard has found: the offset in storage that belongs to the base. */
interface Found {
  readonly key: string;
  readonly min: number;
  readonly end: number;
  readonly offset: Expression;
}

/** Whether an access to known addresses lies in one page of the prefix area, and is allowed there. */
function isLowcore(first: number, end: number, isStore: boolean): boolean {
  if (first < 0 || end > PREFIX_SIZE || first >>> 12 !== (end - 1) >>> 12) return false;
  return !isStore || (first & 0xfff) >= LOW_PROTECTED;
}

/** Bytes of each of the two pages that low-address protection covers. */
const LOW_PROTECTED = 512;

/** The address ops that something besides a storage access uses. */
export function wholeAddresses(block: Block): Set<Value> {
  const whole = new Set<Value>(terminalArguments(block.terminal));
  for (const value of block.values) {
    const accessed = new Set(accesses(value).map(({ address }) => address));
    for (const arg of value.args) if (!accessed.has(arg)) whole.add(arg);
  }
  return whole;
}
