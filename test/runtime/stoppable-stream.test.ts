import { describe, expect, it } from 'vitest';
import { stoppableStream } from '../../src/runtime/stoppable-stream.ts';
import { collected } from '../support/events.ts';

describe('a stoppable stream', () => {
  it('gives what the generator gives, anew to each who iterates', async () => {
    const stream = stoppableStream(async function* () {
      yield* [1, 2];
    });
    expect([await collected(stream), await collected(stream)]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('ends a wait of the generator when whoever iterates stops', async () => {
    let cleaned = false;
    const stream = stoppableStream<number>(async function* (signal) {
      try {
        yield 1;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      } finally {
        cleaned = true;
      }
    });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const pending = iterator.next();
    await iterator.return!();
    expect([(await pending).done, cleaned]).toEqual([true, true]);
  });
});
