import type { CodeProfile } from '../frontend/region.ts';
import type { Terminal } from '../ir/block.ts';

/** What the interpreter has seen of where code goes: for planning regions. */
export class CodeHistory {
  /** The addresses behind calls: a branch to one is a return. */
  readonly returnPoints = new Set<number>();
  readonly #functions = new Set<number>();
  #sortedFunctions: number[] = [];
  /** Where indirect branches went, by their addresses. */
  readonly #targets = new Map<number, Set<number>>();

  /** A block that ends so has been translated. */
  noteTerminal(terminal: Terminal): void {
    if (terminal.kind !== 'call') return;
    this.returnPoints.add(terminal.next);
    if (typeof terminal.target === 'number') this.#functions.add(terminal.target);
  }

  /** A call whose target is computed went there. */
  noteFunction(entry: number): void {
    this.#functions.add(entry);
  }

  /** The indirect branch at an address went there. */
  noteTarget(at: number, target: number): void {
    const targets = this.#targets.get(at);
    if (targets) targets.add(target);
    else this.#targets.set(at, new Set([target]));
  }

  /** Addresses that calls have gone to, in order. */
  functions(): readonly number[] {
    if (this.#sortedFunctions.length !== this.#functions.size) {
      this.#sortedFunctions = [...this.#functions].sort((a, b) => a - b);
    }
    return this.#sortedFunctions;
  }

  /** `distinguishes`: whether targets of indirect branches are told. */
  profile(executed: (address: number) => boolean, distinguishes: boolean): CodeProfile {
    return {
      executed,
      targets: (at) => (distinguishes ? [...(this.#targets.get(at) ?? [])] : []),
      isReturnPoint: (at) => this.returnPoints.has(at),
    };
  }
}
