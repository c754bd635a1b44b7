import type { Expression, Statement } from 'estree';
import { EXIT_GUARD, EXIT_OVERFLOW } from '../../cpu/exit-reason.ts';
import type { Block, Value } from '../../ir/block.ts';
import { terminalArguments } from '../../ir/terminal.ts';
import type { ColdReason } from './cold-exits.ts';
import { literal, type BlockContext } from './context.ts';
import { accesses, type Guard, type GuardPlan } from './guards.ts';
import { carryOf } from './lower-integer.ts';
import { bindChecked } from './lower-narrow.ts';
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

  constructor(
    context: BlockContext,
    plan: GuardPlan,
    kindOf: ReadonlyMap<Value, Kind>,
    exactGuards: boolean,
    leave: (reason: ColdReason) => Statement[],
  ) {
    this.#context = context;
    this.#plan = plan;
    this.#kindOf = kindOf;
    this.#exactGuards = exactGuards;
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

  guard({ address, isStore, min, end, lengthCode }: Guard): void {
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
}

/** The address ops that something besides a storage access uses. */
export function wholeAddresses(block: Block): Set<Value> {
  const whole = new Set<Value>(terminalArguments(block.terminal));
  for (const value of block.values) {
    const accessed = new Set(accesses(value).map(({ address }) => address));
    for (const arg of value.args) if (!accessed.has(arg)) whole.add(arg);
  }
  return whole;
}
