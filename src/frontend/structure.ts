import { assert } from '../base/assert.ts';
import { analyseDominators, dominates, reach, type Dominators } from './dominators.ts';

/**
 * Structured control flow from a graph, by the dominator-tree method (N. Ramsey, "Beyond Relooper",
 * ICFP 2022). An irreducible loop gets one selector at its head: every edge into one of its
 * entries sets the selector and goes to a dispatch node, which then dominates them all.
 */
export interface Graph {
  readonly entry: number;
  /** Successors inside the graph of each node, in the order of the terminal's edges. */
  readonly edges: ReadonlyMap<number, readonly number[]>;
}

export type Structure =
  /** The node's own code, then `after` decides where it goes: one target per edge, in order. */
  | { readonly kind: 'node'; readonly node: number; readonly exits: ReadonlyMap<number, Target> }
  | { readonly kind: 'loop'; readonly head: number; readonly body: Structure[] }
  /** Breaking out of `before` (a labelled block) arrives behind it, where `node`'s code begins. */
  | { readonly kind: 'labelled'; readonly node: number; readonly before: Structure[] }
  | {
      readonly kind: 'dispatch';
      readonly node: number;
      readonly exits: ReadonlyMap<number, Target>;
    };

export interface Target {
  readonly kind: 'break' | 'continue' | 'inline';
  readonly node: number;
  /** Selector of the dispatch node that is set on the way; see {@link Structured.selectors}. */
  readonly select?: { readonly dispatch: number; readonly value: number };
  /** For `inline`: the code of the target, which has no other predecessor. */
  readonly body?: Structure[];
}

export interface Structured {
  readonly body: Structure[];
  /** Dispatch nodes (negative numbers) and the nodes they choose from. */
  readonly selectors: ReadonlyMap<number, readonly number[]>;
  /** Loop heads, which are where interruptions are polled. */
  readonly loopHeads: ReadonlySet<number>;
}

interface Edge {
  to: number;
  /** The node that the edge went to before it was redirected to a dispatch node. */
  readonly original: number;
}

export function structure(graph: Graph): Structured {
  const edges = new Map<number, Edge[]>();
  for (const [node, targets] of graph.edges) {
    edges.set(
      node,
      targets.map((to) => ({ to, original: to })),
    );
  }
  const selectors = new Map<number, number[]>();
  for (;;) {
    const order = analyseDominators(graph.entry, (node) => edges.get(node)!.map(({ to }) => to));
    const bad = irreducibleEdge(edges, order);
    if (!bad) return new Structurer(edges, order, selectors).run(graph.entry);
    makeDispatch(edges, order, bad, selectors);
    assert(selectors.size <= graph.edges.size, 'irreducible graph does not settle');
  }
}

/** A retreating edge whose target does not dominate its source. */
function irreducibleEdge(
  edges: Map<number, Edge[]>,
  order: Dominators,
): { from: number; to: number } | undefined {
  for (const from of order.nodes) {
    for (const { to } of edges.get(from)!) {
      if (order.index.get(to)! <= order.index.get(from)! && !dominates(order, to, from)) {
        return { from, to };
      }
    }
  }
  return undefined;
}

/** Puts a dispatch node in front of all entries of the loop that `bad` closes. */
function makeDispatch(
  edges: Map<number, Edge[]>,
  order: Dominators,
  bad: { from: number; to: number },
  selectors: Map<number, number[]>,
): void {
  // The loop: nodes below the common dominator that reach `from` without passing it and that
  // `to` reaches; that is, the strongly connected component of the edge within that subtree.
  let top = order.idom.get(bad.to)!;
  while (!dominates(order, top, bad.from)) top = order.idom.get(top)!;
  const inside = (node: number): boolean => node !== top && dominates(order, top, node);
  const forward = reach([bad.to], (n) => edges.get(n)!.map((e) => e.to), inside);
  const backward = reach([bad.from], (n) => order.predecessors.get(n)!, inside);
  const loop = new Set([...forward].filter((n) => backward.has(n)));
  const entries = [...loop].filter((n) => order.predecessors.get(n)!.some((p) => !loop.has(p)));
  const dispatch = -1 - selectors.size;
  selectors.set(dispatch, entries);
  for (const out of edges.values()) {
    for (const edge of out) {
      if (entries.includes(edge.to)) (edge as { to: number }).to = dispatch;
    }
  }
  edges.set(
    dispatch,
    entries.map((to) => ({ to, original: to })),
  );
}

class Structurer {
  readonly #edges: Map<number, Edge[]>;
  readonly #order: Dominators;
  readonly #selectors: Map<number, number[]>;
  readonly #children = new Map<number, number[]>();
  readonly #merges = new Set<number>();
  readonly #loopHeads = new Set<number>();

  constructor(edges: Map<number, Edge[]>, order: Dominators, selectors: Map<number, number[]>) {
    this.#edges = edges;
    this.#order = order;
    this.#selectors = selectors;
    const { index, nodes, idom, predecessors } = order;
    for (const node of nodes) {
      const up = idom.get(node)!;
      if (up !== node) {
        const siblings = this.#children.get(up);
        if (siblings) siblings.push(node);
        else this.#children.set(up, [node]);
      }
      let forward = 0;
      for (const p of predecessors.get(node)!) {
        if (index.get(p)! >= index.get(node)!) this.#loopHeads.add(node);
        else forward++;
      }
      if (forward > 1) this.#merges.add(node);
    }
  }

  run(entry: number): Structured {
    return {
      body: this.#tree(entry),
      selectors: this.#selectors,
      loopHeads: this.#loopHeads,
    };
  }

  #tree(node: number): Structure[] {
    const merges = (this.#children.get(node) ?? [])
      .filter((child) => this.#merges.has(child))
      .sort((a, b) => this.#order.index.get(b)! - this.#order.index.get(a)!);
    const body = this.#within(node, merges);
    return this.#loopHeads.has(node) ? [{ kind: 'loop', head: node, body }] : body;
  }

  #within(node: number, merges: number[]): Structure[] {
    const [first, ...rest] = merges;
    if (first !== undefined) {
      return [
        { kind: 'labelled', node: first, before: this.#within(node, rest) },
        ...this.#tree(first),
      ];
    }
    const exits = new Map<number, Target>();
    for (const { to, original } of this.#edges.get(node)!) {
      if (!exits.has(original)) exits.set(original, this.#target(node, to, original));
    }
    return [{ kind: node < 0 ? 'dispatch' : 'node', node, exits }];
  }

  #target(from: number, to: number, original: number): Target {
    const select =
      to === original
        ? {}
        : { select: { dispatch: to, value: this.#selectors.get(to)!.indexOf(original) } };
    const { index } = this.#order;
    if (index.get(to)! <= index.get(from)!) return { kind: 'continue', node: to, ...select };
    if (this.#merges.has(to)) return { kind: 'break', node: to, ...select };
    return { kind: 'inline', node: to, body: this.#tree(to), ...select };
  }
}
