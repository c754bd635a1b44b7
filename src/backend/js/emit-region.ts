import type { Expression, Statement } from 'estree';
import { EXIT_BUDGET, EXIT_INTERPRET } from '../../cpu/exit-reason.ts';
import { BUDGET, FPC, INSN_COUNT } from '../../cpu/state.ts';
import type { RegionGraph } from '../../frontend/region.ts';
import type { Graph, Structure, Structured, Target } from '../../frontend/structure.ts';
import { addressOf, siteOf, type Block, type Terminal, type Value } from '../../ir/block.ts';
import { CcFlow } from './cc-flow.ts';
import { ColdExits, STACK_SPENT, type ColdReason, type HomeWrite } from './cold-exits.ts';
import { literal, type BlockContext } from './context.ts';
import { BlockEmitter, type RegionScope } from './emit-block.ts';
import type { EmitOptions } from './emit-options.ts';
import {
  analyseGuards,
  NO_FACTS,
  planGuards,
  withFacts,
  type GuardFacts,
  type GuardPlan,
} from './guards.ts';
import { highOr, homeOf, isIn, localsOf, withLowWords, type Local } from './locals.ts';
import {
  ALL_WIDE,
  analyseKinds,
  blockKinds,
  type BlockKinds,
  type Kind,
  type Kinds,
} from './narrow.ts';
import { expr, hexLiteral, js, name } from './quote.ts';
import {
  analyseRegisters,
  doubleRegisters,
  helperWrites,
  NO_REGISTERS,
  registersOf,
  union,
  type Flow,
  type RegisterSet,
} from './registers.ts';

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

class RegionEmitter implements RegionScope {
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
        ...(isIn(local, loaded)
          ? js`let ${local.name} = ${homeOf(local)};`
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

  #localsOf(set: RegisterSet): Local[] {
    return localsOf(set, this.#doubles);
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

  #writeBack(dirty: RegisterSet, cc: Expression | undefined, kinds: Kinds): Statement[] {
    const out: Statement[] = [];
    for (const local of this.#localsOf(dirty)) {
      const value = local.kind === 'cc' && cc ? cc : highOr(local, kinds);
      out.push(...js`${homeOf(local)} = ${value};`);
    }
    return out;
  }

  #reload(set: RegisterSet): Statement[] {
    return this.#localsOf(set).flatMap((local) => js`${local.name} = ${homeOf(local)};`);
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
      ...this.coldExits.leave(at, reason, this.#homeWrites(dirty, kinds), emitter.movedCc()),
    ];
  }

  readonly coldExits = new ColdExits();

  #withColdExits(body: Statement[]): Statement[] {
    if (this.coldExits.count === 0) return body;
    const entry = hexLiteral(this.#region.entry);
    return this.coldExits.wrap(body, js`return ${this.#use('leaveCold')}(at, why, ${entry});`);
  }

  #homeWrites(dirty: RegisterSet, kinds: Kinds): HomeWrite[] {
    return this.#localsOf(dirty).map((local) => {
      const kind = local.kind === 'gr' && local.word & 1 ? kinds[local.word >> 1] : '';
      const [statement] = js`${homeOf(local)} = ${highOr(local, kinds)};`;
      return { key: `${local.name}${kind}`, statement: statement! };
    });
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

  /** What must be valid at the start of a block: the live registers and the code's operands. */
  #wanted(target: number, live: RegisterSet): RegisterSet {
    return live.cc ? { ...live, gr: live.gr | this.ccFlow.operandRegisters(target) } : live;
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
          ...this.#widen(this.#wanted(target, live), emitter.kinds, this.kindsAt(target)),
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

/** A block's start or, negative, a dispatch node's number, as a part of a name. */
function hexName(node: number): string {
  if (node < 0) return `d${-node}`;
  const address = addressOf(node).toString(16);
  return siteOf(node) === 0 ? address : `${address}_${siteOf(node)}`;
}

const loopLabel = (node: number): string => `loop_${hexName(node)}`;
const blockLabel = (node: number): string => `b_${hexName(node)}`;
const selectorName = (node: number): string => `enter_${hexName(node)}`;
export const linkName = (target: number): string => `region_${target.toString(16)}`;
