import type { Terminal, Value } from './block.ts';

/** The values that a terminal uses. */
export function terminalArguments(terminal: Terminal): Value[] {
  switch (terminal.kind) {
    case 'branch':
      return [terminal.condition];
    case 'indirect':
      return [terminal.address];
    case 'branchIndirect':
      return [terminal.condition, terminal.address];
    case 'call':
      return typeof terminal.target === 'number' ? [] : [terminal.target];
    case 'modeChange': {
      const { next, condition } = terminal;
      return [...(typeof next === 'number' ? [] : [next]), ...(condition ? [condition] : [])];
    }
    case 'execute':
      return terminal.modifier ? [terminal.target, terminal.modifier] : [terminal.target];
    default:
      return [];
  }
}

/** The terminal with its values replaced through `map`. */
export function mapTerminal(terminal: Terminal, map: (value: Value) => Value): Terminal {
  switch (terminal.kind) {
    case 'branch':
      return { ...terminal, condition: map(terminal.condition) };
    case 'indirect':
      return { ...terminal, address: map(terminal.address) };
    case 'branchIndirect':
      return { ...terminal, condition: map(terminal.condition), address: map(terminal.address) };
    case 'call':
      return typeof terminal.target === 'number'
        ? terminal
        : { ...terminal, target: map(terminal.target) };
    case 'modeChange': {
      const { next, condition } = terminal;
      return {
        ...terminal,
        next: typeof next === 'number' ? next : map(next),
        ...(condition ? { condition: map(condition) } : {}),
      };
    }
    case 'execute':
      return {
        ...terminal,
        target: map(terminal.target),
        modifier: terminal.modifier && map(terminal.modifier),
      };
    default:
      return terminal;
  }
}

/** The addresses to which a terminal may go directly, besides a call's target. */
export function successors(terminal: Terminal): number[] {
  switch (terminal.kind) {
    case 'link':
      return [terminal.target];
    case 'branch':
      return [terminal.taken, terminal.next];
    case 'call':
      return [terminal.next];
    case 'modeChange':
      return terminal.condition ? [terminal.next as number] : [];
    case 'indirect':
      return [...(terminal.targets ?? [])];
    case 'branchIndirect':
      return [terminal.next, ...(terminal.targets ?? [])];
    default:
      return [];
  }
}
