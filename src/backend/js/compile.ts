import { generate } from 'astring';
import type { FunctionExpression } from 'estree';
import type { EmitOptions } from './emit-options.ts';
import { emitRegion, linkName } from './emit-region.ts';
import { regionEdges, type RegionGraph } from '../../frontend/region.ts';
import { js } from './quote.ts';
import { structure } from '../../frontend/structure.ts';

/** A region's source and what its factory must be given. */
export interface RegionSource {
  /** The function's name: `region_` and the entry address in hexadecimal. */
  readonly name: string;
  readonly text: string;
  /** Parameters of the factory: helper names, then links, then the frame. */
  readonly helpers: readonly string[];
  readonly links: readonly number[];
  readonly frame: number;
  readonly coldExits: number;
}

/** Where another region is found; the dispatcher's stub until there is one. */
export interface RegionLink {
  run: (stack: number) => number;
}

/** What generated code names without being told: the state and storage. */
const ALWAYS = [
  'state',
  'doubles',
  'view',
  'noRead',
  'noWrite',
  'noReadSpan',
  'noWriteSpan',
  'context',
];

/** Generates the source of a region. The same blocks and options give the same text. */
export function generateRegion(region: RegionGraph, options: EmitOptions): RegionSource {
  const graph = { entry: region.entry, edges: regionEdges(region) };
  const structured = structure(graph);
  const { body, helpers, links, frame, coldExits } = emitRegion(region, graph, structured, options);
  const name = `tb_${region.entry.toString(16)}`;
  const fn: FunctionExpression = {
    type: 'FunctionExpression',
    id: { type: 'Identifier', name },
    params: [{ type: 'Identifier', name: 'stack' }],
    body: {
      type: 'BlockStatement',
      body: [...ALWAYS.flatMap((n) => js`const ${n} = ${`${n}_`};`), ...body],
    },
  };
  const code = generate(fn, {
    comments: options.comments,
    // Cold exits nest: indentation would be most of the text that V8 has to read.
    indent: options.comments ? '  ' : '',
  });
  // In parentheses: V8 then compiles the function at once, and does not parse it twice.
  const text = `return (${code});\n//# sourceURL=s390x/${name}.js\n`;
  return { name, text, helpers: [...ALWAYS, ...helpers], links: [...links], frame, coldExits };
}

/** Makes the function: `new Function`, and nothing else. */
export function compileRegion(
  source: RegionSource,
  names: Record<string, unknown>,
  linkOf: (target: number) => RegionLink,
): (stack: number) => number {
  const { helpers, links, frame, text } = source;
  const parameters = [
    ...helpers.map((h) => (ALWAYS.includes(h) ? `${h}_` : h)),
    ...links.map(linkName),
    'frame',
  ];
  const factory = new Function(...parameters, text) as (
    ...args: unknown[]
  ) => (stack: number) => number;
  return factory(...helpers.map((helper) => names[helper]), ...links.map(linkOf), frame);
}
