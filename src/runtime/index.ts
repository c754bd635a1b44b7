import type { HelperName } from '../ir/helpers.ts';
import type { HelperContext } from './context.ts';

/** How every helper looks to its callers; which numbers it takes is declared in `ir/helpers.ts`. */
export type Helper = (context: HelperContext, ...words: number[]) => number | void;

/** The helpers by name: all that generated code can call. One without implementation is an error. */
export const RUNTIME: { readonly [K in HelperName]: Helper } = {
};
