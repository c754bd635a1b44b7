import { generate } from 'astring';
import type { Program } from 'estree';
import type { EmitOptions } from './emit-options.ts';
import { emitRegion, linkName } from './emit-region.ts';
import { regionEdges, type RegionGraph } from '../../frontend/region.ts';
import { structure } from '../../frontend/structure.ts';

/** A region's source and what its factory must be given. */
export interface RegionSource {
  /** The function's name: `tb_` and the entry address in hexadecimal. */
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

/**
 * State and storage. Generated code reads them into consts of its own first: V8 then takes them for
 * constants everywhere in the function, which it does not always do with a factory's parameters.
 */
const PLACES = [
  'state',
  'doubles',
  'view',
  'noRead',
  'noWrite',
  'noReadSpan',
  'noWriteSpan',
  'tlbWords',
  'context',
  'scratch32',
  'scratch64',
  'registers64',
];

/** Generates the source of a region. The same blocks and options give the same text. */
export function generateRegion(region: RegionGraph, options: EmitOptions): RegionSource {
  const graph = { entry: region.entry, edges: regionEdges(region) };
  const structured = structure(graph);
  const { body, helpers, links, frame, coldExits } = emitRegion(region, graph, structured, options);
  const name = `tb_${region.entry.toString(16)}`;
  // Cold exits nest: indentation would be most of the text that V8 has to read.
  const indent = options.comments ? '  ' : '';
  const program: Program = { type: 'Program', sourceType: 'script', body };
  const code = generate(program, {
    comments: options.comments,
    indent,
    startingIndentLevel: 1,
  });
  const consts = PLACES.filter((place) => code.includes(place));
  const head = consts.map((place) => `${indent}const ${place} = ${place}_;\n`).join('');
  // In parentheses: V8 then compiles the function at once, and does not parse it twice.
  const text = `return (function ${name}(stack) {\n${head}${code}});\n//# sourceURL=s390x/${name}.js\n`;
  return { name, text, helpers: [...consts, ...helpers], links: [...links], frame, coldExits };
}

/** Makes the function: `new Function`, and nothing else. */
export function compileRegion(
  source: RegionSource,
  names: Record<string, unknown>,
  linkOf: (target: number) => RegionLink,
): (stack: number) => number {
  const { helpers, links, frame, text } = source;
  const parameters = [
    ...helpers.map((h) => (PLACES.includes(h) ? `${h}_` : h)),
    ...links.map(linkName),
    'frame',
  ];
  const factory = new Function(...parameters, text) as (
    ...args: unknown[]
  ) => (stack: number) => number;
  return factory(...helpers.map((helper) => names[helper]), ...links.map(linkOf), frame);
}
