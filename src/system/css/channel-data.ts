import { nextCcw, type Ccw } from './ccw.ts';
import { programCheck, type ChannelStorage } from './channel-storage.ts';
import type { CommandData } from './device.ts';
import { CCW_CHAIN_DATA, CCW_INDIRECT, CCW_INTERRUPT, CCW_SKIP, CCW_SUSPEND } from './layout.ts';
import type { Orb } from './orb.ts';

/** Highest data address that a CCW of either format, or an IDAW of format 1, can hold. */
const LIMIT_FORMAT_0 = 0x100_0000;
const LIMIT_FORMAT_1 = 0x8000_0000;

/** Where the transfer stands: all that {@link ChannelData.peek} has to put back. */
interface Position {
  readonly ccw: Ccw;
  /** Bytes that the CCW's count still allows. */
  left: number;
  /** Next data address; without meaning where {@link blockLeft} is 0. */
  at: number;
  /** Bytes until the next IDAW is needed. */
  blockLeft: number;
  /** Address of the next IDAW. */
  idaw: number;
}

/** The data areas of one command: counts, data chaining, indirect data addresses. */
export class ChannelData implements CommandData {
  readonly #storage: ChannelStorage;
  readonly #orb: Orb;
  #position: Position;
  /** The device asked for or offered data: it is no immediate operation. */
  used = false;
  /** The device had wanted to transfer more than the program. */
  exceeded = false;
  /** A CCW with the PCI flag took part. */
  interruptionWanted: boolean;

  constructor(storage: ChannelStorage, orb: Orb, ccw: Ccw) {
    this.#storage = storage;
    this.#orb = orb;
    this.#position = this.#start(ccw);
    this.interruptionWanted = (ccw.flags & CCW_INTERRUPT) !== 0;
  }

  /** The CCW in use: the last of the data chain so far. */
  get ccw(): Ccw {
    return this.#position.ccw;
  }

  /** The residual count. */
  get left(): number {
    return this.#position.left;
  }

  receive(length: number): Uint8Array {
    const bytes = this.receiveUpTo(length);
    if (bytes.length < length) this.exceeded = true;
    return bytes;
  }

  receiveUpTo(length: number): Uint8Array {
    this.used = true;
    const bytes = new Uint8Array(length);
    const moved = this.#move(length, false, (at, piece, done) => {
      bytes.set(this.#storage.slice(at, piece), done);
    });
    return bytes.subarray(0, moved);
  }

  send(bytes: Uint8Array): boolean {
    const all = this.#put(bytes) === bytes.length;
    if (!all) this.exceeded = true;
    return all;
  }

  sendUpTo(bytes: Uint8Array): void {
    this.#put(bytes);
  }

  peek(length: number): Uint8Array {
    const before = { ...this.#position };
    const bytes = new Uint8Array(length);
    // Not beyond this CCW: fetching the next cannot be taken back.
    const moved = this.#move(Math.min(length, before.left), false, (at, piece, done) => {
      bytes.set(this.#storage.slice(at, piece), done);
    });
    this.#position = before;
    return bytes.subarray(0, moved);
  }

  #put(bytes: Uint8Array): number {
    this.used = true;
    return this.#move(bytes.length, true, (at, piece, done) => {
      this.#storage.write(at, bytes.subarray(done, done + piece));
    });
  }

  /** Steps through the data areas; returns the bytes that there were, at most `length`. */
  #move(
    length: number,
    store: boolean,
    copy: (at: number, length: number, done: number) => void,
  ): number {
    let done = 0;
    while (done < length && this.#more()) {
      const position = this.#position;
      let piece = Math.min(length - done, position.left);
      // PoP, "Skipping": the count goes down, storage stays as it is.
      if (!store || !(position.ccw.flags & CCW_SKIP)) {
        piece = this.#piece(piece, store);
        copy(position.at, piece, done);
        position.at += piece;
        position.blockLeft -= piece;
      }
      position.left -= piece;
      done += piece;
    }
    return done;
  }

  /** Whether a byte more can be transferred, by data chaining if need be. */
  #more(): boolean {
    const { ccw, left } = this.#position;
    if (left > 0) return true;
    if (!(ccw.flags & CCW_CHAIN_DATA)) return false;
    const next = nextCcw(this.#storage, this.#orb, ccw.at + 8, { dataChained: true });
    // PoP, "Suspension of Channel-Program Execution": only a command's first CCW can ask for it.
    if (next.flags & CCW_SUSPEND) programCheck();
    if (next.flags & CCW_INTERRUPT) this.interruptionWanted = true;
    this.#position = this.#start(next);
    return true;
  }

  #start(ccw: Ccw): Position {
    const indirect = (ccw.flags & CCW_INDIRECT) !== 0;
    return {
      ccw,
      left: ccw.count,
      at: ccw.address,
      blockLeft: indirect ? 0 : this.#limit() - ccw.address,
      idaw: ccw.address,
    };
  }

  #limit(): number {
    return this.#orb.format1 ? LIMIT_FORMAT_1 : LIMIT_FORMAT_0;
  }

  /** How many of `length` bytes at the position's address are contiguous and accessible. */
  #piece(length: number, store: boolean): number {
    const position = this.#position;
    if (position.blockLeft === 0) this.#nextBlock();
    const contiguous = Math.min(length, position.blockLeft);
    return this.#storage.accessible(position.at, contiguous, store);
  }

  /** Takes the next IDAW (PoP, "Indirect-Data-Address Words"). */
  #nextBlock(): void {
    const position = this.#position;
    const { idawSize, idawBlock } = this.#orb;
    const list = position.ccw.address;
    // Without an IDAW list, the data ran against the highest address.
    if (!(position.ccw.flags & CCW_INDIRECT) || position.idaw % idawSize !== 0) programCheck();
    if (position.idaw + idawSize > this.#limit()) programCheck();
    const high = idawSize === 8 ? this.#storage.word(position.idaw) : 0;
    const at = this.#storage.word(position.idaw + idawSize - 4);
    if (high !== 0 || at >= LIMIT_FORMAT_1) programCheck();
    // All but the first designate the beginning of a block.
    if (position.idaw !== list && at % idawBlock !== 0) programCheck();
    position.at = at;
    position.blockLeft = idawBlock - (at % idawBlock);
    position.idaw += idawSize;
  }
}
