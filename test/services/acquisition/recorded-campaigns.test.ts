import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { encodeEvent } from '../../../src/protocol/event-codec.ts';
import { fromRecord } from '../../../src/protocol/event-message.ts';
import { RECORDED, recordedContent, replayed } from '../../support/recorded-campaigns.ts';

const content = recordedContent();
const records = [...content].flatMap(([topic, partitions]) =>
  partitions.flat().map((record) => ({ topic, ...record })),
);

it('a recorded log keeps every byte of its events', () => {
  const changed = records.filter((record) => !Buffer.from(encodeEvent(fromRecord(record))).equals(record.value));
  expect(records.length).toBeGreaterThan(800);
  expect(changed.map(({ topic, offset, type }) => `${topic} ${offset}: ${type}`)).toEqual([]);
});

it('a recorded log replays to the same ids, hashes and states', () => {
  const recorded: unknown = JSON.parse(readFileSync(`${RECORDED}replayed.json`, 'utf8'));
  expect(JSON.parse(JSON.stringify(replayed(content)))).toEqual(recorded);
});
