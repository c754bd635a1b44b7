import { describe, expect, test } from 'vitest';
import { assembleProgram } from '../../src/isa/assemble-program.ts';
import { assemble } from '../../src/isa/assembler.ts';
import { hexBytes } from '../../src/base/hex.ts';

const hex = (text: string, at = 0): string => hexBytes(assemble(text, at));

describe('assemble', () => {
  // Bytes from GNU as.
  test.each([
    ['agr %r1,%r2', 'b9080012'],
    ['AGR 1,2', 'b9080012'],
    ['agr r1, r2', 'b9080012'],
    ['lg %r1,0(%r2)', 'e31020000004'],
    ['lg %r1,-8(%r5,%r2)', 'e3152ff8ff04'],
    ['lg %r1,4096', 'e31000000104'],
    ['ay %r1,-524288(%r5,%r0)', 'e3150000805a'],
    ['nopr', '0700'],
    ['nop', '47000000'],
    ['br %r14', '07fe'],
    ['brc 7,.+8', 'a7740004'],
    ['jnz .-4', 'a774fffe'],
    ['brasl %r14,0x1234', 'c0e50000091a'],
  ])('%s', (text, bytes) => {
    expect(hex(text)).toBe(bytes);
  });

  test('targets of relative operands are addresses', () => {
    expect(hex('j 0x1000', 0x1008)).toBe('a7f4fffc');
  });

  test.each([
    ['frob %r1', 'frob %r1: unknown mnemonic "frob"'],
    ['agr %r1', 'agr %r1: 1 operands, wants R1,R2'],
    ['agr %r1,%r16', 'agr %r1,%r16: operand "%r16" is not in 0..15'],
    ['agr %r1,%f2', 'agr %r1,%f2: "%f2" is not a %r register'],
    ['ahi %r1,32768', 'ahi %r1,32768: operand "32768" is not in -32768..32767'],
    ['a %r1,4096(%r2)', 'a %r1,4096(%r2): operand "4096" is not in 0..4095'],
    ['j 3', 'j 3: target "3" is at an odd distance'],
    ['j nowhere', 'j nowhere: undefined symbol "nowhere"'],
    ['', ': not an instruction'],
  ])('refuses %j', (text, message) => {
    expect(() => assemble(text)).toThrow(message);
  });
});

describe('assembleProgram', () => {
  test('labels, data and comments', () => {
    const { bytes, labels } = assembleProgram(
      `start: larl %r1,value  # a comment
              j start
              .align 8
       value: .quad 0x123456789abcdef0, -1
              .byte 1, 'a'
              .ascii "x#y\\n"
              .long start`,
      0x1000,
    );
    expect(labels).toEqual(
      new Map([
        ['start', 0x1000],
        ['value', 0x1010],
      ]),
    );
    expect(hexBytes(bytes)).toBe(
      'c01000000008' +
        'a7f4fffd' +
        '000000000000' +
        '123456789abcdef0ffffffffffffffff' +
        '0161' +
        '7823790a' +
        '00001000',
    );
  });

  test('an error names its line', () => {
    expect(() => assembleProgram('agr %r1,%r2\n\nagr %r1')).toThrow(/^line 3: agr %r1: /);
    expect(() => assembleProgram('a: nopr\na: nopr')).toThrow('line 2: label a is defined twice');
    expect(() => assembleProgram('.frob 1')).toThrow('line 1: unknown directive ".frob"');
    expect(() => assembleProgram('.byte 256')).toThrow('line 1: "256" does not fit 1 bytes');
  });
});
