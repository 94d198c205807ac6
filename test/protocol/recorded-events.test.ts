import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeEvent, encodeEvent } from '../../src/protocol/event-codec.ts';
import { EVENTS } from '../support/event-arbitraries.ts';
import { EXAMPLE_EVENTS } from '../support/example-events.ts';

interface RecordedEvent {
  readonly type: string;
  readonly base64: string;
}

const FIXTURE = new URL('../fixtures/recorded-events.json', import.meta.url);
const { events } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { events: RecordedEvent[] };

describe('recorded events', () => {
  it('are of every type', () => {
    expect([...new Set(events.map(({ type }) => type))].sort()).toEqual(Object.keys(EVENTS).sort());
    expect(events.length).toBe(EXAMPLE_EVENTS.length);
  });

  it.each(events.map((event, i) => [event.type, i, event.base64] as const))(
    'decode as ever: %s (%i)',
    (type, i, base64) => {
      const example = EXAMPLE_EVENTS[i]!;
      expect(decodeEvent(type, Buffer.from(base64, 'base64'))).toStrictEqual(example);
      // Older readers understand what this version writes only as long as fields are added and never changed.
      expect(Buffer.from(encodeEvent(example)).toString('base64')).toBe(base64);
    },
  );
});
