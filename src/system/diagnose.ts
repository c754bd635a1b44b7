import { PIC_OPERATION, PIC_SPECIFICATION, ProgramInterruption } from '../cpu/interruption.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import type { AbsoluteStorage } from '../memory/absolute-storage.ts';
import type { Call } from './call.ts';

/** What DIAGNOSE needs of the machine. */
export interface DiagnoseParts {
  readonly storage: AbsoluteStorage;
  /** The real storage address as absolute, for the VCPU of the call. */
  readonly absolute: (real: bigint, size: number) => number;
  /** DIAG 0x308: what to do after a reset. */
  reset(vcpu: Vcpu, kind: 'clear' | 'normal' | 'ipl'): void;
  /** The parameters that DIAG 0x308 sets for the next IPL. */
  readonly iplParameters: { bytes: Uint8Array | undefined };
  /** DIAG 0x500, function 3: returns general register 2. */
  notify(subchannelId: number, queue: bigint): number;
  /** DIAG 0x500, other functions: the s390-virtio bus, where there is one. */
  readonly bus: { hypercall(code: number, operand: bigint): number } | undefined;
  /** DIAG 0x44, 0x9c: the other VCPUs have their turn. */
  yield(): void;
  /** DIAG 0x501: true when somebody had put a breakpoint there. */
  breakpoint(vcpu: Vcpu): boolean;
}

const RELEASE_PAGES = 0x010;
const YIELD = 0x044;
const YIELD_TO = 0x09c;
const PAGE_REFERENCE = 0x258;
const IPL_FUNCTIONS = 0x308;
const VIRTIO = 0x500;
const BREAKPOINT = 0x501;

const RC_OK = 0x0001n;
const RC_NO_PARAMETERS = 0x0102n;
const RC_INVALID = 0x0402n;

/** -EINVAL, as a hypercall of Linux gives it. */
const EINVAL = -22;

/** DIAGNOSE, by its code, the second-operand address. */
export function diagnose(call: Call, parts: DiagnoseParts): void {
  switch (Number(call.address & 0xffffn)) {
    case YIELD:
    case YIELD_TO:
      parts.yield();
      return;
    case RELEASE_PAGES:
      releasePages(call, parts);
      return;
    case PAGE_REFERENCE:
      pageReference(call, parts);
      return;
    case IPL_FUNCTIONS:
      iplFunctions(call, parts);
      return;
    case VIRTIO:
      virtio(call, parts);
      return;
    case BREAKPOINT:
      if (!parts.breakpoint(call.vcpu)) throw new ProgramInterruption(PIC_OPERATION);
      return;
    default:
      throw new ProgramInterruption(PIC_SPECIFICATION);
  }
}

/** The guest does not need pages `R1` to before `R3` (byte addresses) any more: they become zero. */
function releasePages({ state, fields }: Call, { storage }: DiagnoseParts): void {
  const start = state.gr(fields['r1']!);
  const end = state.gr(fields['r3']!);
  if (start & 0xfffn || end & 0xfffn || start >= end || start < 0x2000n) {
    throw new ProgramInterruption(PIC_SPECIFICATION);
  }
  if (end > BigInt(storage.size)) throw new ProgramInterruption(PIC_SPECIFICATION);
  storage.fill(Number(start), Number(end - start), 0);
}

/** Codes of the parameter block's function. */
const TOKEN = 0;
const CANCEL = 1;

/** The guest may be told of page faults of the host: it is never, since there are none. */
function pageReference(call: Call, { storage, absolute }: DiagnoseParts): void {
  const { r1, r3 } = call.fields as { r1: number; r3: number };
  const block = absolute(call.state.gr(r1), 40);
  if (block % 8 !== 0) throw new ProgramInterruption(PIC_SPECIFICATION);
  const code = storage.read16(block);
  const version = storage.read16(block + 6);
  if (code !== PAGE_REFERENCE || version < 2) throw new ProgramInterruption(PIC_SPECIFICATION);
  const function_ = storage.read16(block + 4);
  if (function_ !== TOKEN && function_ !== CANCEL) {
    throw new ProgramInterruption(PIC_SPECIFICATION);
  }
  call.state.setGr(r3, function_ === TOKEN ? 0n : 4n);
}

function iplFunctions(
  call: Call,
  { storage, absolute, reset, iplParameters }: DiagnoseParts,
): void {
  const { r1, r3 } = call.fields as { r1: number; r3: number };
  const { state } = call;
  const subcode = state.gr(r3);
  const answer = (code: bigint): void => {
    state.setGr((r1 + 1) & 15, code);
  };
  const block = (): number => {
    const at = absolute(state.gr(r1), 8);
    if (at % 4096 !== 0 || r1 & 1) throw new ProgramInterruption(PIC_SPECIFICATION);
    return at;
  };
  switch (subcode) {
    case 0n:
      reset(call.vcpu, 'clear');
      return;
    case 1n:
      reset(call.vcpu, 'normal');
      return;
    case 3n:
    case 4n:
      reset(call.vcpu, 'ipl');
      return;
    case 5n: {
      const at = block();
      const length = storage.read32(at);
      if (length < 8 || length > 4096) {
        answer(RC_INVALID);
        return;
      }
      iplParameters.bytes = storage.slice(at, length).slice();
      answer(RC_OK);
      return;
    }
    case 6n: {
      const at = block();
      const { bytes } = iplParameters;
      if (bytes) storage.write(at, bytes);
      answer(bytes ? RC_OK : RC_NO_PARAMETERS);
      return;
    }
    default:
      throw new ProgramInterruption(PIC_SPECIFICATION);
  }
}

/** Function of the virtio hypercall that notifies a device behind a subchannel. */
const NOTIFY_CCW = 3n;

/** The virtio hypercall: function in general register 1, operands in 2 and 3, result in 2. */
function virtio({ state }: Call, { notify, bus }: DiagnoseParts): void {
  const code = state.gr(1);
  const operand = state.gr(2);
  const result =
    code === NOTIFY_CCW
      ? notify(Number(operand & 0xffff_ffffn), state.gr(3))
      : (bus?.hypercall(Number(code), operand) ?? EINVAL);
  state.setGr(2, BigInt.asUintN(64, BigInt(result)));
}
