import { describe, expect, it } from 'vitest';
import type { EventRecord, NewEvent } from '../../src/model/event-record.ts';
import { event } from '../support/events.ts';
import {
  conflictingEvents,
  differingEvents,
  differingOrder,
  type LogContent,
  missingEvents,
  withoutLackingNotes,
} from '../support/simulation/checked-guarantees.ts';

const content = (...partitions: NewEvent[][]): LogContent =>
  new Map([['t', partitions.map((all) => all.map((one, offset): EventRecord => ({ ...one, offset })))]]);
const normalise = (_: string, { id, value }: EventRecord) => `${id}=${Buffer.from(value)}`;
const other = (id: string) => event(id, { value: Buffer.from('other') });
const reference = content([event('a'), event('b')], [event('c')]);

describe('checked guarantees', () => {
  it('pass doubles and other times', () => {
    const doubled = content([event('a'), event('b'), event('a', { time: '2027-01-01T00:00:00Z' })], [event('c')]);
    expect(conflictingEvents(doubled, normalise)).toEqual([]);
    expect(differingEvents(doubled, reference, normalise)).toEqual([]);
    expect(differingOrder(doubled, reference, [{ topic: 't', partition: 0 }])).toEqual([]);
  });

  it('let notes of stored predictions lack, and nothing else', () => {
    const note = (id: string) => event(id, { type: 'io.elastream.PredictionsStored' });
    const noted = content([event('a'), note('n')], [note('m')]);
    const differing = (found: LogContent, expected: LogContent) =>
      differingEvents(found, withoutLackingNotes(expected, found), (_, { id }) => id);
    expect(differing(content([event('a')], [note('m')]), noted)).toEqual([]);
    expect(differing(content([note('n')], [note('m')]), noted)).toEqual(['only in the reference: t 0 a']);
    expect(differing(noted, content([event('a'), note('n')], []))).toEqual(['not in the reference: t 1 m']);
  });

  it('find an id with two contents', () => {
    const found = conflictingEvents(content([event('a'), other('a')], []), normalise);
    expect(found).toEqual(['t a in partition 0 at 1: a=other, first a=value of a']);
  });

  it('find what one log has and the other has not, a partition or topic included', () => {
    expect(differingEvents(content([event('a')], [event('b'), other('c')]), reference, normalise)).toEqual([
      'not in the reference: t 1 b=value of b',
      'not in the reference: t 1 c=other',
      'only in the reference: t 0 b=value of b',
      'only in the reference: t 1 c=value of c',
    ]);
    expect(differingEvents(new Map(), reference, normalise)).toHaveLength(3);
  });

  it('find another order and an event too few', () => {
    const places = [0, 1].map((partition) => ({ topic: 't', partition }));
    expect(differingOrder(content([event('b'), event('a')], []), reference, places)).toEqual([
      't 0: event 0 is b, in the reference a',
      't 1: event 0 is undefined, in the reference c',
    ]);
  });

  it('find an acknowledged event that is not there', () => {
    const at = { topic: 't', partition: 0 };
    const acknowledged = [
      { ...at, id: 'b', offset: 1 },
      { ...at, id: 'a', offset: 1 },
      { ...at, id: 'z', offset: 2 },
    ];
    expect(missingEvents(reference, acknowledged)).toEqual(['t 0: a is not at 1', 't 0: z is not at 2']);
  });
});
