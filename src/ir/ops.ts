/**
 * The operations of the intermediate representation, one row each.
 *
 * Types: `i32` and `i64` are integers without a sign; `f32` and `f64` are binary floating-point
 * numbers; `void` ops have an effect and no result. Booleans are `i32` 0 or 1.
 * `effect` says what stops an op from being removed, moved or repeated:
 * - `pure`: nothing; `read`: reads state named by the op; `write`: writes state;
 * - `load`/`store`: guest storage, may fault; `call`: a helper with declared effects;
 * - `trap`: may raise a program interruption.
 */
export type Type = 'i32' | 'i64' | 'f32' | 'f64' | 'void';
export type Effect = 'pure' | 'read' | 'write' | 'load' | 'store' | 'call' | 'trap';

export interface OpInfo {
  readonly args: readonly Type[];
  readonly result: Type;
  readonly effect: Effect;
}

function op(args: string, result: Type, effect: Effect = 'pure'): OpInfo {
  return { args: args === '' ? [] : (args.split(' ') as Type[]), result, effect };
}

export const OPS = {
  // Constants. `imm` is the value (i32) or its low word, `immHigh` the high word.
  const32: op('', 'i32'),
  const64: op('', 'i64'),

  // State; `imm` is the register number.
  getGr64: op('', 'i64', 'read'),
  getGr32: op('', 'i32', 'read'), // low word
  getGrHigh: op('', 'i32', 'read'), // high word
  setGr64: op('i64', 'void', 'write'),
  setGr32: op('i32', 'void', 'write'), // high word unchanged
  setGrHigh: op('i32', 'void', 'write'), // low word unchanged
  getFpr: op('', 'i64', 'read'), // raw bits
  setFpr: op('i64', 'void', 'write'),
  getF64: op('', 'f64', 'read'),
  setF64: op('f64', 'void', 'write'),
  getF32: op('', 'f32', 'read'), // left word
  setF32: op('f32', 'void', 'write'), // right word unchanged
  getFprHigh: op('', 'i32', 'read'), // left word, raw bits
  setFprHigh: op('i32', 'void', 'write'),
  getAr: op('', 'i32', 'read'),
  setAr: op('i32', 'void', 'write'),
  getFpc: op('', 'i32', 'read'),
  getCc: op('', 'i32', 'read'),
  setCc: op('i32', 'void', 'write'),
  getProgramMask: op('', 'i32', 'read'),

  // 64-bit arithmetic and logic.
  add64: op('i64 i64', 'i64'),
  sub64: op('i64 i64', 'i64'),
  mul64: op('i64 i64', 'i64'), // low 64 bits
  mulHigh64u: op('i64 i64', 'i64'), // high 64 bits of the unsigned product
  mulWide32u: op('i32 i32', 'i64'), // unsigned 32x32 to 64
  mulWide32s: op('i32 i32', 'i64'),
  and64: op('i64 i64', 'i64'),
  or64: op('i64 i64', 'i64'),
  xor64: op('i64 i64', 'i64'),
  // Shift amounts are i32 and already in 0-63.
  shl64: op('i64 i32', 'i64'),
  shr64: op('i64 i32', 'i64'),
  sar64: op('i64 i32', 'i64'),
  rotl64: op('i64 i32', 'i64'),
  // Divisors are not zero and the quotient fits: a trap comes first.
  div64s: op('i64 i64', 'i64'),
  rem64s: op('i64 i64', 'i64'),
  div64u: op('i64 i64', 'i64'),
  rem64u: op('i64 i64', 'i64'),

  // 32-bit arithmetic and logic.
  add32: op('i32 i32', 'i32'),
  sub32: op('i32 i32', 'i32'),
  mul32: op('i32 i32', 'i32'),
  and32: op('i32 i32', 'i32'),
  or32: op('i32 i32', 'i32'),
  xor32: op('i32 i32', 'i32'),
  // Shift amounts in 0-63; 32 and more give 0 (shl32, shr32) or the sign (sar32). rotl32: 0-31.
  shl32: op('i32 i32', 'i32'),
  shr32: op('i32 i32', 'i32'),
  sar32: op('i32 i32', 'i32'),
  rotl32: op('i32 i32', 'i32'),

  // Conversions.
  low32: op('i64', 'i32'),
  high32: op('i64', 'i32'),
  make64: op('i32 i32', 'i64'), // high, low
  sext64: op('i32', 'i64'),
  zext64: op('i32', 'i64'),
  sext8: op('i32', 'i32'),
  sext16: op('i32', 'i32'),
  bswap32: op('i32', 'i32'),
  bswap64: op('i64', 'i64'),
  clz64: op('i64', 'i32'), // 64 for zero
  popcount8: op('i64', 'i64'), // bits counted within each byte

  // Comparisons.
  eq32: op('i32 i32', 'i32'),
  lt32s: op('i32 i32', 'i32'),
  lt32u: op('i32 i32', 'i32'),
  eq64: op('i64 i64', 'i32'),
  lt64s: op('i64 i64', 'i32'),
  lt64u: op('i64 i64', 'i32'),
  not: op('i32', 'i32'), // of a boolean
  select32: op('i32 i32 i32', 'i32'), // condition, then, else
  select64: op('i32 i64 i64', 'i64'),

  // Condition codes: functions of operands and results, computed only when somebody asks.
  ccSign32: op('i32', 'i32'), // 0 zero, 1 negative, 2 positive
  ccSign64: op('i64', 'i32'),
  ccZero32: op('i32', 'i32'), // 0 zero, 1 not zero
  ccZero64: op('i64', 'i32'),
  ccAdd32: op('i32 i32 i32', 'i32'), // a, b, sum: as ccSign, 3 on overflow
  ccAdd64: op('i64 i64 i64', 'i32'),
  ccSub32: op('i32 i32 i32', 'i32'), // a, b, difference
  ccSub64: op('i64 i64 i64', 'i32'),
  ccAddLogical32: op('i32 i32', 'i32'), // sum, one addend: 0 zero, 1 not zero; +2 with carry
  ccAddLogical64: op('i64 i64', 'i32'),
  ccSubLogical32: op('i32 i32', 'i32'), // a, b: 1 borrow, 2 zero, 3 greater
  ccSubLogical64: op('i64 i64', 'i32'),
  // With carry: a, b, carry or borrow-complement in (0/1), result.
  ccAddCarry32: op('i32 i32 i32 i32', 'i32'),
  ccAddCarry64: op('i64 i64 i32 i64', 'i32'),
  ccSubBorrow32: op('i32 i32 i32 i32', 'i32'),
  ccSubBorrow64: op('i64 i64 i32 i64', 'i32'),
  ccCompare32s: op('i32 i32', 'i32'), // 0 equal, 1 first low, 2 first high
  ccCompare32u: op('i32 i32', 'i32'),
  ccCompare64s: op('i64 i64', 'i32'),
  ccCompare64u: op('i64 i64', 'i32'),
  ccTestMask: op('i32 i32', 'i32'), // value, mask: 0 no ones, 3 all ones; else 1, or 2 if the leftmost selected bit is one
  ccTestMaskByte: op('i32 i32', 'i32'), // TEST UNDER MASK (TM): 0, 1 mixed, 3
  ccInsert: op('i32 i32', 'i32'), // inserted bits, mask with the same shape: ICM's 0, 1 leftmost one, 2
  ccSignF64: op('f64', 'i32'), // 0 zero, 1 negative, 2 positive, 3 NaN
  ccSignF32: op('f32', 'i32'),
  ccCompareF64: op('f64 f64', 'i32'), // 0, 1 low, 2 high, 3 unordered; NaN operands trap first
  ccCompareF32: op('f32 f32', 'i32'),
  // CONVERT TO FIXED toward zero, of its source: as ccSign, 3 for a NaN or out of range.
  ccToI32F64: op('f64', 'i32'),
  ccToI64F64: op('f64', 'i32'),
  ccTest: op('i32', 'i32'), // condition code; `imm` is the branch mask (8 selects CC 0): boolean

  // Guest addresses. Arguments: base and index, or only one of them, or none; `imm` displacement.
  // The result is wrapped to the addressing mode. `immHigh` is the base register, with which an
  // access register goes; see `INSTRUCTION_SPACE` in builder.ts.
  address: op('i64 i64', 'i64'), // variadic, 0 to 2

  // Guest storage, big-endian, any alignment. The address is an i64.
  load8: op('i64', 'i32', 'load'), // zero-extended
  load16: op('i64', 'i32', 'load'), // zero-extended
  load32: op('i64', 'i32', 'load'),
  load64: op('i64', 'i64', 'load'),
  loadF64: op('i64', 'f64', 'load'),
  loadF32: op('i64', 'f32', 'load'),
  store8: op('i64 i32', 'void', 'store'),
  store16: op('i64 i32', 'void', 'store'),
  store32: op('i64 i32', 'void', 'store'),
  store64: op('i64 i64', 'void', 'store'),
  storeF64: op('i64 f64', 'void', 'store'),
  storeF32: op('i64 f32', 'void', 'store'),
  // Condition, address, value: no access unless the condition (a boolean) is true.
  storeIf32: op('i32 i64 i32', 'void', 'store'),
  storeIf64: op('i32 i64 i64', 'void', 'store'),
  // Storage-to-storage, byte by byte from left to right; the last argument is the length less one
  // (0-255). First address, second address, length code.
  moveBytes: op('i64 i64 i32', 'void', 'store'),
  xorBytes: op('i64 i64 i32', 'i32', 'store'), // result: CC (0 zero, 1 not)
  andBytes: op('i64 i64 i32', 'i32', 'store'),
  orBytes: op('i64 i64 i32', 'i32', 'store'),
  compareBytes: op('i64 i64 i32', 'i32', 'load'), // result: CC
  // Checks that `imm` bytes at the address may be stored before anything else happens.
  probeStore: op('i64', 'void', 'store'),

  // Floating point, FPC rounding mode and exception rules (PoP, chapter 19).
  addF64: op('f64 f64', 'f64', 'trap'),
  subF64: op('f64 f64', 'f64', 'trap'),
  mulF64: op('f64 f64', 'f64', 'trap'),
  divF64: op('f64 f64', 'f64', 'trap'),
  sqrtF64: op('f64', 'f64', 'trap'),
  fmaF64: op('f64 f64 f64', 'f64', 'trap'), // a * b + c
  fmsF64: op('f64 f64 f64', 'f64', 'trap'), // a * b - c
  addF32: op('f32 f32', 'f32', 'trap'),
  subF32: op('f32 f32', 'f32', 'trap'),
  mulF32: op('f32 f32', 'f32', 'trap'),
  divF32: op('f32 f32', 'f32', 'trap'),
  sqrtF32: op('f32', 'f32', 'trap'),
  compareF64: op('f64 f64', 'i32', 'trap'), // quiet: CC; invalid for signalling NaNs
  compareF32: op('f32 f32', 'i32', 'trap'),
  compareSignalF64: op('f64 f64', 'i32', 'trap'), // COMPARE AND SIGNAL: invalid for any NaN
  compareSignalF32: op('f32 f32', 'i32', 'trap'),
  // LOAD AND TEST's result: the operand; a signalling NaN is invalid and becomes quiet.
  quietF64: op('f64', 'f64', 'trap'),
  quietF32: op('f32', 'f32', 'trap'),
  extendF32: op('f32', 'f64', 'trap'), // LOAD LENGTHENED
  // LOAD ROUNDED, current rounding mode. A trapped overflow or underflow has a long result: its
  // right word goes to floating-point register `imm`.
  roundF64: op('f64', 'f32', 'trap'),
  fromI32F64: op('i32', 'f64'), // exact
  fromI64F64: op('i64', 'f64', 'trap'), // current rounding mode
  // Toward zero. Out of range: the nearest integer that fits; a NaN gives the lowest.
  toI32F64: op('f64', 'i32', 'trap'),
  toI64F64: op('f64', 'i64', 'trap'),
  negF64: op('f64', 'f64'),
  absF64: op('f64', 'f64'),
  negAbsF64: op('f64', 'f64'),
  negF32: op('f32', 'f32'),
  absF32: op('f32', 'f32'),
  negAbsF32: op('f32', 'f32'),
  bitsFromF64: op('f64', 'i64'),
  f64FromBits: op('i64', 'f64'),

  // Control.
  // Program interruption `imm` when true (`immHigh`: its data-exception code); nothing has changed.
  trapIf: op('i32', 'void', 'trap'),
  // The same behind the register writes: completion. PIC_DATA with `immHigh` 0: FPC byte 2 has it.
  completeTrapIf: op('i32', 'void', 'trap'),
  call: op('', 'i32', 'call'), // variadic; see helpers.ts
  insn: op('', 'void', 'write'), // an instruction begins; `imm` indexes block.insns
} as const satisfies Record<string, OpInfo>;

export type OpName = keyof typeof OPS;
