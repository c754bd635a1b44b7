import type { Expression, Statement } from 'estree';
import { EXIT_BUDGET, EXIT_INTERPRET } from '../../cpu/exit-reason.ts';
import { BUDGET, FPC, INSN_COUNT, TLB_BASE } from '../../cpu/state.ts';
import type { RegionGraph } from '../../frontend/region.ts';
import type { Graph, Structure, Structured, Target } from '../../frontend/structure.ts';
import { addressOf, siteOf, type Block, type Value } from '../../ir/block.ts';
import type { BlockRegisters } from './block-registers.ts';
import { CcFlow } from './cc-flow.ts';
import { ColdExits, STACK_SPENT, type ColdReason, type HomeWrite } from './cold-exits.ts';
import { BlockEmitter, type RegionScope } from './emit-block.ts';
import type { EmitOptions } from './emit-options.ts';
import { TerminalEmitter, type TerminalScope } from './emit-terminal.ts';
import {
  analyseGuards,
  NO_FACTS,
  planGuards,
  withFacts,
  type GuardFacts,
  type GuardPlan,
} from './guards.ts';
import { planDatGuards } from './dat-guards.ts';
import { highOr, homeOf, isIn, localsOf, withLowWords, type Local } from './locals.ts';
import { planHoming } from './homing.ts';
import { planWide, type WidePlan } from './lower-wide.ts';
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
/** The same in the region's loops, which keep what is left in a local. */
const SPENT_IN_LOOP = expr`(left = left - 1 | 0) < 0`;

/** JavaScript for one region: the statements of `function (stack) { ... }`. */
export function emitRegion(
  region: RegionGraph,
  graph: Graph,
  structured: Structured,
  options: EmitOptions,
): EmittedRegion {
  return new RegionEmitter(region, graph, structured, options).run();
}

class RegionEmitter implements RegionScope, TerminalScope {
  readonly #region: RegionGraph;
  readonly #structured: Structured;
  readonly #widePlans = new Map<Block, WidePlan>();
  readonly #direct: ReadonlySet<Value>;
  readonly options: EmitOptions;
  readonly #flow: Flow;
  readonly ccFlow: CcFlow;
  readonly #guards = new Map<number, GuardPlan>();
  readonly #facts: ReadonlyMap<number, GuardFacts>;
  /** What is known of the general registers at the start of each block. */
  readonly #kinds: ReadonlyMap<number, Kinds>;
  readonly #doubles: number;
  #datPlans: ReadonlyMap<number, GuardPlan> | undefined;
  addends: ReadonlySet<string> = new Set();
  readonly helpers = new Set<string>();
  readonly links = new Set<number>();
  /** The registers that are read or written. */
  readonly #used: RegisterSet;
  #usedLocals: readonly Local[] | undefined;
  #locals = 0;
  #nextId = 0;
  /** Whether it has floating-point arithmetic that depends on the FPC. */
  readonly #usesFpc: boolean;

  constructor(region: RegionGraph, graph: Graph, structured: Structured, options: EmitOptions) {
    this.#region = region;
    this.#structured = structured;
    this.options = options;
    this.#doubles = doubleRegisters(region.blocks.values());
    this.#usesFpc = [...region.blocks.values()].some((block) => block.usesFpc);
    this.#used = usedRegisters(region.blocks.values());
    const merge = options.mergeGuards && !(options.dat && options.exactGuards);
    for (const [start, block] of region.blocks) {
      this.#guards.set(start, planGuards(block, merge, options.dat));
    }
    if (options.dat && merge) {
      const { entry, blocks } = region;
      const { plans, locals } = planDatGuards(blocks, graph.edges, entry, this.#guards);
      this.#datPlans = plans;
      this.addends = locals;
    }
    this.#facts =
      options.mergeGuards && !options.dat
        ? analyseGuards(region.blocks, graph.edges, region.entry, this.#guards)
        : new Map();
    const assumed = ALL_WIDE.map((_, r): Kind => ((options.narrow >> r) & 1 ? 's' : 'w'));
    this.#kinds =
      options.narrow === 0
        ? new Map([...region.blocks.keys()].map((start) => [start, ALL_WIDE]))
        : analyseKinds(region.blocks, graph.edges, region.entry, assumed, (start) =>
            this.#kindPlan(start),
          );
    this.ccFlow = new CcFlow(
      region,
      graph,
      (block) => ({ values: this.blockKinds(block).values, kinds: this.kindsAt(block.start) }),
      options.deferCodes,
    );
    if (options.wideProducts) this.#planWide();
    const { flow, direct } = planHoming({
      blocks: region.blocks,
      graph,
      loopHeads: structured.loopHeads,
      // Where products are wide, reads stand for each other, which saves must not.
      moves: (block) => options.homeMoves && !this.#widePlans.has(block),
      homeWrites: new Set([...this.#widePlans.values()].flatMap((plan) => [...plan.last])),
      operandRegisters: (start) => this.ccFlow.operandRegisters(start),
    });
    this.#flow = flow;
    this.#direct = direct;
  }

  #planWide(): void {
    for (const block of this.#region.blocks.values()) {
      const plan = planWide(block, this.blockKinds(block).values);
      if (plan) this.#widePlans.set(block, plan);
    }
  }

  widePlan(block: Block): WidePlan | undefined {
    return this.#widePlans.get(block);
  }

  isDirect(write: Value): boolean {
    return this.#direct.has(write);
  }

  isHomeRead(read: Value): boolean {
    return this.#flow.homeReads.has(read);
  }

  kindsAt(start: number): Kinds {
    return this.#kinds.get(start) ?? ALL_WIDE;
  }

  /** Kinds of the values of a block; all wide when nothing is assumed. */
  blockKinds(block: Block): BlockKinds {
    if (this.options.narrow === 0) return { values: new Map(), out: ALL_WIDE };
    let found = this.#kindsOfBlocks.get(block);
    if (!found) {
      found = blockKinds(block, this.#kindPlan(block.start), this.kindsAt(block.start));
      this.#kindsOfBlocks.set(block, found);
    }
    return found;
  }

  readonly #kindsOfBlocks = new Map<Block, BlockKinds>();

  /** The guards that tell something of registers: that they are user-space addresses. */
  #kindPlan(start: number): GuardPlan {
    const plan = this.#guards.get(start)!;
    return this.options.dat ? { ...plan, before: new Map() } : plan;
  }

  /** The guards that a block still needs. */
  guardsOf(start: number): GuardPlan {
    const dat = this.#datPlans?.get(start);
    if (dat) return dat;
    return withFacts(this.#guards.get(start)!, this.#facts.get(start) ?? NO_FACTS);
  }

  /** All guards of a block, those made superfluous by earlier ones too. */
  fullPlan(start: number): GuardPlan {
    return this.#guards.get(start)!;
  }

  run(): EmittedRegion {
    const { entry } = this.#region;
    const sequence = this.#sequence(this.#structured.body);
    const head: Statement[] = [];
    this.helpers.add('leave');
    const enterAgain = this.leave(entry, EXIT_BUDGET);
    head.push(...js`if (${STACK_SPENT} || ${SPENT}) ${enterAgain};`);
    if (this.#hasLoops) head.push(...js`let left = state[${BUDGET}];`);
    if (this.options.dat) head.push(...js`const tlb = state[${TLB_BASE}];`);
    head.push(...this.checkFpc(this.leave(entry, EXIT_INTERPRET)));
    const kinds = this.kindsAt(entry);
    const loaded = withLowWords(this.#flow.liveIn.get(entry)!, kinds);
    for (const local of this.usedLocals()) {
      head.push(
        ...(isIn(local, loaded)
          ? js`let ${local.name} = ${homeOf(local)};`
          : js`let ${local.name} = 0;`),
      );
    }
    const body = [...this.checkNarrow(loaded, kinds, this.#leaveNarrow(entry)), ...sequence];
    for (const local of this.addends) head.push(...js`let ${local} = 0;`);
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

  locals(set: RegisterSet): Local[] {
    return localsOf(set, this.#doubles);
  }

  /** Leaves when a register that is taken to be narrow, and has just been loaded, is not. */
  checkNarrow(loaded: RegisterSet, kinds: Kinds, leaving: Statement[]): Statement[] {
    let wrong: Expression | undefined;
    kinds.forEach((kind, r) => {
      if (kind !== 's' || ((loaded.gr >>> (2 * r)) & 3) === 0) return;
      const differs = expr`state[${2 * r + 1}] ^ ${`r${r}l`} >> 31`;
      wrong = wrong ? expr`${wrong} | ${differs}` : differs;
    });
    return wrong ? js`if ((${wrong}) !== 0) { ${leaving}; }` : [];
  }

  #leaveNarrow(at: number): Statement[] {
    return js`return ${this.use('leaveNarrow')}(${hexLiteral(at)}, ${hexLiteral(this.#region.entry)});`;
  }

  writeBack(dirty: RegisterSet, cc: Expression | undefined, kinds: Kinds): Statement[] {
    const out: Statement[] = [];
    for (const local of this.locals(dirty)) {
      const value = local.kind === 'cc' && cc ? cc : highOr(local, kinds);
      out.push(...js`${homeOf(local)} = ${value};`);
    }
    return out;
  }

  load(set: RegisterSet): Statement[] {
    return this.locals(set).flatMap((local) => js`${local.name} = ${homeOf(local)};`);
  }

  /** Leaves by a cold exit; `uncount` instructions that were counted are not done. */
  coldExit(
    registers: BlockRegisters,
    at: number,
    reason: ColdReason,
    uncount: number,
  ): Statement[] {
    const writes = this.#homeWrites(registers);
    return [
      ...(uncount > 0 && this.options.countInstructions
        ? js`doubles[${INSN_COUNT >> 1}] -= ${uncount};`
        : []),
      ...this.coldExits.leave(at, reason, writes, registers.movedCc()),
    ];
  }

  readonly coldExits = new ColdExits();

  #withColdExits(body: Statement[]): Statement[] {
    if (this.coldExits.count === 0) return body;
    const entry = hexLiteral(this.#region.entry);
    return this.coldExits.wrap(body, js`return ${this.use('leaveCold')}(at, why, ${entry});`);
  }

  #homeWrites({ dirty, kinds }: BlockRegisters): HomeWrite[] {
    return this.locals(dirty).map((local) => {
      const kind = local.kind === 'gr' && local.word & 1 ? kinds[local.word >> 1] : '';
      const [statement] = js`${homeOf(local)} = ${highOr(local, kinds)};`;
      return { key: `${local.name}${kind}`, statement: statement! };
    });
  }

  /** Leaving towards the dispatcher: `at` is the next address, the reason says what it does. */
  leave(at: number, reason: number): Statement[] {
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
      const go = this.go(exits.get(target)!);
      if (i === targets.length - 1) out.push(...go);
      else out.push(...js`if (${selector} === ${i}) { ${go}; }`);
    });
    return out;
  }

  go(target: Target): Statement[] {
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
    const emitter = new BlockEmitter(this, block, this.#flow.dirtyIn.get(start)!, this.options);
    const out: Statement[] = [];
    if (this.#structured.loopHeads.has(start)) {
      const leaving = this.coldExit(emitter.registers, addressOf(start), EXIT_BUDGET, 0);
      out.push(...js`if (${SPENT_IN_LOOP}) { ${leaving}; }`);
    }
    if (this.options.countInstructions) {
      out.push(...js`doubles[${INSN_COUNT >> 1}] += ${block.insns.length};`);
    }
    emitter.values();
    emitter.context.emit(emitter.finalStaleExit());
    this.#locals += emitter.context.out.length;
    out.push(...emitter.context.out);
    out.push(...new TerminalEmitter(this, emitter, exits).statements());
    return out;
  }

  get #hasLoops(): boolean {
    return this.#structured.loopHeads.size > 0;
  }

  giveBudget(): Statement[] {
    return this.#hasLoops ? js`state[${BUDGET}] = left;` : [];
  }

  takeBudget(): Statement[] {
    return this.#hasLoops ? js`left = state[${BUDGET}];` : [];
  }

  // ---- names and facts for emitters ----

  use(helper: string): Expression {
    this.helpers.add(helper);
    return name(helper);
  }

  link(target: number): Expression {
    this.links.add(target);
    return name(linkName(target));
  }

  nameOf(start: number): string {
    return hexName(start);
  }

  liveIn(start: number): RegisterSet {
    return this.#flow.liveIn.get(start)!;
  }

  checkFpc(leaving: Statement[]): Statement[] {
    return this.#usesFpc ? js`if ((state[${FPC}] & ${FPC_UNUSUAL}) !== 0) { ${leaving}; }` : [];
  }

  /**
   * Numbers for the names of a block's values, which no other block of the region uses; one before
   * them for values that come from before the block.
   */
  reserveIds(block: Block): number {
    const first = this.#nextId + 1;
    for (const { id } of block.values) this.#nextId = Math.max(this.#nextId, first + id + 1);
    return first;
  }

  usedLocals(): readonly Local[] {
    return (this.#usedLocals ??= this.locals(this.#used));
  }

  isDouble(r: number): boolean {
    return (this.#doubles & (1 << r)) !== 0;
  }

  reload(set: RegisterSet): Statement[] {
    return this.load({
      gr: set.gr & this.#used.gr,
      fpr: set.fpr & this.#used.fpr,
      cc: set.cc && this.#used.cc,
    });
  }
}

function usedRegisters(blocks: Iterable<Block>): RegisterSet {
  let used = NO_REGISTERS;
  for (const { values } of blocks) {
    for (const value of values) {
      used = union(used, registersOf(value));
      if (value.op === 'call') used = union(used, helperWrites(value));
    }
  }
  return used;
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
