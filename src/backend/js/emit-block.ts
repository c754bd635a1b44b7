import type { Expression, Statement } from 'estree';
import { assert, unreachable } from '../../base/assert.ts';
import { EXIT_INTERPRET, EXIT_OVERFLOW } from '../../cpu/exit-reason.ts';
import { FPC, IA, STALE } from '../../cpu/state.ts';
import { addressOf, type Block, type Value } from '../../ir/block.ts';
import { HELPERS } from '../../ir/helpers.ts';
import { terminalArguments } from '../../ir/terminal.ts';
import type { CcFlow } from './cc-flow.ts';
import { moveCc, type ColdReason, type MovedCc } from './cold-exits.ts';
import { BlockContext } from './context.ts';
import type { EmitOptions } from './emit-options.ts';
import { accesses, type GuardPlan } from './guards.ts';
import type { Local } from './locals.ts';
import {
  canonicalCc,
  CC_EXPRESSIONS,
  ccExpression,
  isDeferrable,
  isUsedAsNumber,
  LOWER_CC,
} from './lower-cc.ts';
import { LOWER_FLOAT } from './lower-float.ts';
import { LOWER_INTEGER } from './lower-integer.ts';
import { LOWER_MEMORY, type StorageContext } from './lower-memory.ts';
import { lowerWide, type WidePlan } from './lower-wide.ts';
import { COMPARE_NARROW, LOWER_NARROW } from './lower-narrow.ts';
import { baseRegister, type BlockKinds, type Kind, type Kinds } from './narrow.ts';
import { expr, hexLiteral, int, js, name } from './quote.ts';
import {
  helperWrites,
  isRegisterWrite,
  minus,
  NO_REGISTERS,
  registersOf,
  union,
  type RegisterSet,
} from './registers.ts';
import { StorageEmitter, wholeAddresses } from './storage-emitter.ts';

/** What the code of a block needs of the region around it. */
export interface RegionScope {
  readonly ccFlow: CcFlow;
  /** Names of helpers that the code uses. */
  readonly helpers: Set<string>;
  kindsAt(start: number): Kinds;
  blockKinds(block: Block): BlockKinds;
  guardsOf(start: number): GuardPlan;
  fullPlan(start: number): GuardPlan;
  reserveIds(block: Block): number;
  locals(set: RegisterSet): Local[];
  /** The locals of all registers that the region uses. */
  usedLocals(): readonly Local[];
  isDouble(r: number): boolean;
  writeBack(dirty: RegisterSet, cc: Expression | undefined, kinds: Kinds): Statement[];
  reload(set: RegisterSet): Statement[];
  widePlan(block: Block): WidePlan | undefined;
  /** Whether a register write that goes to the register file need not go to the local. */
  isDirect(write: Value): boolean;
  /** Whether a register read is only stored, from the register file. */
  isHomeRead(read: Value): boolean;
  coldExit(
    emitter: BlockEmitter,
    at: number,
    reason: ColdReason,
    uncount: number,
    kinds: Kinds,
  ): Statement[];
}

/** Emits the values of one block in order. */
export class BlockEmitter {
  readonly context: StorageContext;
  dirty: RegisterSet;
  readonly #region: RegionScope;
  readonly block: Block;
  readonly #options: EmitOptions;
  readonly #plan: GuardPlan;
  readonly #fullPlan: GuardPlan;
  readonly #kindOf: ReadonlyMap<Value, Kind>;
  /** What is known of the general registers at this point. */
  kinds: Kind[];
  readonly #versions = new Array<number>(16).fill(0);
  /** Addresses that are wanted as 64-bit values, not only to access storage. */
  readonly #wholeAddresses: ReadonlySet<Value>;
  /** The value of the condition code, when it has not been computed into `cc`. */
  #cc: Value | undefined;
  /** The deferred code that came with the block, while it stands. */
  readonly #inheritedCc: Value | undefined;
  /** Loaded values that go straight to the register file. */
  readonly #restores: ReadonlySet<Value>;
  /** How a block with 128-bit products is computed. */
  readonly #wide: WidePlan | undefined;
  #insn = 0;
  readonly #storage: StorageEmitter;

  constructor(region: RegionScope, block: Block, dirtyIn: RegisterSet, options: EmitOptions) {
    this.#region = region;
    this.block = block;
    this.#options = options;
    this.dirty = dirtyIn;
    this.#plan = region.guardsOf(block.start);
    this.#kindOf = region.blockKinds(block).values;
    this.#fullPlan = region.fullPlan(block.start);
    this.kinds = [...region.kindsAt(block.start)];
    this.#wholeAddresses = wholeAddresses(block);
    this.#wide = region.widePlan(block);
    this.#restores = new Set(
      block.values.flatMap((value) => {
        const source = value.args[0];
        return source?.op === 'load64' && region.isDirect(value) ? [source] : [];
      }),
    );
    const last = lastUses(block);
    for (const [read, origin] of this.#wide?.forwarded ?? []) {
      last.set(origin, Math.max(last.get(origin) ?? -1, last.get(read) ?? -1));
    }
    const context = new BlockContext(
      last,
      region.helpers,
      region.reserveIds(block),
      options.wideProducts,
      this.#wide?.forwarded,
    ) as BlockContext & {
      offset?: StorageContext['offset'];
    };
    context.offset = (address, extra = 0): Expression => this.#storage.offset(address, extra);
    this.context = context as StorageContext;
    this.#storage = new StorageEmitter(
      context,
      this.#plan,
      this.#kindOf,
      options.exactGuards,
      (reason) => this.#leaveHere(reason),
    );
    block.values.forEach((value, i) => {
      // A restored register is loaded where it is written.
      const load = value.args[0];
      if (!load || !this.#restores.has(load)) return;
      for (const arg of [load.args[0]!, ...load.args[0]!.args]) {
        last.set(arg, Math.max(last.get(arg) ?? -1, i));
      }
    });
    for (const local of region.usedLocals()) context.watch(local.name);
    this.#cc = region.ccFlow.enter(block, this.context);
    this.#inheritedCc = this.#cc;
    const setsCc = block.values.findIndex(({ op }) => op === 'setCc');
    for (const arg of this.#cc?.args ?? []) last.set(arg, setsCc < 0 ? Infinity : setsCc);
  }

  values(): void {
    const { values, insns } = this.block;
    values.forEach((value, i) => {
      const c = this.context;
      c.at(i);
      const before = c.out.length;
      for (const guard of this.#plan.before.get(i) ?? []) this.#storage.guard(guard);
      this.#noteAddresses(i);
      if (value.op === 'insn') {
        this.#insn = value.imm;
        c.emit(this.#staleExit());
        return;
      }
      if (this.#options.logStores) this.#logStores(value);
      this.#lower(value);
      if (this.#options.comments && c.out.length > before) {
        const insn = insns[this.#insn]!;
        if (!this.#commented.has(insn.at)) {
          this.#commented.add(insn.at);
          c.out[before] = comment(c.out[before]!, `${insn.at.toString(16)}  ${insn.text()}`);
        }
      }
    });
    this.#settleBigInts();
  }

  /** What the end of the block looks at gets its words before that. */
  #settleBigInts(): void {
    if (!this.#wide) return;
    const { terminal } = this.block;
    for (const value of [...terminalArguments(terminal), ...(this.#cc?.args ?? [])]) {
      if (this.context.has(value)) this.context.rep(value);
    }
  }

  /** A base that has passed its check is a user-space address, so narrow. */
  #noteAddresses(i: number): void {
    if (this.#options.narrow === 0) return;
    for (const { key } of this.#fullPlan.before.get(i) ?? []) {
      const base = baseRegister(key);
      if (base && this.#versions[base.register] === base.version) this.kinds[base.register] = 's';
    }
  }

  readonly #commented = new Set<number>();

  /** The expression for the condition code when it is deferred. */
  ccNow(): Expression | undefined {
    return this.#cc && this.dirty.cc ? ccExpression(this.context, this.#cc) : undefined;
  }

  /** The same for a cold exit. */
  movedCc(): MovedCc | undefined {
    return this.#cc && this.dirty.cc ? moveCc(this.context, this.#cc) : undefined;
  }

  /** Before going to a block that wants it, hands over a deferred condition code. */
  settleCc(target: number, live: RegisterSet): Statement[] {
    if (!live.cc) return [];
    const { ccFlow } = this.#region;
    return ccFlow.settle(this.block, target, this.#cc, this.#inheritedCc, this.context);
  }

  /** Leaves for the interpreter at the present instruction, which has not changed anything yet. */
  #leaveHere(reason: ColdReason = EXIT_INTERPRET): Statement[] {
    const { insns } = this.block;
    const { at } = insns[this.#insn]!;
    return this.#region.coldExit(this, at, reason, insns.length - this.#insn, this.kinds);
  }

  /** Leaves because a result does not fit in a narrow register. */
  #overflow(): Statement[] {
    return this.#leaveHere(EXIT_OVERFLOW);
  }

  #lower(value: Value): void {
    const c = this.context;
    const { op, imm } = value;
    if (isRegisterWrite(value)) {
      this.#write(value);
      return;
    }
    const reader = this.#read(value);
    if (reader) return;
    switch (op) {
      case 'address':
        if (this.#wholeAddresses.has(value)) this.#storage.address(value);
        return;
      case 'trapIf':
        c.emit(js`if (${c.bool(value.args[0]!)}) { ${this.#leaveHere()}; }`);
        return;
      case 'call':
        this.#call(value);
        return;
      case 'roundF64':
        c.bindF32(value, expr`${c.use('roundF64')}(${c.f64(value.args[0]!)})`);
        return;
      case 'ccToI32F64':
      case 'ccToI64F64':
        c.bindI32(value, expr`${c.use(op)}(${c.f64(value.args[0]!)})`);
        return;
      case 'completeTrapIf': {
        // The register writes that go with it have been emitted: the instruction is complete.
        const insn = this.block.insns[this.#insn]!;
        const next = hexLiteral(insn.at + insn.length);
        c.emit(js`if (${c.bool(value.args[0]!)}) {
          ${this.#region.writeBack(this.dirty, this.ccNow(), this.kinds)};
          ${c.use('trapCompleted')}(state, ${imm}, ${value.immHigh}, ${next});
        }`);
        return;
      }
      default:
    }
    if (op === 'store64' && this.#region.isHomeRead(value.args[1]!)) {
      const r = value.args[1]!.imm;
      c.emit(js`view.setBigUint64(${c.offset(value.args[0]!)}, registers64[${r}]);`);
      return;
    }
    if (this.#restores.has(value)) return;
    if (this.#wide?.values.has(value)) {
      lowerWide(c, value);
      return;
    }
    if (this.#lowerNarrow(value)) return;
    if (isDeferrable(value)) {
      // Computed where it is wanted; at once only when something besides setCc uses it.
      if (this.#usedAsNumber(value)) c.bindI32(value, CC_EXPRESSIONS[op]!(c, value.args));
      return;
    }
    const lower = LOWER_INTEGER[op] ?? LOWER_CC[op] ?? LOWER_FLOAT[op] ?? LOWER_MEMORY[op];
    assert(lower, `generated code lacks ${op} ${imm}`);
    (lower as (c: StorageContext, v: Value) => void)(c, value);
  }

  /** Reports what an op is going to store: offset and number of bytes. */
  #logStores(value: Value): void {
    const c = this.context;
    for (const { address, size, isStore, lengthCode } of accesses(value)) {
      if (!isStore || value.op === 'probeStore') continue;
      const bytes = lengthCode ? expr`${c.i32(lengthCode)} + ${size}` : int(size);
      c.emit(js`${c.use('logStore')}(${c.offset(address)}, ${bytes});`);
    }
  }

  #usedAsNumber(value: Value): boolean {
    return isUsedAsNumber(this.block, value);
  }

  /** 64-bit ops of which only low words matter: see narrow.ts. */
  #lowerNarrow(value: Value): boolean {
    const c = this.context;
    const { op, args } = value;
    const compare = COMPARE_NARROW[op];
    if (compare) {
      if (!args.every((arg) => c.isNarrow(arg))) return false;
      c.bindBool(value, compare(c.lo(args[0]!), c.lo(args[1]!)));
      return true;
    }
    const lower = LOWER_NARROW[op];
    if (!lower || this.#kindOf.get(value) !== 's') return false;
    lower(c, value, () => this.#overflow());
    return true;
  }

  #read(value: Value): boolean {
    const c = this.context;
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

  #write(value: Value): void {
    const c = this.context;
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
          this.#wrote(r, this.#kindOf.get(source) ?? 'w');
          break;
        }
        if (this.#restores.has(source)) {
          c.emit(js`registers64[${r}] = view.getBigUint64(${c.offset(source.args[0]!)});`);
          this.dirty = minus(this.dirty, registersOf(value));
          this.#wrote(r, 'w');
          return;
        }
        if (this.#wide?.last.has(value)) {
          c.emit(js`registers64[${r}] = ${c.wide(source)};`);
          this.dirty = minus(this.dirty, registersOf(value));
          if (!this.#region.isDirect(value)) {
            c.giveWords(source, expr`state[${2 * r}]`, expr`state[${2 * r + 1}]`);
            const { hi, lo } = c.pair(source);
            assignPair(`r${r}l`, `r${r}h`, lo, hi);
          }
          this.#wrote(r, 'w');
          return;
        }
        c.preserve(`r${r}l`);
        c.preserve(`r${r}h`);
        const { hi, lo } = c.pair(source);
        const kind = this.#kindOf.get(source) ?? 'w';
        if (kind === 'w') assignPair(`r${r}l`, `r${r}h`, lo, hi);
        else assign(`r${r}l`, lo);
        this.#wrote(r, kind);
        break;
      }
      case 'setGr32':
        this.#widenHere(r);
        assign(`r${r}l`, c.i32(source));
        this.#wrote(r, 'w');
        break;
      case 'setGrHigh':
        assign(`r${r}h`, c.i32(source));
        this.#wrote(r, 'w');
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

  #wrote(r: number, kind: Kind): void {
    this.kinds[r] = kind;
    this.#versions[r]!++;
  }

  /** Gives a narrow register its high word, before its low word changes alone. */
  #widenHere(r: number): void {
    const kind = this.kinds[r];
    if (kind === 'w') return;
    this.context.emit(js`${`r${r}h`} = ${kind === 'z' ? int(0) : expr`${`r${r}l`} >> 31`};`);
  }

  /** A helper works on the register file: everything goes home first, and what it writes is read. */
  #call(value: Value): void {
    const c = this.context;
    const { helper, numbers } = value.call!;
    const info = HELPERS[helper];
    const at = this.block.insns[this.#insn]!.at;
    c.emit(this.#region.writeBack(this.dirty, this.ccNow(), this.kinds));
    if (this.#cc && this.dirty.cc) c.emit(js`cc = state[212];`);
    this.#cc = undefined;
    this.dirty = NO_REGISTERS;
    c.emit(js`state[${IA}] = ${hexLiteral(at)};`);
    const args: Expression[] = [name('context'), ...numbers.map(int)];
    for (const arg of value.args) {
      if (arg.type === 'i64') {
        const { hi, lo } = c.pair(arg);
        args.push(hi, lo);
      } else args.push(c.i32(arg));
    }
    const call: Expression = {
      type: 'CallExpression',
      callee: c.use(helper) as Expression,
      arguments: args,
      optional: false,
    };
    const writes = helperWrites(value);
    for (const local of this.#region.locals(writes)) c.preserve(local.name);
    if (value.type === 'void') c.emit(js`${call};`);
    else c.bindI32(value, call);
    c.emit(this.#region.reload(writes));
    for (const r of value.call!.writes) this.#wrote(r, 'w');
    if (info.storage === 'writes') {
      // It may have overwritten translated code, perhaps ours: finish the instruction elsewhere.
      this.#staleCheck = true;
    }
  }

  #staleCheck = false;

  /** After an instruction that may have written into code: leave when some went stale. */
  #staleExit(): Statement[] {
    if (!this.#staleCheck) return [];
    this.#staleCheck = false;
    return js`if (state[${STALE}] !== 0) { ${this.#leaveHere()}; }`;
  }

  /** The same at the end of a block, which then goes on at `next`. */
  finalStaleExit(): Statement[] {
    const { terminal } = this.block;
    if (!this.#staleCheck || terminal.kind !== 'link') return [];
    const at = addressOf(terminal.target);
    const leaving = this.#region.coldExit(this, at, EXIT_INTERPRET, 0, this.kinds);
    return js`if (state[${STALE}] !== 0) { ${leaving}; }`;
  }
}

/** Position of the last use of each value; values of a deferred CC stay in use to the end. */
function lastUses(block: Block): Map<Value, number> {
  const last = new Map<Value, number>();
  const touch = (value: Value, i: number): void => {
    last.set(value, Math.max(last.get(value) ?? -1, i));
  };
  const { values, terminal } = block;
  for (const arg of terminalArguments(terminal)) touch(arg, Infinity);
  let nextSetCc = Infinity;
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i]!;
    for (const arg of value.args) touch(arg, i);
    if (value.op === 'setCc') {
      touch(value.args[0]!, nextSetCc);
      nextSetCc = i;
    }
    // What an address or a deferred code is made of is wanted as long as itself.
    if (value.op === 'address' || isDeferrable(value)) {
      for (const arg of value.args) touch(arg, last.get(value) ?? -1);
    }
  }
  return last;
}

/** The statement with a comment before it. (Statements may be shared.) */
function comment(statement: Statement, text: string): Statement {
  return Object.assign({ ...statement }, { comments: [{ type: 'Line', value: ` ${text}` }] });
}
