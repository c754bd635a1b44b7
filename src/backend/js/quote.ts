import { parse } from 'acorn';
import type { Expression, Node, Program, Statement } from 'estree';
import { assert } from '../../base/assert.ts';

/** What a hole of a template can be filled with. */
export type Hole = Expression | Statement[] | string | number;

interface Template {
  readonly body: Statement[];
}

/** Parsed once per call site: the strings array of a tagged template is the same object each time. */
const templates = new WeakMap<TemplateStringsArray, Template>();

function template(strings: TemplateStringsArray): Template {
  let found = templates.get(strings);
  if (!found) {
    const source = strings.reduce((text, part, i) => `${text}$${i - 1}${part}`);
    const program = parse(source, {
      ecmaVersion: 2022,
      allowReturnOutsideFunction: true,
    }) as unknown as Program;
    found = { body: program.body.map((node) => strip(node) as Statement) };
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

function fill(node: unknown, holes: readonly Hole[]): unknown {
  if (Array.isArray(node)) {
    const out: unknown[] = [];
    for (const item of node) {
      const filled = fill(item, holes);
      // A hole that stands as a statement of its own takes a list of statements.
      if (Array.isArray(filled)) out.push(...(filled as unknown[]));
      else out.push(filled);
    }
    return out;
  }
  if (typeof node !== 'object' || node === null) return node;
  const { type } = node as Node;
  if (type === 'ExpressionStatement') {
    const { expression } = node as { expression: Expression };
    const hole = holeOf(expression, holes);
    if (Array.isArray(hole)) return hole;
  }
  if (type === 'Identifier') {
    const hole = holeOf(node as Expression, holes);
    if (hole !== undefined) return toNode(hole);
    return node;
  }
  const out: Record<string, unknown> = {};
  for (const key in node) {
    const child = (node as Record<string, unknown>)[key];
    const filled = fill(child, holes);
    // A list of statements where one is wanted, as in `if (x) ${list};`.
    out[key] =
      Array.isArray(filled) && !Array.isArray(child)
        ? { type: 'BlockStatement', body: filled as unknown[] }
        : filled;
  }
  return out;
}

function holeOf(node: Expression, holes: readonly Hole[]): Hole | undefined {
  if (node.type !== 'Identifier') return undefined;
  const match = HOLE.exec(node.name);
  return match ? holes[Number(match[1])] : undefined;
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
  return fill(template(strings).body, holes) as Statement[];
}

/** An expression from JavaScript text with holes. */
export function expr(strings: TemplateStringsArray, ...holes: Hole[]): Expression {
  const { body } = template(strings);
  const [statement] = body;
  assert(
    body.length === 1 && statement?.type === 'ExpressionStatement',
    'expr`` wants an expression',
  );
  return fill(statement.expression, holes) as Expression;
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

/** An address or mask: a literal in hexadecimal. */
export function hexLiteral(value: number): Expression {
  if (value < 0 || value < 10) return int(value);
  return { type: 'Literal', value, raw: `0x${value.toString(16)}` };
}
