import { describe, expect, it } from 'vitest';
import { EVENT_BYTES_MAX, eventBytes } from '../../src/model/event-record.ts';
import type { MaterialIngested } from '../../src/model/events.ts';
import { createLattice } from '../../src/model/lattice.ts';
import { materialHash } from '../../src/model/material-hash.ts';
import { parseMaterialId } from '../../src/model/material-id.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import { createStructure, SITES_MAX } from '../../src/model/structure.ts';
import { createTopics } from '../../src/model/topics.ts';
import { fromRecord, toNewEvent } from '../../src/protocol/event-message.ts';
import { routeOf } from '../../src/protocol/event-routes.ts';
import { EXAMPLE_EVENTS } from '../support/example-events.ts';

const ORIGIN = { time: '2026-01-02T03:04:05.678Z', source: '/elastream/test' };
const ROUTE = { key: Buffer.from('key'), id: 'id' };

describe('toNewEvent and fromRecord', () => {
  it('bring every event through the log', () => {
    for (const example of EXAMPLE_EVENTS) {
      const record = { ...toNewEvent(example, ROUTE, ORIGIN), offset: 3 };
      expect(record).toMatchObject({ ...ROUTE, ...ORIGIN, type: `elastream.v1.${example.type}` });
      expect(fromRecord(record)).toStrictEqual(example);
    }
  });

  it('fit the largest material into the log', () => {
    const structure = createStructure(
      createLattice([1e3, 0, 0, 0, 1e3, 0, 0, 0, 1e3]),
      new Uint8Array(SITES_MAX).fill(118),
      Float64Array.from({ length: 3 * SITES_MAX }, (_, i) => 1 / (i + 1)),
    );
    const material = { id: parseMaterialId('i'.repeat(128)), structure, spaceGroup: 1 };
    const event: MaterialIngested = {
      type: 'MaterialIngested',
      source: 'elastic.jsonl',
      material,
      materialHash: materialHash(material),
    };
    const route = routeOf(event, createTopics({ featureSchema: 'paper-v1' }));
    expect(eventBytes(toNewEvent(event, route, ORIGIN))).toBeLessThan(EVENT_BYTES_MAX);
  });

  it.each([
    [
      { type: '' },
      'what stands at offset 3 is no event of elastream: it lacks attributes; let nothing else write to this topic',
    ],
    [{ time: '' }, 'event id at offset 3 has the time "", which is none'],
    [{ time: 'soon' }, 'event id at offset 3 has the time "soon", which is none'],
  ])('refuse what another program wrote: %j', (change, problem) => {
    const record = { ...toNewEvent({ type: 'EpochClaimed', epoch: 1, writer: 'w' }, ROUTE, ORIGIN), offset: 3 };
    expect(() => fromRecord({ ...record, ...change })).toThrow(new RejectedInput('bad_message', problem));
  });

  it('refuse an event without a value', () => {
    for (const { type } of EXAMPLE_EVENTS) {
      const record = { ...toNewEvent({ type: 'EpochClaimed', epoch: 1, writer: 'w' }, ROUTE, ORIGIN), offset: 3 };
      const empty = { ...record, type: `elastream.v1.${type}`, value: new Uint8Array() };
      expect(() => fromRecord(empty), type).toThrow(RejectedInput);
    }
  });

  it.each(['EpochClaimed', 'elastream.v2.EpochClaimed', 'com.example.Ordered'])(
    'refuse the foreign type %s',
    (type) => {
      const record = { ...toNewEvent({ type: 'EpochClaimed', epoch: 1, writer: 'w' }, ROUTE, ORIGIN), offset: 3, type };
      const problem = `event id at offset 3 has the foreign type "${type}"`;
      expect(() => fromRecord(record)).toThrow(new RejectedInput('bad_message', problem));
    },
  );
});
