import { parse } from 'acorn';
import type { Expression, Node, Program, Statement } from 'estree';
import { assert } from '../../base/assert.ts';

/** What a hole of a template can be filled with. */
export type Hole = Expression | Statement[] | string | number;

/** A template's part as a function of what fills its holes. */
type Fill = (holes: readonly Hole[]) => unknown;

/** A part without holes, the same in every copy. */
interface Fixed {
  readonly fixed: unknown;
}

type Part = Fill | Fixed;

/** Parsed once per call site: the strings array of a tagged template is the same object each time. */
const templates = new WeakMap<TemplateStringsArray, Fill>();

function template(strings: TemplateStringsArray, isExpression: boolean): Fill {
  let found = templates.get(strings);
  if (!found) {
    const source = strings.reduce((text, part, i) => `${text}$${i - 1}${part}`);
    const { body } = parse(source, {
      ecmaVersion: 2022,
      allowReturnOutsideFunction: true,
    }) as unknown as Program;
    const [statement] = body;
    if (isExpression) {
      assert(
        body.length === 1 && statement?.type === 'ExpressionStatement',
        'expr`` wants an expression',
      );
    }
    const part = compile(
      strip(isExpression ? (statement as { expression: unknown }).expression : body),
    );
    found = 'fixed' in part ? () => part.fixed : part;
    templates.set(strings, found);
  }
  return found;
}

/** Drops positions, so that copies are small. */
function strip(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strip);
  if (typeof node !== 'object' || node === null) return node;
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === 'start' || key === 'end' || (key === 'raw' && !String(value).startsWith('0x')))
      continue;
    out[key] = strip(value);
  }
  return out;
}

const HOLE = /^\$(\d+)$/;

/** The number of the hole that a node is, or -1. */
function holeNumber(node: unknown): number {
  const { type, name: text } = node as { type?: string; name?: string };
  const match = type === 'Identifier' ? HOLE.exec(text!) : null;
  return match ? Number(match[1]) : -1;
}

function compile(node: unknown): Part {
  if (Array.isArray(node)) return compileList(node);
  if (typeof node !== 'object' || node === null) return { fixed: node };
  const hole = holeNumber(node);
  if (hole >= 0) return (holes) => toNode(holes[hole]!);
  if ((node as Node).type === 'ExpressionStatement') {
    // A hole that stands as a statement of its own takes a list of statements.
    const { expression } = node as { expression: Expression };
    const list = holeNumber(expression);
    if (list >= 0) {
      return (holes) =>
        Array.isArray(holes[list]) ? holes[list] : { ...node, expression: toNode(holes[list]!) };
    }
  }
  const fills: { key: string; fill: Fill; isList: boolean }[] = [];
  for (const [key, child] of Object.entries(node)) {
    const part = compile(child);
    if (!('fixed' in part)) fills.push({ key, fill: part, isList: Array.isArray(child) });
  }
  if (fills.length === 0) return { fixed: node };
  return (holes) => {
    const out: Record<string, unknown> = { ...node };
    for (const { key, fill, isList } of fills) {
      const filled = fill(holes);
      // A list of statements where one is wanted, as in `if (x) ${list};`.
      out[key] =
        Array.isArray(filled) && !isList
          ? { type: 'BlockStatement', body: filled as unknown[] }
          : filled;
    }
    return out;
  };
}

function compileList(nodes: readonly unknown[]): Part {
  const parts = nodes.map(compile);
  if (parts.every((part) => 'fixed' in part)) return { fixed: nodes };
  return (holes) => {
    const out: unknown[] = [];
    for (const part of parts) {
      const filled = 'fixed' in part ? part.fixed : part(holes);
      if (Array.isArray(filled)) for (const item of filled as unknown[]) out.push(item);
      else out.push(filled);
    }
    return out;
  };
}

function toNode(hole: Hole): Expression {
  assert(!Array.isArray(hole), 'a list of statements stands where an expression is wanted');
  if (typeof hole === 'string') return name(hole);
  if (typeof hole === 'number') return int(hole);
  return hole;
}

/**
 * Statements from JavaScript text with holes: js`const ${t} = ${a} + ${b} | 0;`. A string hole is
 * an identifier, a number a literal; a statement that is only a hole takes a list of statements.
 */
export function js(strings: TemplateStringsArray, ...holes: Hole[]): Statement[] {
  return template(strings, false)(holes) as Statement[];
}

/** An expression from JavaScript text with holes. */
export function expr(strings: TemplateStringsArray, ...holes: Hole[]): Expression {
  return template(strings, true)(holes) as Expression;
}

const names = new Map<string, Expression>();

/** The identifier `text`; shared, since nothing changes nodes. */
export function name(text: string): Expression {
  let node = names.get(text);
  if (!node) names.set(text, (node = { type: 'Identifier', name: text }));
  return node;
}

/** An integer literal in decimal. */
export function int(value: number): Expression {
  return value < 0 || Object.is(value, -0)
    ? {
        type: 'UnaryExpression',
        operator: '-',
        prefix: true,
        argument: { type: 'Literal', value: -value },
      }
    : { type: 'Literal', value };
}

/** A non-negative integer as a BigInt. */
export function bigLiteral(value: number | bigint): Expression {
  return { type: 'Literal', value: BigInt(value), bigint: String(value), raw: `${value}n` };
}

/** An address or mask: a literal in hexadecimal. */
export function hexLiteral(value: number): Expression {
  if (value < 0 || value < 10) return int(value);
  return { type: 'Literal', value, raw: `0x${value.toString(16)}` };
}

/** The low word of an instruction address, as an int32. */
export function lowLiteral(address: number): Expression {
  const low = address | 0;
  return low < 0 ? int(low) : hexLiteral(low);
}
