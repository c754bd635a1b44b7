/**
 * What the stages of the translator cost, one at a time, with Benchmark.js.
 *
 *     npm run bench:micro [-- --json]
 *
 * decode, translate and emit work on the SHA-256 kernel's compression function, and are given per
 * guest instruction; dispatch is the way from one region to the next through the run loop.
 */
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import Benchmark from 'benchmark';
import Table from 'cli-table3';
import { compileRegion, generateRegion } from '../src/backend/js/compile.ts';
import { emitOptions } from '../src/backend/js/emit-options.ts';
import { createNames } from '../src/backend/js/runtime-names.ts';
import { CpuState, USER_PSW_MASK } from '../src/cpu/state.ts';
import { Engine } from '../src/engine/engine.ts';
import { hostTod, type EngineOptions } from '../src/engine/options.ts';
import { fetchInsn, type Fetched } from '../src/frontend/fetch.ts';
import { growRegion } from '../src/frontend/region.ts';
import { USER_MODE } from '../src/ir/builder.ts';
import { runPasses } from '../src/ir/passes/index.ts';
import { assembleProgram } from '../src/isa/assemble-program.ts';
import { DECODER } from '../src/isa/table.ts';
import { parseElf } from '../src/linux/elf.ts';
import { elfSymbols } from '../src/linux/symbols.ts';
import { AddressSpace } from '../src/memory/user-space.ts';
import { KERNELS } from '../tools/build-kernels.ts';

interface Row {
  readonly name: string;
  readonly unit: string;
  /** Units of work in one call. */
  readonly units: number;
  readonly run: () => void;
}

const DISPATCHES = 2_000;
const LOOP = 0x10_1000;

function rows(): Row[] {
  const { memory, entry } = kernel('sha256', 'compress');
  const grow = (): ReturnType<typeof growRegion> => growRegion(memory, entry, USER_MODE);
  const raw = grow();
  const places = [...raw.blocks.values()].flatMap(({ insns }) => insns.map(({ at }) => at));
  const fetched = places.map((at) => ({ at, bits: (fetchInsn(memory, at) as Fetched).bits }));
  const passed = grow();
  const passes = (region: typeof raw): void => {
    for (const block of region.blocks.values()) runPasses(block, 'js');
  };
  passes(passed);
  const options = { ...emitOptions(), narrow: 0xffff };
  const source = generateRegion(passed, options);
  const context = { state: new CpuState(), memory, clock: hostTod, facilities: new Uint8Array(32) };
  const nothing = (): number => 0;
  const names = createNames(context, nothing, nothing, nothing);
  const unit = 'guest instruction';
  const units = raw.insnCount;
  let fresh = 0;
  return [
    {
      name: 'decode',
      unit,
      units,
      run: () => fetched.forEach(({ at, bits }) => DECODER.decode(bits, at)),
    },
    { name: 'translate to IR', unit, units, run: grow },
    { name: 'translate and run passes', unit, units, run: () => passes(grow()) },
    { name: 'emit JavaScript', unit, units, run: () => generateRegion(passed, options) },
    {
      name: 'new Function',
      unit,
      units,
      // A new text each time: V8 keeps what it has compiled.
      run: () =>
        compileRegion({ ...source, text: `${source.text}//${fresh++}\n` }, names, () => ({
          run: nothing,
        })),
    },
    { name: 'dispatch', unit: 'region entered', ...dispatcher() },
  ];
}

/** The storage of a kernel's program, and the address of one of its functions. */
function kernel(name: string, symbol: string): { memory: AddressSpace; entry: number } {
  const elf = fs.readFileSync(`${KERNELS}/${name}.s390x`);
  const read = (at: number, length: number): Uint8Array => elf.subarray(at, at + length);
  const image = parseElf(read, elf.length);
  const memory = new AddressSpace();
  memory.map(image.start, image.end - image.start, 7);
  for (const { address, offset, fileSize } of image.segments) {
    memory.bytes.set(read(offset, fileSize), address);
  }
  for (const found of elfSymbols(read, elf.length)) {
    if (found.name === symbol) return { memory, entry: found.address };
  }
  throw new Error(`${name} has no ${symbol}`);
}

/** A loop that goes from region to region through the run loop, and how often it does. */
function dispatcher(): { units: number; run: () => void } {
  const memory = new AddressSpace(0x20_0000);
  memory.map(LOOP, 8192, 7);
  const source = `
loop:   br %r4
back:   brctg %r2,loop
        svc 0
  `;
  memory.bytes.set(assembleProgram(source, LOOP).bytes, LOOP);
  const looping = (options: EngineOptions): (() => void) => {
    const state = new CpuState();
    const engine = new Engine(memory, state, {
      ...options,
      backend: 'jit',
      disabledPasses: new Set(['chaining'] as const),
    });
    return () => {
      state.pswMask = USER_PSW_MASK;
      state.setGr(2, BigInt(DISPATCHES));
      state.setGr(4, BigInt(LOOP + 2));
      state.ia = LOOP;
      const { kind } = engine.run();
      if (kind !== 'supervisorCall') throw new Error(`the loop ended in ${kind}`);
    };
  };
  let units = 0;
  const counted = looping({
    watchRegions: () => ({
      run: (_, run) => {
        units++;
        return run();
      },
    }),
  });
  counted();
  return { units, run: looping({}) };
}

function main(): void {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  const table = new Table({ head: ['stage', 'ns', 'per', '±'] });
  const results = rows().map(({ name, unit, units, run }) => {
    const { stats } = new Benchmark(name, run).run();
    const ns = (stats.mean * 1e9) / units;
    if (!values.json) process.stderr.write(`${name}: ${stats.sample.length} samples\n`);
    table.push([name, ns.toFixed(1), unit, `${stats.rme.toFixed(1)} %`]);
    return { name, unit, nanoseconds: ns, relative_margin_percent: stats.rme };
  });
  process.stdout.write(
    values.json ? `${JSON.stringify(results, undefined, 2)}\n` : `${table.toString()}\n`,
  );
}

main();
