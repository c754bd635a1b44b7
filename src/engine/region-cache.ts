import type { CpuState } from '../cpu/state.ts';
import type { HelperContext } from '../runtime/context.ts';
import type { EngineOptions } from './options.ts';
import type { Statistics } from './statistics.ts';

export interface Region {
  mayRun(state: CpuState): boolean;
  run(stack: number): number;
}
export class RegionCache {
  constructor(_context: HelperContext, _options: EngineOptions, _statistics: Statistics) {}
  get(_address: number): Region | undefined {
    return undefined;
  }
  codePageChanged(_page: number, _removed: (address: number) => void): void {}
}
