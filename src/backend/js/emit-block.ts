import type { Expression, Statement } from 'estree';
import { assert } from '../../base/assert.ts';
import { highWord } from '../../base/int64.ts';
import { EXIT_INTERPRET, EXIT_OVERFLOW } from '../../cpu/exit-reason.ts';
import { IA, STALE } from '../../cpu/state.ts';
import { addressOf, type Block, type Value } from '../../ir/block.ts';
import { HELPERS } from '../../ir/helpers.ts';
import { terminalArguments } from '../../ir/terminal.ts';
import { BlockRegisters, restoredLoads, type RegisterScope } from './block-registers.ts';
import type { ColdReason } from './cold-exits.ts';
import { BlockContext } from './context.ts';
import type { EmitOptions } from './emit-options.ts';
import { accesses, type GuardPlan } from './guards.ts';
import type { Local } from './locals.ts';
import { CC_EXPRESSIONS, isDeferrable, isUsedAsNumber, LOWER_CC } from './lower-cc.ts';
import { LOWER_FLOAT } from './lower-float.ts';
import { LOWER_INTEGER } from './lower-integer.ts';
import { LOWER_MEMORY, type StorageContext } from './lower-memory.ts';
import { lowerWide, type WidePlan } from './lower-wide.ts';
import { COMPARE_NARROW, LOWER_NARROW } from './lower-narrow.ts';
import type { Kind, Kinds } from './narrow.ts';
import { expr, hexLiteral, int, js, lowLiteral, name } from './quote.ts';
import { helperWrites, isRegisterWrite, type RegisterSet } from './registers.ts';
import { StorageEmitter, wholeAddresses } from './storage-emitter.ts';

/** What the code of a block needs of the region around it. */
export interface RegionScope extends RegisterScope {
  /** Names of helpers that the code uses. */
  readonly helpers: Set<string>;
  /** Behind DAT: locals for what guards find. */
  readonly addends: ReadonlySet<string>;
  guardsOf(start: number): GuardPlan;
  fullPlan(start: number): GuardPlan;
  reserveIds(block: Block): number;
  locals(set: RegisterSet): Local[];
  /** The locals of all registers that the region uses. */
  usedLocals(): readonly Local[];
  writeBack(dirty: RegisterSet, cc: Expression | undefined, kinds: Kinds): Statement[];
  reload(set: RegisterSet): Statement[];
  coldExit(registers: BlockRegisters, at: number, reason: ColdReason, uncount: number): Statement[];
}

/** Emits the values of one block in order. */
export class BlockEmitter {
  readonly context: StorageContext;
  readonly registers: BlockRegisters;
  readonly #region: RegionScope;
  readonly block: Block;
  readonly #options: EmitOptions;
  readonly #plan: GuardPlan;
  readonly #fullPlan: GuardPlan;
  readonly #kindOf: ReadonlyMap<Value, Kind>;
  /** Addresses that are wanted as 64-bit values, not only to access storage. */
  readonly #wholeAddresses: ReadonlySet<Value>;
  /** How a block with 128-bit products is computed. */
  readonly #wide: WidePlan | undefined;
  #insn = 0;
  readonly #storage: StorageEmitter;

  constructor(region: RegionScope, block: Block, dirtyIn: RegisterSet, options: EmitOptions) {
    this.#region = region;
    this.block = block;
    this.#options = options;
    this.#plan = region.guardsOf(block.start);
    this.#kindOf = region.blockKinds(block).values;
    this.#fullPlan = region.fullPlan(block.start);
    this.#wholeAddresses = wholeAddresses(block);
    this.#wide = region.widePlan(block);
    const restores = restoredLoads(region, block);
    const last = lastUses(block, restores, this.#wide?.forwarded);
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
      options,
      region.addends,
      (reason) => this.#leaveHere(reason),
    );
    for (const local of region.usedLocals()) context.watch(local.name);
    this.registers = new BlockRegisters(region, block, dirtyIn, this.context, restores);
    const setsCc = block.values.findIndex(({ op }) => op === 'setCc');
    for (const arg of this.registers.ccOperands) last.set(arg, setsCc < 0 ? Infinity : setsCc);
  }

  values(): void {
    const { values, insns } = this.block;
    values.forEach((value, i) => {
      const c = this.context;
      c.at(i);
      const before = c.out.length;
      for (const guard of this.#plan.before.get(i) ?? []) this.#storage.guard(guard);
      if (this.#options.narrow !== 0 && !this.#options.dat) {
        this.registers.noteChecks(this.#fullPlan.before.get(i) ?? []);
      }
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
    for (const value of [...terminalArguments(terminal), ...this.registers.ccOperands]) {
      if (this.context.has(value)) this.context.rep(value);
    }
  }

  readonly #commented = new Set<number>();

  /** Leaves for the interpreter at the present instruction, which has not changed anything yet. */
  #leaveHere(reason: ColdReason = EXIT_INTERPRET): Statement[] {
    const { insns } = this.block;
    const { at } = insns[this.#insn]!;
    return this.#region.coldExit(this.registers, at, reason, insns.length - this.#insn);
  }

  /** Leaves because a result does not fit in a narrow register. */
  #overflow(): Statement[] {
    return this.#leaveHere(EXIT_OVERFLOW);
  }

  #lower(value: Value): void {
    const c = this.context;
    const { op, imm } = value;
    if (isRegisterWrite(value)) {
      this.registers.write(value);
      return;
    }
    if (this.registers.read(value)) return;
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
          ${this.#writeBack()};
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
    if (this.registers.restores.has(value)) return;
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

  #writeBack(): Statement[] {
    const { dirty, kinds } = this.registers;
    return this.#region.writeBack(dirty, this.registers.ccNow(), kinds);
  }

  /** A helper works on the register file: everything goes home first, and what it writes is read. */
  #call(value: Value): void {
    const c = this.context;
    const { helper, numbers } = value.call!;
    const info = HELPERS[helper];
    const at = this.block.insns[this.#insn]!.at;
    c.emit(this.#writeBack());
    this.registers.flushed();
    c.emit(js`state[${IA}] = ${lowLiteral(at)};`);
    if (this.#options.dat) c.emit(js`state[${IA + 1}] = ${int(highWord(at))};`);
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
    if (this.#options.dat && info.storage !== 'none') c.emit(js`${c.use('settle')}();`);
    c.emit(this.#region.reload(writes));
    for (const r of value.call!.writes) this.registers.wrote(r, 'w');
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
    const leaving = this.#region.coldExit(this.registers, at, EXIT_INTERPRET, 0);
    return js`if (state[${STALE}] !== 0) { ${leaving}; }`;
  }
}

/** Position of the last use of each value; values of a deferred CC stay in use to the end. */
function lastUses(
  block: Block,
  restores: ReadonlySet<Value>,
  forwarded: ReadonlyMap<Value, Value> | undefined,
): Map<Value, number> {
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
  values.forEach(({ args: [load] }, i) => {
    // A restored register is loaded where it is written.
    if (!load || !restores.has(load)) return;
    const address = load.args[0]!;
    for (const arg of [address, ...address.args]) touch(arg, i);
  });
  for (const [read, origin] of forwarded ?? []) touch(origin, last.get(read) ?? -1);
  return last;
}

/** The statement with a comment before it. (Statements may be shared.) */
function comment(statement: Statement, text: string): Statement {
  return Object.assign({ ...statement }, { comments: [{ type: 'Line', value: ` ${text}` }] });
}
