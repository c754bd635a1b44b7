/**
 * The optimisations of generated code that are not passes over a block: name, what for. Every one
 * is safe: with it off, the code means the same. They are switched like passes.
 */
export const OPTIMISATIONS = [
  {
    name: 'guard-merging',
    reason: 'checks permissions once for all accesses through a base that does not change',
  },
  {
    name: 'chaining',
    reason: 'calls known regions, and goes on in them, without the dispatcher between',
  },
  {
    name: 'region-planning',
    reason: 'begins regions at functions and loop heads, without what was never executed',
  },
  {
    name: 'call-inlining',
    reason: 'puts small functions in the place of their calls',
  },
  {
    name: 'branch-targets',
    reason: 'goes to the usual targets of an indirect branch inside the region',
  },
  {
    name: 'code-deferral',
    reason: 'hands condition codes from block to block as operands, which are seldom looked at',
  },
  {
    name: 'span-guards',
    reason: 'looks at one table entry for an access that might cross to another page',
  },
  {
    name: 'exit-training',
    reason: 'runs the cold exits of a new region, so that V8 keeps its code when one is taken',
  },
  {
    name: 'home-moves',
    reason: 'saves and restores registers eight bytes at a time, not through two locals each',
  },
  {
    name: 'wide-products',
    reason: 'multiplies 64-bit numbers in one host register each, which V8 does for some BigInts',
  },
  {
    name: 'narrow-registers',
    reason: 'computes with low words where registers hold sign-extended 32-bit numbers',
  },
] as const;

export type OptimisationName = (typeof OPTIMISATIONS)[number]['name'];

export const OPTIMISATION_NAMES: readonly OptimisationName[] = OPTIMISATIONS.map((o) => o.name);
