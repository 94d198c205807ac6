import { describe, expect, it } from 'vitest';
import { createStoredBytes } from '../../../services/gateway/stored-bytes.ts';
import type { QueryOptions } from '../../../src/ports/result-store.ts';
import { collected } from '../../support/events.ts';
import { createVirtualClock } from '../../support/simulation/virtual-clock.ts';

const models = { get: async () => undefined };
const sql = 'SELECT 1';
const clock = createVirtualClock();

describe("the tables' answers through the gateway", () => {
  it('come whole, in pieces that a message can carry, in the format that was asked for', async () => {
    const bytes = Buffer.alloc(600_000, 'row\n');
    const asked: (QueryOptions | undefined)[] = [];
    const results = {
      async *query(_: string, options?: QueryOptions) {
        asked.push(options);
        yield bytes;
        yield Buffer.from('end');
      },
    };
    const { Query } = createStoredBytes({ models, results, clock });
    const pieces = await collected(Query({ sql, format: 'CSVWithNames' }));
    expect(pieces.map(({ piece }) => piece.length)).toEqual([262_144, 262_144, 75_712, 3]);
    expect(Buffer.concat(pieces.map(({ piece }) => piece)).equals(Buffer.concat([bytes, Buffer.from('end')]))).toBe(
      true,
    );
    await collected(Query({ sql, format: '' }));
    expect(asked.map((options) => options?.format)).toEqual(['CSVWithNames', undefined]);
  });

  it('end in the engine, too, when the caller is gone', async () => {
    const results = {
      async *query(_: string, { signal }: QueryOptions = {}) {
        yield Buffer.from('row');
        if (!signal?.aborted) await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      },
    };
    const answer = createStoredBytes({ models, results, clock }).Query({ sql, format: '' })[Symbol.asyncIterator]();
    await answer.next();
    const pending = answer.next();
    await answer.return!();
    expect((await pending).done).toBe(true);
  });

  it('are given up where nobody reads them, in the engine at once', async () => {
    let ended = 0;
    const results = {
      async *query(_: string, { signal }: QueryOptions = {}) {
        signal?.addEventListener('abort', () => ended++);
        for (;;) yield Buffer.from('row');
      },
    };
    const answer = createStoredBytes({ models, results, clock }).Query({ sql, format: '' })[Symbol.asyncIterator]();
    await answer.next();
    await clock.advance(9 * 60_000);
    expect(ended).toBe(0);
    await answer.next();
    await clock.advance(2 * 60_000);
    expect(ended).toBe(1);
    expect(clock.sleepers).toBe(0);
    const rest = (async () => {
      for (let i = 0; i < 10; i++) await answer.next();
    })();
    await expect(rest).rejects.toMatchObject({
      code: 'resource_exhausted',
      message: expect.stringContaining('not read within 10 minutes: read faster, or ask for less'),
    });
  });

  it('are refused with a remedy where there are no tables', async () => {
    const asking = collected(createStoredBytes({ models, clock }).Query({ sql, format: '' }));
    const refused = { code: 'dependency_missing', message: expect.stringContaining('a user who may only read') };
    await expect(asking).rejects.toMatchObject(refused);
  });
});
