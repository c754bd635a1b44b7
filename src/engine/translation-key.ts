import type { EngineOptions } from './options.ts';

/** What sources depend on besides the guest's code: engines with the same key may share a store. */
export function translationKey(options: EngineOptions): string {
  const { facilities, countInstructions, comments, logStores, disabledPasses, system } = options;
  return JSON.stringify([
    [...(facilities ?? [])],
    [countInstructions, comments, logStores].map((value) => value === true),
    [...(disabledPasses ?? [])].sort(),
    system !== undefined,
  ]);
}
