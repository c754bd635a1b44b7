import { PIC_OPERAND, PIC_SPECIFICATION, ProgramInterruption } from '../cpu/interruption.ts';
import { CR } from '../cpu/state.ts';
import type { CallHandler } from './call.ts';
import type { ChannelSubsystem } from './css/channel-subsystem.ts';
import { EXTENDED_ORB_SIZE, ORB_EXTENSION, ORB_SIZE } from './css/layout.ts';
import type { InterruptionSink } from './services.ts';

/** What I/O instructions need of the machine. */
export interface ChannelParts {
  readonly css: ChannelSubsystem;
  readonly sink: InterruptionSink;
  /** Real storage of the VCPU, for operands without address. */
  readonly storeReal: (at: number, bytes: Uint8Array) => void;
}

/** The I/O instructions (PoP, chapter 14): operands in, condition code out. */
export function channelCalls({ css, sink, storeReal }: ChannelParts): Record<string, CallHandler> {
  return {
    SSCH: (call) => {
      let orb = call.read(ORB_SIZE, 4);
      if (orb[7]! & ORB_EXTENSION) orb = call.read(EXTENDED_ORB_SIZE, 4);
      call.setCc(css.startSubchannel(call.gr1, orb));
    },
    MSCH: (call) => {
      const schib = call.read(52, 4);
      call.setCc(css.modifySubchannel(call.gr1, schib));
    },
    STSCH: (call) => {
      call.checkStore(52, 4);
      const { cc, schib } = css.storeSubchannel(call.gr1);
      if (schib) call.write(schib, 4);
      call.setCc(cc);
    },
    TSCH: (call) => {
      call.checkStore(64, 4);
      const { cc, irb } = css.testSubchannel(call.gr1);
      if (irb) call.write(irb, 4);
      call.setCc(cc);
    },
    HSCH: (call) => {
      call.setCc(css.haltSubchannel(call.gr1));
    },
    CSCH: (call) => {
      call.setCc(css.clearSubchannel(call.gr1));
    },
    RSCH: (call) => {
      call.setCc(css.resumeSubchannel(call.gr1));
    },
    XSCH: (call) => {
      call.setCc(css.cancelSubchannel(call.gr1));
    },
    STCRW: (call) => {
      call.checkStore(4, 4);
      const { cc, crw } = css.storeChannelReportWord();
      call.write(wordBytes(crw), 4);
      call.setCc(cc);
    },
    SCHM: (call) => {
      css.setChannelMonitor(call.gr1, call.state.gr32(2) >>> 0);
    },
    RCHP: (call) => {
      call.setCc(css.resetChannelPath(call.gr1));
    },
    STCPS: (call) => {
      call.write(css.storeChannelPathStatus(), 32);
    },
    SAL: (call) => {
      css.setAddressLimit(call.gr1);
    },
    TPI: (call) => {
      const { address, state } = call;
      if (address & 3n) throw new ProgramInterruption(PIC_SPECIFICATION);
      const size = address === 0n ? 12 : 8;
      if (address !== 0n) call.checkStore(size, 4);
      const io = sink.takeIo(Number((state.u64[CR6]! >> 24n) & 0xffn));
      call.setCc(io ? 1 : 0);
      if (!io) return;
      const adapter = io.adapter ? 0x8000_0000 : 0;
      const words = [io.adapter ? 0 : io.subsystemId, io.parameter, adapter | (io.isc << 27)];
      const bytes = new Uint8Array(words.flatMap((word) => [...wordBytes(word)]));
      // Without an operand they go where the interruption would have put them.
      if (address === 0n) storeReal(0xb8, bytes);
      else call.write(bytes.subarray(0, 8), 4);
    },
    CHSC: (call) => {
      const register = call.fields['r1']!;
      const at = call.state.gr(register);
      if (at & 0xfffn) throw new ProgramInterruption(PIC_SPECIFICATION);
      const operand = call.at(at);
      const block = operand.read(4096, 4096);
      const view = new DataView(block.buffer);
      const length = view.getUint16(0);
      if (length < 8 || length > 4088 || length & 7) throw new ProgramInterruption(PIC_OPERAND);
      const cc = css.channelSubsystemCall(block);
      operand.write(block, 4096);
      call.setCc(cc);
    },
    SIGA: (call) => {
      // No queues of that kind: not operational.
      call.setCc(3);
    },
  };
}

/** Index of control register 6 among 64-bit words. */
const CR6 = CR / 2 + 6;

function wordBytes(word: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, word);
  return bytes;
}
