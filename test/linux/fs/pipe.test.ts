import { describe, expect, test } from 'vitest';
import { EAGAIN, EBUSY, EPERM, EPIPE } from '../../../src/linux/errno.ts';
import {
  O_RDONLY,
  O_WRONLY,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
} from '../../../src/linux/fs/flags.ts';
import { ByteQueue, Pipe, PipeEnd } from '../../../src/linux/fs/pipe.ts';

/** Numbers from a seed, the same in every run (xorshift32). */
function* randomNumbers(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield state >>> 0;
  }
}

test('a queue in a ring gives back what was put in, as an array would', () => {
  const random = randomNumbers(390);
  const next = (below: number): number => random.next().value! % below;
  const queue = new ByteQueue(97);
  const model: number[] = [];
  for (let i = 0; i < 5000; i++) {
    const bytes = Uint8Array.from({ length: next(60) }, () => next(256));
    switch (next(4)) {
      case 0:
      case 1: {
        const taken = queue.put(bytes);
        expect(taken).toBe(Math.min(bytes.length, queue.capacity - model.length));
        model.push(...bytes.subarray(0, taken));
        break;
      }
      case 2: {
        const peeked = new Uint8Array(bytes.length);
        const count = queue.peek(peeked);
        expect([...peeked.subarray(0, count)]).toEqual(model.slice(0, bytes.length));
        expect(queue.take(bytes)).toBe(count);
        expect([...bytes.subarray(0, count)]).toEqual(model.splice(0, count));
        break;
      }
      default:
        queue.resize(Math.max(model.length, 1 + next(200)));
    }
    expect(queue.length).toBe(model.length);
    expect(queue.space).toBe(queue.capacity - model.length);
  }
});

function makePipe() {
  const pipe = new Pipe(0n);
  return { pipe, reader: new PipeEnd(pipe, O_RDONLY), writer: new PipeEnd(pipe, O_WRONLY) };
}

describe('a pipe (pipe(7))', () => {
  test('holds 64 KiB, and what a writer of more has to wait for', () => {
    const { reader, writer } = makePipe();
    expect(reader.tryRead(new Uint8Array(1))).toBe(-EAGAIN);
    expect(writer.tryWrite(new Uint8Array(70_000))).toBe(65_536);
    expect(writer.tryWrite(new Uint8Array(1))).toBe(-EAGAIN);
    expect(writer.poll() & POLLOUT).toBe(0);
  });

  test('never splits a write of PIPE_BUF bytes or fewer', () => {
    const { reader, writer } = makePipe();
    writer.tryWrite(new Uint8Array(65_536 - 4095));
    expect(writer.tryWrite(new Uint8Array(4096))).toBe(-EAGAIN);
    expect(writer.tryWrite(new Uint8Array(4097))).toBe(4095);
    expect(reader.tryRead(new Uint8Array(100_000))).toBe(65_536);
  });

  test('ends for readers when the last writer has gone, after what is left', () => {
    const { reader, writer } = makePipe();
    writer.retain();
    writer.tryWrite(Uint8Array.of(1, 2));
    writer.release();
    expect(reader.poll()).toBe(POLLIN | POLLRDNORM);
    writer.release();
    expect(reader.poll()).toBe(POLLIN | POLLRDNORM | POLLHUP);
    expect(reader.tryRead(new Uint8Array(9))).toBe(2);
    expect(reader.tryRead(new Uint8Array(9))).toBe(0);
    expect(reader.poll()).toBe(POLLHUP);
  });

  test('is broken for writers when the last reader has gone', () => {
    const { reader, writer } = makePipe();
    reader.release();
    expect(writer.tryWrite(Uint8Array.of(1))).toBe(-EPIPE);
    expect(writer.poll()).toBe(POLLOUT | POLLWRNORM | POLLERR);
  });

  test('can be given another size, rounded up to a power of two pages', () => {
    const { writer } = makePipe();
    expect(writer.setCapacity(5000)).toBe(8192);
    expect(writer.setCapacity((1 << 20) + 1)).toBe(-EPERM);
    writer.tryWrite(new Uint8Array(8192));
    expect(writer.setCapacity(4096)).toBe(-EBUSY);
  });
});
