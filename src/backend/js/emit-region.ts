import type { Expression, Statement } from 'estree';
import { assert, unreachable } from '../../base/assert.ts';
import { EXIT_BUDGET, EXIT_GUARD, EXIT_INTERPRET, EXIT_OVERFLOW } from '../../cpu/exit-reason.ts';
import { BUDGET, FPC, fprWord, IA, INSN_COUNT, STALE } from '../../cpu/state.ts';
import type { RegionGraph } from '../../frontend/region.ts';
import type { Graph, Structure, Structured, Target } from '../../frontend/structure.ts';
import { addressOf, type Block, type Terminal, type Value } from '../../ir/block.ts';
import { HELPERS } from '../../ir/helpers.ts';
import { terminalArguments } from '../../ir/terminal.ts';
import { BlockContext, literal } from './context.ts';
import { CcFlow } from './cc-flow.ts';
import { ColdExits, moveCc, STACK_SPENT, type ColdReason, type MovedCc } from './cold-exits.ts';
import {
  accesses,
  analyseGuards,
  NO_FACTS,
  planGuards,
  withFacts,
  type Guard,
  type GuardFacts,
  type GuardPlan,
} from './guards.ts';
import {
  canonicalCc,
  CC_EXPRESSIONS,
  ccExpression,
  isDeferrable,
  isUsedAsNumber,
  LOWER_CC,
} from './lower-cc.ts';
import { LOWER_FLOAT } from './lower-float.ts';
import { carryOf, LOWER_INTEGER } from './lower-integer.ts';
import { LOWER_MEMORY, type StorageContext } from './lower-memory.ts';
import { bindChecked, COMPARE_NARROW, LOWER_NARROW } from './lower-narrow.ts';
import {
  ALL_WIDE,
  analyseKinds,
  baseRegister,
  blockKinds,
  type BlockKinds,
  type Kind,
  type Kinds,
} from './narrow.ts';
import { expr, hexLiteral, int, js, name } from './quote.ts';
import {
  analyseRegisters,
  doubleRegisters,
  helperWrites,
  isRegisterWrite,
  NO_REGISTERS,
  registersOf,
  union,
  type Flow,
  type RegisterSet,
} from './registers.ts';

export interface EmitOptions {
  /** Disassembly as comments. */
  readonly comments: boolean;
  /** Count guest instructions. */
  readonly countInstructions: boolean;
  /** One guard for all accesses through a register's value. */
  readonly mergeGuards: boolean;
  /** Call regions that are known, and branch to them, without the dispatcher. */
  readonly chain: boolean;
  /** Call `logStore` before each store: for lockstep, which must be able to undo it. */
  readonly logStores?: boolean;
  /** Guards look at both pages of an access; otherwise at whether one and its neighbour are open. */
  readonly exactGuards: boolean;
  /** General registers (bit r) assumed at the entry to be sign extensions of their low words. */
  readonly narrow: number;
}

export interface EmittedRegion {
  readonly body: Statement[];
  /** Helper names that the code uses. */
  readonly helpers: ReadonlySet<string>;
  /** Target addresses of direct calls and branches out of the region. */
  readonly links: ReadonlySet<number>;
  /** Host stack that one activation may take, in words. */
  readonly frame: number;
  /** Exits that want training: see cold-exits.ts. */
  readonly coldExits: number;
}

/** FPC masks and rounding mode: generated code handles neither. */
const FPC_UNUSUAL = 0xf8000007 | 0;
/** Takes one from what the dispatcher allows; true when that was the last. */
const SPENT = expr`(state[${BUDGET}] = state[${BUDGET}] - 1 | 0) < 0`;

/** JavaScript for one region: the statements of `function (stack) { ... }`. */
export function emitRegion(
  region: RegionGraph,
  graph: Graph,
  structured: Structured,
  options: EmitOptions,
): EmittedRegion {
  return new RegionEmitter(region, graph, structured, options).run();
}

class RegionEmitter {
  readonly #region: RegionGraph;
  readonly #structured: Structured;
  readonly #options: EmitOptions;
  readonly #flow: Flow;
  readonly ccFlow: CcFlow;
  readonly #guards = new Map<number, GuardPlan>();
  readonly #facts: ReadonlyMap<number, GuardFacts>;
  /** What is known of the general registers at the start of each block. */
  readonly #kinds: ReadonlyMap<number, Kinds>;
  readonly #doubles: number;
  readonly helpers = new Set<string>();
  readonly links = new Set<number>();
  #written: RegisterSet = NO_REGISTERS;
  #locals = 0;
  #nextId = 0;

  constructor(region: RegionGraph, graph: Graph, structured: Structured, options: EmitOptions) {
    this.#region = region;
    this.#structured = structured;
    this.#options = options;
    this.#doubles = doubleRegisters(region.blocks.values());
    this.#flow = analyseRegisters(region.blocks, graph, structured.loopHeads);
    for (const [start, block] of region.blocks) {
      this.#guards.set(start, planGuards(block, options.mergeGuards));
    }
    this.#facts = options.mergeGuards
      ? analyseGuards(region.blocks, graph.edges, region.entry, this.#guards)
      : new Map();
    const assumed = ALL_WIDE.map((_, r): Kind => ((options.narrow >> r) & 1 ? 's' : 'w'));
    this.#kinds =
      options.narrow === 0
        ? new Map([...region.blocks.keys()].map((start) => [start, ALL_WIDE]))
        : analyseKinds(region.blocks, graph.edges, region.entry, assumed, this.#guards);
    this.ccFlow = new CcFlow(region, graph, (block) => ({
      values: this.blockKinds(block).values,
      kinds: this.kindsAt(block.start),
    }));
  }

  kindsAt(start: number): Kinds {
    return this.#kinds.get(start) ?? ALL_WIDE;
  }

  /** Kinds of the values of a block; all wide when nothing is assumed. */
  blockKinds(block: Block): BlockKinds {
    if (this.#options.narrow === 0) return { values: new Map(), out: ALL_WIDE };
    let found = this.#kindsOfBlocks.get(block);
    if (!found) {
      found = blockKinds(block, this.#guards.get(block.start)!, this.kindsAt(block.start));
      this.#kindsOfBlocks.set(block, found);
    }
    return found;
  }

  readonly #kindsOfBlocks = new Map<Block, BlockKinds>();

  /** The guards that a block still needs. */
  guardsOf(start: number): GuardPlan {
    return withFacts(this.#guards.get(start)!, this.#facts.get(start) ?? NO_FACTS);
  }

  /** All guards of a block, those made superfluous by earlier ones too. */
  fullPlan(start: number): GuardPlan {
    return this.#guards.get(start)!;
  }

  run(): EmittedRegion {
    const { entry, blocks } = this.#region;
    let used = NO_REGISTERS;
    let usesFpc = false;
    for (const block of blocks.values()) {
      usesFpc ||= block.usesFpc;
      for (const value of block.values) {
        used = union(used, registersOf(value));
        if (value.op === 'call') used = union(used, helperWrites(value));
      }
    }
    this.#written = used;
    const sequence = this.#sequence(this.#structured.body);
    const head: Statement[] = [];
    this.helpers.add('leave');
    const enterAgain = this.#leave(entry, EXIT_BUDGET);
    head.push(...js`if (${STACK_SPENT} || ${SPENT}) ${enterAgain};`);
    if (usesFpc) {
      head.push(
        ...js`if ((state[${FPC}] & ${FPC_UNUSUAL}) !== 0) ${this.#leave(entry, EXIT_INTERPRET)};`,
      );
    }
    const kinds = this.kindsAt(entry);
    const loaded = withLowWords(this.#flow.liveIn.get(entry)!, kinds);
    for (const local of this.#localsOf(used)) {
      head.push(
        ...(this.#isIn(local, loaded)
          ? js`let ${local.name} = ${this.#home(local)};`
          : js`let ${local.name} = 0;`),
      );
    }
    const body = [...this.#checkNarrow(loaded, kinds, this.#leaveNarrow(entry)), ...sequence];
    for (const dispatch of this.#structured.selectors.keys()) {
      head.push(...js`let ${selectorName(dispatch)} = 0;`);
    }
    if (this.ccFlow.usesKnown) head.push(...js`let known = cc;`);
    for (const word of this.ccFlow.locals) head.push(...js`let ${word} = 0;`);
    return {
      body: [...head, ...this.coldExits.declarations(), ...this.#withColdExits(body)],
      helpers: this.helpers,
      links: this.links,
      frame: 24 + this.#locals,
      coldExits: this.coldExits.count,
    };
  }

  // ---- registers ----

  #localsOf({ gr, fpr, cc }: RegisterSet): Local[] {
    const locals: Local[] = [];
    for (let bit = 0; bit < 32; bit++) if (gr & (1 << bit)) locals.push(grLocal(bit));
    for (let r = 0; r < 16; r++) {
      const bits = (fpr >>> (2 * r)) & 3;
      if (bits === 0) continue;
      if (this.#doubles & (1 << r)) locals.push(doubleLocal(r));
      else for (const half of [0, 1]) if (bits & (1 << half)) locals.push(fprLocal(2 * r + half));
    }
    if (cc) locals.push(CC_LOCAL);
    return locals;
  }

  #isIn(local: Local, set: RegisterSet): boolean {
    if (local.kind === 'cc') return set.cc;
    const bits = local.kind === 'gr' ? set.gr : set.fpr;
    return (bits & local.bits) !== 0;
  }

  /** Leaves when a register that is taken to be narrow, and has just been loaded, is not. */
  #checkNarrow(loaded: RegisterSet, kinds: Kinds, leaving: Statement[]): Statement[] {
    let wrong: Expression | undefined;
    kinds.forEach((kind, r) => {
      if (kind !== 's' || ((loaded.gr >>> (2 * r)) & 3) === 0) return;
      const differs = expr`state[${2 * r + 1}] ^ ${`r${r}l`} >> 31`;
      wrong = wrong ? expr`${wrong} | ${differs}` : differs;
    });
    return wrong ? js`if ((${wrong}) !== 0) { ${leaving}; }` : [];
  }

  #leaveNarrow(at: number): Statement[] {
    return js`return ${this.#use('leaveNarrow')}(${hexLiteral(at)}, ${hexLiteral(this.#region.entry)});`;
  }

  /** Where the register lives when it is not in a local. */
  #home({ double, word }: Local): Expression {
    return double ? expr`doubles[${word >> 1}]` : expr`state[${word}]`;
  }

  #writeBack(dirty: RegisterSet, cc: Expression | undefined, kinds: Kinds): Statement[] {
    const out: Statement[] = [];
    for (const local of this.#localsOf(dirty)) {
      const value = local.kind === 'cc' && cc ? cc : highOr(local, kinds);
      out.push(...js`${this.#home(local)} = ${value};`);
    }
    return out;
  }

  #reload(set: RegisterSet): Statement[] {
    return this.#localsOf(set).flatMap((local) => js`${local.name} = ${this.#home(local)};`);
  }

  /** Leaves by a cold exit; `uncount` instructions that were counted are not done. */
  coldExit(
    emitter: BlockEmitter,
    at: number,
    reason: ColdReason,
    uncount: number,
    kinds: Kinds,
  ): Statement[] {
    const { dirty } = emitter;
    return [
      ...(uncount > 0 && this.#options.countInstructions
        ? js`doubles[${INSN_COUNT >> 1}] -= ${uncount};`
        : []),
      ...this.coldExits.leave(at, reason, dirty, kinds, emitter.movedCc()),
    ];
  }

  readonly coldExits = new ColdExits();

  #withColdExits(body: Statement[]): Statement[] {
    return this.coldExits.wrap(
      body,
      (dirty, cc, kinds) => this.#writeBack(dirty, cc, kinds),
      (reason) => {
        const entry = hexLiteral(this.#region.entry);
        if (reason === EXIT_OVERFLOW) return js`return ${this.#use('leaveNarrow')}(at, ${entry});`;
        if (reason === EXIT_GUARD) return js`return ${this.#use('leaveGuard')}(at, ${entry});`;
        return js`return leave(at, ${reason});`;
      },
    );
  }

  /** Leaving towards the dispatcher: `at` is the next address, the reason says what it does. */
  #leave(at: number, reason: number): Statement[] {
    return js`return leave(${hexLiteral(at)}, ${reason});`;
  }

  // ---- structure ----

  #sequence(list: readonly Structure[]): Statement[] {
    return list.flatMap((item) => this.#structure(item));
  }

  #structure(item: Structure): Statement[] {
    switch (item.kind) {
      case 'loop':
        return [
          {
            type: 'LabeledStatement',
            label: { type: 'Identifier', name: loopLabel(item.head) },
            body: {
              type: 'ForStatement',
              init: null,
              test: null,
              update: null,
              body: { type: 'BlockStatement', body: this.#sequence(item.body) },
            },
          },
        ];
      case 'labelled':
        return [
          {
            type: 'LabeledStatement',
            label: { type: 'Identifier', name: blockLabel(item.node) },
            body: { type: 'BlockStatement', body: this.#sequence(item.before) },
          },
        ];
      case 'dispatch':
        return this.#dispatch(item.node, item.exits);
      case 'node':
        return this.#block(item.node, item.exits);
    }
  }

  #dispatch(node: number, exits: ReadonlyMap<number, Target>): Statement[] {
    const selector = selectorName(node);
    const out: Statement[] = [];
    const targets = this.#structured.selectors.get(node)!;
    targets.forEach((target, i) => {
      const go = this.#go(exits.get(target)!);
      if (i === targets.length - 1) out.push(...go);
      else out.push(...js`if (${selector} === ${i}) { ${go}; }`);
    });
    return out;
  }

  #go(target: Target): Statement[] {
    const out: Statement[] = [];
    if (target.select) {
      out.push(...js`${selectorName(target.select.dispatch)} = ${target.select.value};`);
    }
    if (target.kind === 'inline') out.push(...this.#sequence(target.body!));
    else {
      const label = target.kind === 'break' ? blockLabel(target.node) : loopLabel(target.node);
      out.push({
        type: target.kind === 'break' ? 'BreakStatement' : 'ContinueStatement',
        label: { type: 'Identifier', name: label },
      });
    }
    return out;
  }

  // ---- blocks ----

  #block(start: number, exits: ReadonlyMap<number, Target>): Statement[] {
    const block = this.#region.blocks.get(start)!;
    const emitter = new BlockEmitter(this, block, this.#flow.dirtyIn.get(start)!, this.#options);
    const out: Statement[] = [];
    if (this.#structured.loopHeads.has(start)) {
      const kinds = this.kindsAt(start);
      const leaving = this.coldExit(emitter, addressOf(start), EXIT_BUDGET, 0, kinds);
      out.push(...js`if (${SPENT}) { ${leaving}; }`);
    }
    if (this.#options.countInstructions) {
      out.push(...js`doubles[${INSN_COUNT >> 1}] += ${block.insns.length};`);
    }
    emitter.values();
    emitter.context.emit(emitter.finalStaleExit());
    this.#locals += emitter.context.out.length;
    out.push(...emitter.context.out);
    out.push(...this.#terminal(block, emitter, exits));
    return out;
  }

  /** Gives registers that are narrow here and wide in the next block their high words. */
  #widen(live: RegisterSet, from: Kinds, to: Kinds): Statement[] {
    return this.#localsOf({ gr: live.gr & 0xaaaaaaaa, fpr: 0, cc: false }).flatMap((local) => {
      const r = local.word >> 1;
      return from[r] === to[r] || from[r] === 'w'
        ? []
        : js`${local.name} = ${highOr(local, from)};`;
    });
  }

  /** Writes back, then what `then` does; used for every way out of the region. */
  #exit(emitter: BlockEmitter, then: Statement[]): Statement[] {
    return [...this.#writeBack(emitter.dirty, emitter.ccNow(), emitter.kinds), ...then];
  }

  #terminal(block: Block, emitter: BlockEmitter, exits: ReadonlyMap<number, Target>): Statement[] {
    const { terminal } = block;
    const c = emitter.context;
    /** Goes to a direct target: inside the region, or to another. */
    const direct = (target: number): Statement[] => {
      const inside = exits.get(target);
      if (inside) {
        const live = this.#flow.liveIn.get(target)!;
        return [
          ...emitter.settleCc(target, live),
          ...this.#widen(live, emitter.kinds, this.kindsAt(target)),
          ...this.#go(inside),
        ];
      }
      return this.#exit(emitter, this.#tail(addressOf(target)));
    };
    switch (terminal.kind) {
      case 'link':
        return direct(terminal.target);
      case 'branch': {
        const condition = c.bool(terminal.condition);
        const known = literal(condition);
        if (known !== undefined) return direct(known ? terminal.taken : terminal.next);
        const taken = direct(terminal.taken);
        return [...js`if (${condition}) { ${taken}; }`, ...direct(terminal.next)];
      }
      case 'indirect':
        return [
          ...this.#distinguish(c, terminal, exits, direct),
          ...this.#exit(emitter, this.#jump(c, terminal.address, terminal.hint)),
        ];
      case 'branchIndirect': {
        const going = [
          ...this.#distinguish(c, terminal, exits, direct),
          ...this.#exit(emitter, this.#jump(c, terminal.address, terminal.hint)),
        ];
        return [...js`if (${c.bool(terminal.condition)}) { ${going}; }`, ...direct(terminal.next)];
      }
      case 'call':
        return this.#call(terminal, emitter, exits);
      case 'modeChange': {
        if (typeof terminal.next === 'number') {
          return this.#exit(emitter, this.#leave(terminal.next, EXIT_INTERPRET));
        }
        const { hi, lo } = c.pair(terminal.next);
        return this.#exit(emitter, js`return ${this.#use('leaveFar')}(${hi}, ${lo});`);
      }
      case 'supervisorCall':
      case 'interrupt':
      case 'execute': {
        // The interpreter does the whole instruction.
        const { at } = block.insns[block.insns.length - 1]!;
        const uncount = this.#options.countInstructions
          ? js`doubles[${INSN_COUNT >> 1}] -= 1;`
          : [];
        return this.#exit(emitter, [...uncount, ...this.#leave(at, EXIT_INTERPRET)]);
      }
    }
  }

  /** Goes to those targets of an indirect branch that are inside the region. */
  #distinguish(
    c: BlockContext,
    { address, targets = [] }: Terminal & { kind: 'indirect' | 'branchIndirect' },
    exits: ReadonlyMap<number, Target>,
    direct: (target: number) => Statement[],
  ): Statement[] {
    const inside = targets.filter((target) => exits.has(target));
    if (inside.length === 0) return [];
    inside.sort((a, b) => addressOf(a) - addressOf(b));
    const { hi, lo } = c.pair(address);
    const search = (some: number[]): Statement[] => {
      if (some.length <= 2) {
        return some.flatMap(
          (target) => js`if (${lo} === ${hexLiteral(addressOf(target))}) { ${direct(target)}; }`,
        );
      }
      const middle = some.length >> 1;
      const least = hexLiteral(addressOf(some[middle]!));
      return js`if (${lo} < ${least}) { ${search(some.slice(0, middle))}; }
        else { ${search(some.slice(middle))}; }`;
    };
    const found = search(inside);
    return c.isNarrow(address) || literal(hi) === 0 ? found : js`if (${hi} === 0) { ${found}; }`;
  }

  #use(helper: string): Expression {
    this.helpers.add(helper);
    return name(helper);
  }

  #link(target: number): Expression {
    this.links.add(target);
    return name(linkName(target));
  }

  /** Goes on in another region, as the last thing. */
  #tail(target: number): Statement[] {
    if (!this.#options.chain) return js`return ${hexLiteral(target)};`;
    return js`return ${this.#link(target)}.run(stack - frame);`;
  }

  /** Goes to a run-time address; a return is handed to the caller, who expects it. */
  #jump(c: BlockContext, address: Value, hint: 'return' | 'jump'): Statement[] {
    const { hi, lo } = c.pair(address);
    if (hint === 'jump' && this.#options.chain) {
      return js`return ${this.#use('jump')}(${hi}, ${lo}, stack - frame);`;
    }
    const far = this.#use('leaveFar');
    return js`return (${hi} | ${lo} >> 31) === 0 ? ${lo} : ${far}(${hi}, ${lo});`;
  }

  #call(
    terminal: Terminal & { kind: 'call' },
    emitter: BlockEmitter,
    exits: ReadonlyMap<number, Target>,
  ): Statement[] {
    const { target, next } = terminal;
    const c = emitter.context;
    let call: Expression;
    if (typeof target === 'number') {
      if (!this.#options.chain) return this.#exit(emitter, js`return ${hexLiteral(target)};`);
      call = expr`${this.#link(target)}.run(stack - frame)`;
    } else {
      if (!this.#options.chain) return this.#exit(emitter, this.#jump(c, target, 'return'));
      const { hi, lo } = c.pair(target);
      call = expr`${this.#use('jump')}(${hi}, ${lo}, stack - frame)`;
    }
    const inside = exits.get(next);
    if (!inside) return this.#exit(emitter, js`return ${call};`);
    const live = this.#flow.liveIn.get(next)!;
    const returned = `returned_${hexName(next)}`;
    const out = this.#exit(
      emitter,
      js`const ${returned} = ${call};
        if (${returned} !== ${hexLiteral(addressOf(next))}) return ${returned};`,
    );
    if ([...this.#region.blocks.values()].some((b) => b.usesFpc)) {
      out.push(
        ...js`if ((state[${FPC}] & ${FPC_UNUSUAL}) !== 0) ${this.#leave(addressOf(next), EXIT_INTERPRET)};`,
      );
    }
    const kinds = this.kindsAt(next);
    const wanted = withLowWords(live, kinds);
    const wrong = this.#checkNarrow(wanted, kinds, this.#leave(addressOf(next), EXIT_INTERPRET));
    // The callee's code is computed, whatever other ways to the next block bring.
    const code = live.cc ? this.ccFlow.settle(emitter.block, next, undefined, undefined, c) : [];
    return [...out, ...this.#reload(wanted), ...wrong, ...code, ...this.#go(inside)];
  }

  // ---- for BlockEmitter ----

  /**
   * Numbers for the names of a block's values, which no other block of the region uses; one before
   * them for values that come from before the block.
   */
  reserveIds(block: Block): number {
    const first = this.#nextId + 1;
    for (const { id } of block.values) this.#nextId = Math.max(this.#nextId, first + id + 1);
    return first;
  }

  locals(set: RegisterSet): Local[] {
    return this.#localsOf(set);
  }

  isDouble(r: number): boolean {
    return (this.#doubles & (1 << r)) !== 0;
  }

  writeBack(dirty: RegisterSet, cc: Expression | undefined, kinds: Kinds): Statement[] {
    return this.#writeBack(dirty, cc, kinds);
  }

  reload(set: RegisterSet): Statement[] {
    return this.#reload({
      gr: set.gr & this.#written.gr,
      fpr: set.fpr & this.#written.fpr,
      cc: set.cc && this.#written.cc,
    });
  }
}

/** What a local's register holds: for the high word of a narrow register, what follows for it. */
function highOr({ kind, name: local, word }: Local, kinds: Kinds): Expression {
  const known = kind === 'gr' && word & 1 ? kinds[word >> 1] : 'w';
  if (known === 's') return expr`${`r${word >> 1}l`} >> 31`;
  return known === 'z' ? int(0) : name(local);
}

/** Of narrow registers the low word is wanted, whichever word was asked for. */
function withLowWords(live: RegisterSet, kinds: Kinds): RegisterSet {
  let { gr } = live;
  kinds.forEach((kind, r) => {
    if (kind !== 'w' && (gr >>> (2 * r)) & 3) gr = (gr & ~(2 << (2 * r))) | (1 << (2 * r));
  });
  return { ...live, gr };
}

/** A JavaScript local that holds a register or half of one. */
interface Local {
  readonly kind: 'gr' | 'fpr' | 'cc';
  readonly name: string;
  readonly bits: number;
  /** First word in the register file. */
  readonly word: number;
  readonly double: boolean;
}

const half = (bit: number): string => (bit & 1 ? 'h' : 'l');

function grLocal(bit: number): Local {
  return { kind: 'gr', name: `r${bit >> 1}${half(bit)}`, bits: 1 << bit, word: bit, double: false };
}

function fprLocal(bit: number): Local {
  const word = fprWord(bit >> 1) + (bit & 1);
  return { kind: 'fpr', name: `f${bit >> 1}${half(bit)}`, bits: 1 << bit, word, double: false };
}

function doubleLocal(r: number): Local {
  return { kind: 'fpr', name: `f${r}`, bits: 3 << (2 * r), word: fprWord(r), double: true };
}

const CC_LOCAL: Local = { kind: 'cc', name: 'cc', bits: 0, word: 212, double: false };

const hexName = (node: number): string => (node < 0 ? `d${-node}` : node.toString(16));
const loopLabel = (node: number): string => `loop_${hexName(node)}`;
const blockLabel = (node: number): string => `b_${hexName(node)}`;
const selectorName = (node: number): string => `enter_${hexName(node)}`;
export const linkName = (target: number): string => `region_${target.toString(16)}`;

/** What the displacement of an address is added to. */
interface Base {
  readonly hi: Expression;
  readonly lo: Expression;
  readonly narrow: boolean;
}

/** Emits the values of one block in order. */
class BlockEmitter {
  readonly context: StorageContext;
  dirty: RegisterSet;
  readonly #region: RegionEmitter;
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
  #insn = 0;
  readonly #bases = new Map<string, Base>();

  constructor(region: RegionEmitter, block: Block, dirtyIn: RegisterSet, options: EmitOptions) {
    this.#region = region;
    this.block = block;
    this.#options = options;
    this.dirty = dirtyIn;
    this.#plan = region.guardsOf(block.start);
    this.#kindOf = region.blockKinds(block).values;
    this.#fullPlan = region.fullPlan(block.start);
    this.kinds = [...region.kindsAt(block.start)];
    this.#wholeAddresses = wholeAddresses(block);
    const last = lastUses(block);
    const context = new BlockContext(
      last,
      region.helpers,
      region.reserveIds(block),
    ) as BlockContext & {
      offset?: StorageContext['offset'];
    };
    context.offset = (address, extra = 0): Expression => this.#offset(address, extra);
    this.context = context as StorageContext;
    for (const local of region.locals({ gr: -1, fpr: -1, cc: true })) context.watch(local.name);
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
      for (const guard of this.#plan.before.get(i) ?? []) this.#guard(guard);
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
        if (this.#wholeAddresses.has(value)) this.#address(value);
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
    const r = value.imm;
    switch (value.op) {
      case 'getGr64': {
        const hi = this.kinds[r] === 'z' ? int(0) : name(`r${r}h`);
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

  // ---- storage ----

  /** Base of an address: the value to which its displacement is added. */
  #base(address: Value): Base & { displacement: number } {
    const c = this.context;
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
          if (${sum} !== (${sum} | 0)) { ${this.#overflow()}; }`);
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

  #offset(address: Value, extra: number): Expression {
    const { lo, displacement } = this.#base(address);
    const known = literal(lo);
    const d = displacement + extra;
    if (known !== undefined) return hexLiteral(known + d);
    return d === 0 ? lo : expr`${lo} + ${d} | 0`;
  }

  /** The address as a 64-bit value, for LOAD ADDRESS and helpers. */
  #address(value: Value): void {
    const c = this.context;
    const { hi, lo, narrow, displacement } = this.#base(value);
    if (displacement === 0) {
      c.set(value, { kind: 'i64', hi: narrow ? int(0) : hi, lo, narrow });
      return;
    }
    if (narrow && this.#kindOf.get(value) === 's') {
      bindChecked(c, value, expr`${lo} + ${displacement}`, () => this.#overflow());
      return;
    }
    const low = expr`${lo} + ${displacement} | 0`;
    c.bindI64(value, low, (sum) => {
      const carry = carryOf(sum, lo, int(displacement));
      return displacement > 0 ? expr`${hi} + ${carry} | 0` : expr`${hi} - 1 + ${carry} | 0`;
    });
  }

  #guard({ address, isStore, min, end, lengthCode }: Guard): void {
    const c = this.context;
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
    else if (lengthCode || this.#options.exactGuards) {
      const last = lengthCode ? expr`${at(min)} + ${c.i32(lengthCode)}` : at(end - 1);
      closed = expr`${table}[${at(min)} >>> 12] | ${table}[${last} >>> 12]`;
    } else closed = expr`${`${table}Span`}[${at(min)} >>> 12]`;
    const any = wide ? expr`(${hi} | ${closed}) !== 0` : expr`(${closed}) !== 0`;
    c.emit(js`if (${any}) { ${this.#leaveHere(EXIT_GUARD)}; }`);
  }
}

/** The address ops that something besides a storage access uses. */
function wholeAddresses(block: Block): Set<Value> {
  const whole = new Set<Value>(terminalArguments(block.terminal));
  for (const value of block.values) {
    const accessed = new Set(accesses(value).map(({ address }) => address));
    for (const arg of value.args) if (!accessed.has(arg)) whole.add(arg);
  }
  return whole;
}

/** Position of the last use of each value; values of a deferred CC stay in use to the end. */
function lastUses(block: Block): Map<Value, number> {
  const last = new Map<Value, number>();
  const touch = (value: Value, i: number): void => {
    last.set(value, Math.max(last.get(value) ?? -1, i));
  };
  const { values, terminal } = block;
  values.forEach((value, i) => {
    for (const arg of value.args) touch(arg, i);
    if (value.op === 'setCc') {
      const until = values.findIndex((v, k) => k > i && v.op === 'setCc');
      const end = until < 0 ? Infinity : until;
      touch(value.args[0]!, end);
      if (isDeferrable(value.args[0]!)) for (const arg of value.args[0]!.args) touch(arg, end);
    }
  });
  for (const arg of terminalArguments(terminal)) touch(arg, Infinity);
  // What an address or a deferred code is made of is wanted as long as itself.
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i]!;
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
