import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { describe, expect, it } from 'vitest';
import { readQuery } from '../../../src/adapters/clickhouse/read-query.ts';

/** A client as far as a query needs it; `told` is called between its two requests. */
function reader(told: () => void, sent: string[]): ClickHouseClient {
  const client = {
    query: async () => ({
      json: async () => {
        told();
        return [{ statement: 'SELECT 1' }];
      },
    }),
    exec: async ({ query }: { query: string }) => {
      sent.push(query);
      return { stream: Readable.from([Buffer.from('1\n')]) };
    },
  };
  return client as unknown as ClickHouseClient;
}

async function resultOf(client: ClickHouseClient, signal: AbortSignal): Promise<string> {
  let text = '';
  for await (const part of readQuery(client, async () => {}, 'SELECT 1', { signal })) text += Buffer.from(part);
  return text;
}

describe('readQuery', () => {
  it('begins nothing once it is interrupted, before its first request or between the two', async () => {
    const sent: string[] = [];
    const interruption = new AbortController();
    expect(
      await resultOf(
        reader(() => {}, sent),
        interruption.signal,
      ),
    ).toBe('1\n');
    expect(sent).toEqual(['SELECT 1']);
    const between = resultOf(
      reader(() => interruption.abort(), sent),
      interruption.signal,
    );
    await expect(between).rejects.toMatchObject({ code: 'interrupted' });
    await expect(
      resultOf(
        reader(() => {}, sent),
        interruption.signal,
      ),
    ).rejects.toMatchObject({ code: 'interrupted' });
    expect(sent).toEqual(['SELECT 1']);
  });
});
