/** Which nodes every way from the entry to a node passes, and the order of a depth-first walk. */
export interface Dominators {
  /** Reverse postorder index of each reachable node. */
  readonly index: ReadonlyMap<number, number>;
  /** Reachable nodes in reverse postorder. */
  readonly nodes: readonly number[];
  /** The closest node that dominates each; the entry is its own. */
  readonly idom: ReadonlyMap<number, number>;
  readonly predecessors: ReadonlyMap<number, readonly number[]>;
}

/** Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". */
export function analyseDominators(
  entry: number,
  successors: (node: number) => readonly number[],
): Dominators {
  const nodes = reversePostorder(entry, successors);
  const index = new Map(nodes.map((node, i) => [node, i]));
  const predecessors = new Map<number, number[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) for (const to of successors(node)) predecessors.get(to)!.push(node);
  // By index: that of the immediate dominator, -1 while unknown.
  const up = new Int32Array(nodes.length).fill(-1);
  up[0] = 0;
  const before = nodes.map((node) => predecessors.get(node)!.map((p) => index.get(p)!));
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 1; i < nodes.length; i++) {
      let best = -1;
      for (const p of before[i]!) {
        if (up[p]! < 0) continue;
        if (best < 0) best = p;
        else {
          let other = p;
          while (best !== other) {
            while (best > other) best = up[best]!;
            while (other > best) other = up[other]!;
          }
        }
      }
      if (best >= 0 && up[i] !== best) {
        up[i] = best;
        changed = true;
      }
    }
  }
  const idom = new Map(nodes.map((node, i) => [node, nodes[up[i]!]!]));
  return { index, nodes, idom, predecessors };
}

function reversePostorder(
  entry: number,
  successors: (node: number) => readonly number[],
): number[] {
  const postorder: number[] = [];
  const seen = new Set([entry]);
  const stack = [{ node: entry, next: successors(entry), at: 0 }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    if (top.at === top.next.length) {
      postorder.push(top.node);
      stack.pop();
      continue;
    }
    const to = top.next[top.at++]!;
    if (seen.has(to)) continue;
    seen.add(to);
    stack.push({ node: to, next: successors(to), at: 0 });
  }
  return postorder.reverse();
}

/** Whether every way to `b` passes `a`. */
export function dominates({ idom }: Dominators, a: number, b: number): boolean {
  for (let node = b; ;) {
    if (node === a) return true;
    const up = idom.get(node)!;
    if (up === node) return false;
    node = up;
  }
}

/** The nodes that can be reached from some, going through `inside` only. */
export function reach(
  from: readonly number[],
  next: (node: number) => readonly number[],
  inside: (node: number) => boolean,
): Set<number> {
  const seen = new Set(from);
  const work = [...from];
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    for (const n of next(node)) {
      if (inside(n) && !seen.has(n)) {
        seen.add(n);
        work.push(n);
      }
    }
  }
  return seen;
}

/** A natural loop: its head dominates its body. */
export interface Loop {
  readonly head: number;
  readonly body: ReadonlySet<number>;
}

/** The natural loops that contain a node, the outermost first. */
export function loopsAround(node: number, order: Dominators): Loop[] {
  const loops: Loop[] = [];
  for (let head = node; ; head = order.idom.get(head)!) {
    const latches = order.predecessors.get(head)!.filter((from) => dominates(order, head, from));
    if (latches.length > 0) {
      const around = latches.filter((from) => from !== head);
      const body = reach(
        around,
        (n) => order.predecessors.get(n)!,
        (n) => n !== head,
      );
      body.add(head);
      if (body.has(node)) loops.unshift({ head, body });
    }
    if (order.idom.get(head) === head) return loops;
  }
}
