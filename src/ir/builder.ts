import { AS_ACCESS_REGISTER, AS_PRIMARY, AS_SECONDARY } from '../arch/psw.ts';
import { assert } from '../base/assert.ts';
import { highWord } from '../base/int64.ts';
import type { Block, BlockInsn, CodeRange, Terminal, Value } from './block.ts';
import { HELPERS, type HelperName } from './helpers.ts';
import { OPS, type OpName, type Type } from './ops.ts';

/** The mode bits that change what an instruction means; part of a translation's key. */
export interface Mode {
  /** 24, 31 or 64. */
  readonly addressing: 24 | 31 | 64;
  /** PSW bits 20-23: fixed-point overflow 8, decimal overflow 4, HFP underflow 2, significance 1. */
  readonly programMask: number;
  /** Problem state: privileged instructions are refused. */
  readonly problem: boolean;
  /** Address-space control, PSW bits 16-17: an AS_ value of arch/psw.ts. */
  readonly space: number;
  /** Dynamic address translation. */
  readonly dat: boolean;
  /** Program-event recording: every instruction is a block. */
  readonly per: boolean;
}

/**
 * In the access-register mode the base of an address says which access register goes with it; in
 * this and the secondary-space mode relative operands are in another space than others.
 */
export function selectsSpaces({ dat, space }: Mode): boolean {
  return dat && (space === AS_ACCESS_REGISTER || space === AS_SECONDARY);
}

/** Stands for an access register: the operand is in the space that instructions come from. */
export const INSTRUCTION_SPACE = 16;

/** The access register of an address: that of the register it was made from. */
export function accessRegisterOf({ op, args, imm, immHigh }: Value): number {
  if (op === 'address') return immHigh;
  if (op === 'getGr64') return imm;
  return args.length > 0 ? accessRegisterOf(args[0]!) : 0;
}

export const USER_MODE: Mode = {
  addressing: 64,
  programMask: 0,
  problem: true,
  space: AS_PRIMARY,
  dat: true,
  per: false,
};

/** What the builder needs to know of the instruction whose body runs. */
export interface InsnContext extends BlockInsn {
  /** For the target of EXECUTE: the address of the EXECUTE instruction (else equal to `at`). */
  readonly executedAt: number;
  /** For the target of EXECUTE: the run-time value (0-255) ORed into bits 8-15, if any. */
  readonly modifier?: Value;
}

/**
 * What instruction bodies talk to. Register writes are queued and committed when the instruction
 * ends, so a body always reads old values, and nothing architected changes before the last access
 * that may fault: precise interruptions follow from the form.
 */
export class Builder {
  readonly mode: Mode;
  insn!: InsnContext;
  /** See `Block`. */
  readonly executed: CodeRange[] = [];
  #values: Value[] = [];
  #insns: BlockInsn[] = [];
  #queue: Value[] = [];
  #terminal: Terminal | undefined;
  #usesFpc = false;
  #nextId = 0;

  constructor(mode: Mode = USER_MODE) {
    this.mode = mode;
  }

  // ---- block construction, for the translator ----

  /** Starts the instruction `insn`; its body's ops follow. */
  begin(insn: InsnContext): void {
    this.insn = insn;
    const { executedAt: at, length, text } = insn;
    this.#insns.push({
      at,
      length: insn.executedAt === insn.at ? length : this.nextAfterExecute - at,
      text,
    });
    this.#emit('insn', [], this.#insns.length - 1);
  }

  /** Ends the instruction: commits queued register writes. Returns true when the block is ended. */
  end(): boolean {
    for (const set of this.#queue) this.#values.push(set);
    this.#queue.length = 0;
    return this.#terminal !== undefined;
  }

  /** Undoes everything since `begin`, for an instruction that must be translated another way. */
  abandon(): void {
    const start = this.#values.findLastIndex((v) => v.op === 'insn');
    this.#values.length = start;
    this.#insns.pop();
    this.#queue.length = 0;
    this.#terminal = undefined;
  }

  /** The constant that general register `r` is known to hold at this point of the block. */
  knownRegister(r: number): number | undefined {
    for (let i = this.#values.length - 1; i >= 0; i--) {
      const v = this.#values[i]!;
      if (v.op === 'setGr64' && v.imm === r) {
        const source = v.args[0]!;
        if (source.op !== 'const64') return undefined;
        return (source.immHigh >>> 0) * 0x1_0000_0000 + (source.imm >>> 0);
      }
      if ((v.op === 'setGr32' || v.op === 'setGrHigh') && v.imm === r) return undefined;
      if (v.op === 'call' && v.call!.writes.includes(r)) return undefined;
    }
    return undefined;
  }

  /** The finished block; without a terminal it links to `next`. */
  finish(start: number, next: number): Block {
    return {
      start,
      insns: this.#insns,
      values: this.#values,
      terminal: this.#terminal ?? { kind: 'link', target: next },
      executed: this.executed,
      usesFpc: this.#usesFpc,
    };
  }

  // ---- generic emission ----

  #make(op: OpName, type: Type, args: Value[], imm = 0, immHigh = 0): Value {
    return { id: this.#nextId++, op, type, args, imm, immHigh };
  }

  #emit(op: OpName, args: Value[], imm = 0, immHigh = 0): Value {
    const value = this.#make(op, OPS[op].result, args, imm, immHigh);
    this.#values.push(value);
    return value;
  }

  /** Any op that is neither a register write nor a helper call, with argument types checked. */
  emit(op: OpName, args: Value[] = [], imm = 0, immHigh = 0): Value {
    const info = OPS[op];
    if (op !== 'address') {
      assert(info.args.length === args.length, `${op} takes ${info.args.length} arguments`);
    }
    for (let i = 0; i < args.length; i++) {
      assert(args[i]!.type === info.args[i], `${op} argument ${i} is ${args[i]!.type}`);
    }
    if (info.effect === 'trap' && op !== 'trapIf') this.#usesFpc = true;
    return this.#emit(op, args, imm, immHigh);
  }

  #set(op: OpName, register: number, value: Value): void {
    assert(value.type === OPS[op].args[0], `${op} of ${value.type}`);
    this.#queue.push(this.#make(op, 'void', [value], register));
  }

  // ---- constants and registers ----

  const32(value: number): Value {
    return this.emit('const32', [], value | 0);
  }

  /** A 64-bit constant from a safe integer (sign-extended) . */
  const64(value: number): Value {
    return this.emit('const64', [], value | 0, highWord(value));
  }

  constPair(hi: number, lo: number): Value {
    return this.emit('const64', [], lo | 0, hi | 0);
  }

  getGr64(r: number): Value {
    return this.emit('getGr64', [], r);
  }
  getGr32(r: number): Value {
    return this.emit('getGr32', [], r);
  }
  getGrHigh(r: number): Value {
    return this.emit('getGrHigh', [], r);
  }
  setGr64(r: number, value: Value): void {
    this.#set('setGr64', r, value);
  }
  setGr32(r: number, value: Value): void {
    this.#set('setGr32', r, value);
  }
  setGrHigh(r: number, value: Value): void {
    this.#set('setGrHigh', r, value);
  }
  getFpr(r: number): Value {
    return this.emit('getFpr', [], r);
  }
  setFpr(r: number, bits: Value): void {
    this.#set('setFpr', r, bits);
  }
  getFprHigh(r: number): Value {
    return this.emit('getFprHigh', [], r);
  }
  setFprHigh(r: number, bits: Value): void {
    this.#set('setFprHigh', r, bits);
  }
  getF64(r: number): Value {
    return this.emit('getF64', [], r);
  }
  setF64(r: number, value: Value): void {
    this.#set('setF64', r, value);
  }
  getF32(r: number): Value {
    return this.emit('getF32', [], r);
  }
  setF32(r: number, value: Value): void {
    this.#set('setF32', r, value);
  }
  getAr(r: number): Value {
    return this.emit('getAr', [], r);
  }
  setAr(r: number, value: Value): void {
    this.#set('setAr', r, value);
  }
  getCc(): Value {
    return this.emit('getCc');
  }
  /** Sets the condition code to an i32 in 0-3, usually the result of a cc op. */
  setCc(value: Value): void {
    this.#set('setCc', 0, value);
  }

  /** A boolean: whether branch mask `m` (8 selects CC 0, 1 selects CC 3) accepts the CC. */
  condition(m: number): Value {
    return this.emit('ccTest', [this.getCc()], m);
  }

  // ---- common arithmetic, so that bodies read well ----

  add64(a: Value, b: Value): Value {
    return this.emit('add64', [a, b]);
  }
  sub64(a: Value, b: Value): Value {
    return this.emit('sub64', [a, b]);
  }
  and64(a: Value, b: Value): Value {
    return this.emit('and64', [a, b]);
  }
  or64(a: Value, b: Value): Value {
    return this.emit('or64', [a, b]);
  }
  xor64(a: Value, b: Value): Value {
    return this.emit('xor64', [a, b]);
  }
  add32(a: Value, b: Value): Value {
    return this.emit('add32', [a, b]);
  }
  sub32(a: Value, b: Value): Value {
    return this.emit('sub32', [a, b]);
  }
  and32(a: Value, b: Value): Value {
    return this.emit('and32', [a, b]);
  }
  or32(a: Value, b: Value): Value {
    return this.emit('or32', [a, b]);
  }
  xor32(a: Value, b: Value): Value {
    return this.emit('xor32', [a, b]);
  }
  low32(a: Value): Value {
    return this.emit('low32', [a]);
  }
  high32(a: Value): Value {
    return this.emit('high32', [a]);
  }
  make64(hi: Value, lo: Value): Value {
    return this.emit('make64', [hi, lo]);
  }
  sext64(a: Value): Value {
    return this.emit('sext64', [a]);
  }
  zext64(a: Value): Value {
    return this.emit('zext64', [a]);
  }
  select32(c: Value, a: Value, b: Value): Value {
    return this.emit('select32', [c, a, b]);
  }
  select64(c: Value, a: Value, b: Value): Value {
    return this.emit('select64', [c, a, b]);
  }
  not(a: Value): Value {
    return this.emit('not', [a]);
  }

  // ---- addresses and storage ----

  /** D(X,B) of PoP "Address Generation": register 0 means no component; wrapped to the mode. */
  address(b: number, d: number, x = 0): Value {
    const parts: Value[] = [];
    if (b !== 0) parts.push(this.getGr64(b));
    if (x !== 0) parts.push(this.getGr64(x));
    return this.emit('address', parts, d, b);
  }

  /** `value + displacement`, wrapped to the addressing mode. */
  addressAt(value: Value, displacement = 0): Value {
    return this.emit('address', [value], displacement, accessRegisterOf(value));
  }

  /** A constant address such as the operand of a relative-long instruction. */
  addressConst(address: number): Value {
    const value = this.const64(address);
    return selectsSpaces(this.mode) ? this.emit('address', [value], 0, INSTRUCTION_SPACE) : value;
  }

  load8(a: Value): Value {
    return this.emit('load8', [a]);
  }
  load16(a: Value): Value {
    return this.emit('load16', [a]);
  }
  load32(a: Value): Value {
    return this.emit('load32', [a]);
  }
  load64(a: Value): Value {
    return this.emit('load64', [a]);
  }
  store8(a: Value, v: Value): Value {
    return this.emit('store8', [a, v]);
  }
  store16(a: Value, v: Value): Value {
    return this.emit('store16', [a, v]);
  }
  store32(a: Value, v: Value): Value {
    return this.emit('store32', [a, v]);
  }
  store64(a: Value, v: Value): Value {
    return this.emit('store64', [a, v]);
  }

  /**
   * The length code in bits 8-15 of an SS-a instruction as a value: a constant, or with the low
   * byte of EXECUTE's R1 ORed in. Bodies that use it can be executed with any length.
   */
  lengthCode(l: number): Value {
    const { modifier } = this.insn;
    if (!modifier) return this.const32(l);
    this.modifierUsed = true;
    return l === 0 ? modifier : this.or32(this.const32(l), modifier);
  }

  /** Whether the body took the EXECUTE modifier into account: see {@link lengthCode}. */
  modifierUsed = false;

  // ---- helpers and control ----

  /**
   * Calls a run-time helper. `numbers` are constants (register numbers, masks), `args` IR values.
   * `reads`/`writes` list the general registers that the helper touches in the register file.
   */
  call(
    helper: HelperName,
    numbers: number[],
    args: Value[],
    effects: {
      reads?: number[];
      writes?: number[];
      readsFpr?: number[];
      writesFpr?: number[];
    } = {},
  ): Value {
    const info = HELPERS[helper];
    assert(
      info.numbers.length === numbers.length,
      `${helper} takes ${info.numbers.length} numbers`,
    );
    assert(info.args.length === args.length, `${helper} takes ${info.args.length} arguments`);
    const value = this.#make('call', info.result, args);
    value.call = {
      helper,
      numbers,
      reads: effects.reads ?? [],
      writes: effects.writes ?? [],
      readsFpr: effects.readsFpr ?? [],
      writesFpr: effects.writesFpr ?? [],
    };
    this.#values.push(value);
    return value;
  }

  /**
   * Raises program interruption `code` when `condition` is true; emit it before any write.
   * `dxc` goes with a data exception.
   */
  trapIf(condition: Value, code: number, dxc = 0): void {
    this.emit('trapIf', [condition], code, dxc);
  }

  /**
   * Completes the instruction, then raises `code` when `condition` is true (fixed-point overflow
   * and the like). Only emitted in modes whose program mask asks for it.
   */
  completeTrapIf(condition: Value, code: number, dxc = 0): void {
    this.#queue.push(this.#make('completeTrapIf', 'void', [condition], code, dxc));
  }

  /** The instruction always raises `code`; it is suppressed. `dxc` goes with a data exception. */
  raise(code: number, dxc = 0): void {
    this.#queue.length = 0;
    this.#end({ kind: 'interrupt', code, at: this.insn.executedAt, dxc });
  }

  /** Address of the next sequential instruction (after the EXECUTE for an executed one). */
  get next(): number {
    return this.insn.executedAt === this.insn.at
      ? this.insn.at + this.insn.length
      : this.nextAfterExecute;
  }

  /** Bytes of the instruction, or of the EXECUTE of it. */
  get length(): number {
    return this.next - this.insn.executedAt;
  }

  /** Set by the translator while the body of an EXECUTE target runs. */
  nextAfterExecute = 0;

  #end(terminal: Terminal): void {
    assert(this.#terminal === undefined, 'a block has one terminal');
    this.#terminal = terminal;
  }

  jump(target: number): void {
    this.#end({ kind: 'link', target });
  }

  branch(condition: Value, target: number): void {
    this.#end({ kind: 'branch', condition, taken: target, next: this.next });
  }

  branchIndirect(condition: Value | undefined, address: Value, hint: 'return' | 'jump'): void {
    this.#end(
      condition
        ? { kind: 'branchIndirect', condition, address, next: this.next, hint }
        : { kind: 'indirect', address, hint },
    );
  }

  /** Branch and save: the link register must be written with setGr64 as well. */
  callTo(target: number | Value): void {
    this.#end({ kind: 'call', target, next: this.next });
  }

  supervisorCall(number: number): void {
    this.#end({ kind: 'supervisorCall', number, next: this.next });
  }

  /**
   * The machine carries out the instruction, outside of the CPU: channel instructions, SIGNAL
   * PROCESSOR, DIAGNOSE. It finds operands by `fields`, and registers as they were before.
   */
  intercept(mnemonic: string, fields: Readonly<Record<string, number>>): void {
    this.#end({ kind: 'intercept', mnemonic, fields, at: this.insn.executedAt, next: this.next });
  }

  /** Ends the block because the instruction changed the mode (FPC, program mask, addressing). */
  modeChange(next: number | Value = this.next): void {
    this.#end({ kind: 'modeChange', next });
  }

  /** The same, where only the helper that returned `condition` knows whether it did. */
  modeChangeIf(condition: Value): void {
    this.#end({ kind: 'modeChange', next: this.next, condition });
  }

  executeAt(target: Value, modifier: Value | undefined): void {
    this.#end({ kind: 'execute', at: this.insn.at, target, modifier, next: this.next });
  }
}
