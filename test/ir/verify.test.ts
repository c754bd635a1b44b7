import { describe, expect, test } from 'vitest';
import type { Block, Value } from '../../src/ir/block.ts';
import { Builder } from '../../src/ir/builder.ts';
import { verifyBlock } from '../../src/ir/verify.ts';

/** LG %r2,8(%r3); AGR %r2,%r4; BRC 8,...: built by hand, so that it can be broken by hand. */
function block(): Block {
  const ir = new Builder();
  ir.begin({ at: 0x1000, executedAt: 0x1000, length: 6, text: () => 'lg %r2,8(%r3)' });
  ir.setGr64(2, ir.load64(ir.address(3, 8)));
  ir.end();
  ir.begin({ at: 0x1006, executedAt: 0x1006, length: 4, text: () => 'agr %r2,%r4' });
  const a = ir.getGr64(2);
  const b = ir.getGr64(4);
  const sum = ir.add64(a, b);
  ir.setGr64(2, sum);
  ir.setCc(ir.emit('ccAdd64', [a, b, sum]));
  ir.end();
  const finished = ir.finish(0x1000, 0x100a);
  return finished;
}

const find = ({ values }: Block, op: Value['op']): Value => values.find((v) => v.op === op)!;

test('a sound block has no problems', () => {
  expect(verifyBlock(block())).toEqual([]);
});

describe('each rule', () => {
  const cases: [rule: string, breaks: (b: Block) => void, complaint: RegExp][] = [
    [
      'numbers are unique',
      (b) => {
        const add = find(b, 'add64');
        b.values[b.values.indexOf(add)] = { ...add, id: b.values[1]!.id };
      },
      /number is used twice/,
    ],
    [
      'arguments are defined earlier',
      (b) => {
        const add = find(b, 'add64');
        b.values.splice(b.values.indexOf(add), 1);
        b.values.push(add);
      },
      /v\d+ is not defined here/,
    ],
    [
      'arguments have a value',
      (b) => {
        find(b, 'add64').args[0] = find(b, 'setGr64');
      },
      /has no value/,
    ],
    [
      'argument types are declared',
      (b) => {
        find(b, 'add64').op = 'add32';
      },
      /is i64, not i32/,
    ],
    [
      'result types are declared',
      (b) => {
        find(b, 'add64').type = 'i32';
      },
      /is i32, not i64/,
    ],
    ['argument counts are declared', (b) => void find(b, 'add64').args.pop(), /takes 2 arguments/],
    [
      'registers are 0 to 15',
      (b) => {
        find(b, 'getGr64').imm = 16;
      },
      /no register 16/,
    ],
    [
      'constants are int32',
      (b) => {
        find(b, 'address').imm = 2 ** 31;
      },
      /no int32/,
    ],
    [
      'instructions begin in order',
      (b) => {
        find(b, 'insn').imm = 1;
      },
      /instruction 1 begins after -1/,
    ],
    [
      'every instruction begins',
      (b) => {
        b.insns.push({ at: 0x100a, length: 2, text: () => '' });
      },
      /2 instructions begin, of 3/,
    ],
    [
      'instructions follow each other',
      (b) => {
        b.insns[1] = { ...b.insns[1]!, at: 0x1008 };
      },
      /an instruction at 1008, not 1006/,
    ],
    [
      'nothing faults behind a register write',
      (b) => {
        const load = b.values.splice(b.values.indexOf(find(b, 'load64')), 1)[0]!;
        const set = find(b, 'setGr64');
        set.args[0] = find(b, 'getGr64');
        b.values.splice(b.values.indexOf(set) + 1, 0, load);
      },
      /may fault behind a register write/,
    ],
    [
      'terminals use what is defined',
      (b) => {
        const condition: Value = { id: 99, op: 'not', type: 'i32', args: [], imm: 0, immHigh: 0 };
        b.terminal = { kind: 'branch', condition, taken: 0x1000, next: 0x100a };
      },
      /v99 is not defined here/,
    ],
    [
      'terminals have types',
      (b) => {
        b.terminal = { kind: 'indirect', address: find(b, 'ccAdd64'), hint: 'jump' };
      },
      /is i32, not i64/,
    ],
    [
      'terminals have addresses',
      (b) => {
        b.terminal = { kind: 'link', target: -2 };
      },
      /-2 is no address/,
    ],
  ];
  test.each(cases)('%s', (_rule, breaks, complaint) => {
    const broken = block();
    breaks(broken);
    expect(verifyBlock(broken).join('\n')).toMatch(complaint);
  });
});
