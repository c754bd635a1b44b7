import type { Block, Value } from '../../ir/block.ts';
import { OPS } from '../../ir/ops.ts';

/**
 * Guards: one permission check per base value of a block, covering all its displacements.
 *
 * An access is `key + displacement`, where the key stands for a register's value at some version or
 * for a sum. All accesses of a block are executed unless something leaves it, so the first may
 * check for all: when the check fails, the interpreter runs the block and finds the exact fault.
 */
export interface Guard {
  readonly key: string;
  /** The address op of the first access; its arguments make the base. */
  readonly address: Value;
  readonly isStore: boolean;
  /** Displacements: first byte, and one past the last byte. */
  min: number;
  end: number;
  /** For a run-time length: the value of the length code added to `end - 1`. */
  readonly lengthCode?: Value;
}

export interface GuardPlan {
  /** Guards to emit before the value at this index. */
  readonly before: ReadonlyMap<number, Guard[]>;
  /** The key of each address op. */
  readonly keys: ReadonlyMap<Value, string>;
}

interface Access {
  readonly address: Value;
  readonly size: number;
  readonly isStore: boolean;
  readonly lengthCode?: Value;
}

const SIZES: Partial<Record<string, number>> = {
  load8: 1,
  load16: 2,
  load32: 4,
  load64: 8,
  loadF64: 8,
  loadF32: 4,
  store8: 1,
  store16: 2,
  store32: 4,
  store64: 8,
  storeF64: 8,
  storeF32: 4,
};

/** The storage that an op accesses. */
export function accesses(value: Value): Access[] {
  const { op, args } = value;
  const isStore = OPS[op].effect === 'store';
  const size = SIZES[op];
  if (size !== undefined) return [{ address: args[0]!, size, isStore }];
  switch (op) {
    case 'probeStore':
      return [{ address: args[0]!, size: value.imm, isStore: true }];
    case 'storeIf32':
      return [{ address: args[1]!, size: 4, isStore: true }];
    case 'storeIf64':
      return [{ address: args[1]!, size: 8, isStore: true }];
    case 'moveBytes':
    case 'andBytes':
    case 'orBytes':
    case 'xorBytes':
    case 'compareBytes': {
      const code = args[2]!;
      const constant = code.op === 'const32';
      const length = constant ? code.imm + 1 : 1;
      const dynamic = constant ? {} : { lengthCode: code };
      return [
        { address: args[1]!, size: length, isStore: false, ...dynamic },
        { address: args[0]!, size: length, isStore, ...dynamic },
      ];
    }
    default:
      return [];
  }
}

/** Spans of more than a page could step over a closed one. */
const MAX_SPAN = 4096;

export function planGuards(block: Block, merge: boolean): GuardPlan {
  const versions = new Array<number>(16).fill(0);
  const names = new Map<Value, string>();
  const keys = new Map<Value, string>();
  const before = new Map<number, Guard[]>();
  let open = new Map<string, Guard[]>();
  const nameOf = (value: Value): string => names.get(value) ?? `v${value.id}`;
  block.values.forEach((value, i) => {
    switch (value.op) {
      case 'getGr64':
        names.set(value, `r${value.imm}.${versions[value.imm]}`);
        return;
      case 'setGr64':
      case 'setGr32':
      case 'setGrHigh':
        versions[value.imm]!++;
        return;
      case 'address':
        keys.set(value, value.args.map(nameOf).join('+'));
        if (value.imm === 0 && value.args.length === 1) names.set(value, nameOf(value.args[0]!));
        return;
      case 'call':
        for (const r of value.call!.writes) versions[r]!++;
        // The helper may have written into code pages, which closes pages.
        open = new Map();
        return;
      default:
    }
    for (const access of accesses(value)) {
      const { address, size, isStore, lengthCode } = access;
      const isAddress = address.op === 'address';
      const key = isAddress ? keys.get(address)! : nameOf(address);
      keys.set(address, key);
      const min = isAddress ? address.imm : 0;
      const end = min + size;
      const guards = before.get(i) ?? [];
      const make = (): Guard => {
        const guard: Guard = { key, address, isStore, min, end, ...(lengthCode ? { lengthCode } : {}) };
        guards.push(guard);
        before.set(i, guards);
        return guard;
      };
      if (lengthCode || !merge) {
        make();
        continue;
      }
      const same = open.get(key) ?? [];
      open.set(key, same);
      const covering = same.find(
        (g) => g.isStore === isStore && Math.max(g.end, end) - Math.min(g.min, min) <= MAX_SPAN,
      );
      if (covering) {
        covering.min = Math.min(covering.min, min);
        covering.end = Math.max(covering.end, end);
      } else {
        same.push(make());
      }
    }
  });
  dropCovered(before);
  return { before, keys };
}

/** A load guard within the range of a store guard at the same place is not needed. */
function dropCovered(before: Map<number, Guard[]>): void {
  for (const [i, guards] of before) {
    const kept = guards.filter(
      (g) =>
        g.isStore ||
        g.lengthCode ||
        !guards.some((s) => s.isStore && !s.lengthCode && s.key === g.key && s.min <= g.min && s.end >= g.end),
    );
    before.set(i, kept);
  }
}
