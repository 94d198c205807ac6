import { describe, expect, it } from 'vitest';
import type { EventRecord } from '../../src/model/event-record.ts';
import type { DomainEvent } from '../../src/protocol/domain-event.ts';
import { encodeEvent } from '../../src/protocol/event-codec.ts';
import { TrainMember } from '../../src/protocol/generated/elastream/v1/events.generated.ts';
import { decodeRecords } from '../../src/runtime/decode-records.ts';
import { created, runCampaign } from '../support/campaigns.ts';
import { event } from '../support/events.ts';
import { EXAMPLE_EVENTS } from '../support/example-events.ts';
import { labelIngested } from '../support/label-events.ts';

const CHECKED = new Set([
  'MaterialIngested',
  'StructureFeaturized',
  'RoundOpened',
  'MemberTrained',
  'CalculationRequested',
]);
const EXAMPLE = labelIngested();
const VALUE = encodeEvent(EXAMPLE);

function batch(...records: Partial<EventRecord>[]) {
  const whole = records.map((record, i) => ({ ...event(`e${i}`), offset: 10 * i, ...record }));
  return { topic: 't', partition: 3, records: whole, next: 99 };
}

describe('decoding records', () => {
  it('tells of each event where it stood, its key and its time', () => {
    const type = `elastream.v1.${EXAMPLE.type}`;
    const { received, refused } = decodeRecords(batch({}, { type, value: VALUE, key: Buffer.from('mp-鉄') }));
    const place = { topic: 't', partition: 3, offset: 10, key: 'mp-鉄', id: 'e1', time: '2026-01-02T03:04:05.678Z' };
    expect(received).toEqual([{ event: EXAMPLE, ...place }]);
    expect(refused).toHaveLength(1);
  });

  it('refuses what it cannot understand, under an id that its place alone gives', () => {
    const foreign = { type: 'org.example.Other' };
    const torn = { type: 'elastream.v1.LabelIngested', value: Buffer.from([255]) };
    const { received, refused } = decodeRecords(batch(foreign, torn, { type: 'elastream.v2.Unheard' }));
    expect(received).toEqual([]);
    expect(refused.map(({ rejection }) => rejection)).toMatchObject(
      [0, 10, 20].map((offset) => ({ code: 'bad_message', source: 't', locator: `partition 3 offset ${offset}` })),
    );
    expect(new Set(refused.map(({ id }) => id)).size).toBe(3);
    expect(decodeRecords(batch(torn)).refused[0]!.id).toBe(refused[0]!.id);
  });

  it('says why in words that fit the log, whatever they repeat', () => {
    const { refused } = decodeRecords(batch({ type: '😀'.repeat(500_000) }));
    expect(refused[0]!.rejection.message).toHaveLength(1000);
    expect(refused[0]!.rejection.message.isWellFormed()).toBe(true);
  });

  it('tells of what a newer version wrote, and whose it is; it is no rejection', () => {
    const type = 'elastream.v1.MoonPhaseChanged';
    const names = { campaign: 'first', round: 1, snapshotHash: '', member: 4, parkings: 0 };
    const value = TrainMember.encode(names).finish();
    const of = (topic: string, change: Partial<EventRecord>) => {
      const { received, refused } = decodeRecords({ ...batch({ type, ...change }), topic: `elastream.${topic}.v1` });
      expect(refused).toEqual([]);
      return received.map(({ event: met }) => met);
    };
    const met = { type: 'NewerEvent', name: 'MoonPhaseChanged' };
    expect(of('campaigns', { key: Buffer.from('first') })).toEqual([{ ...met, campaign: 'first' }]);
    for (const topic of ['members', 'training']) expect(of(topic, { value })).toEqual([{ ...met, campaign: 'first' }]);
    expect(of('members', { value: Buffer.from([255, 255]) })).toEqual([met]);
    expect(of('materials', { value })).toEqual([met]);
  });

  it('refuses a campaign that is created in the stream of another', () => {
    const creation = EXAMPLE_EVENTS.find((example) => example.type === 'CampaignCreated')!;
    const record = { type: 'elastream.v1.CampaignCreated', value: encodeEvent(creation) };
    expect(decodeRecords(batch({ ...record, key: Buffer.from('first') })).received).toHaveLength(1);
    const [refusal] = decodeRecords(batch({ ...record, key: Buffer.from('second') })).refused;
    expect(refusal!.rejection.message).toBe('campaign first is created in the stream of "second"');
  });

  it('stops where content is not what its hash says: it was changed after it was written', () => {
    const bytes = Buffer.from(VALUE);
    const number = Buffer.alloc(8);
    number.writeDoubleLE(80.125);
    bytes.writeDoubleLE(40.0625, bytes.indexOf(number));
    expect(() => decodeRecords(batch({ type: 'elastream.v1.LabelIngested', value: bytes }))).toThrow(
      expect.objectContaining({
        ...{ code: 'storage_corrupt', retryable: false },
        message: expect.stringMatching(
          /^t partition 3 offset 0: the label's id of LabelIngested is h1:\w+, its content has h1:\w+: .+ not used: restore/,
        ),
      }),
    );
    // Made up for the tests of their encoding: their hashes are no hashes.
    for (const one of EXAMPLE_EVENTS) {
      const isChecked = 'featureSchema' in one || CHECKED.has(one.type);
      if (!isChecked) continue;
      const record = { type: `elastream.v1.${one.type}`, value: encodeEvent(one), key: Buffer.from('first') };
      const at = { ...batch(record), topic: 'elastream.features.some.v1' };
      expect(() => decodeRecords(at)).toThrow(
        /(material_hash|features_hash|snapshot_hash|model_hash|calculation_id) of/,
      );
    }
  });

  it('takes what its hashes say, and a round by the name of its campaign', () => {
    const events = [...runCampaign(created(), ['a', 'b']).campaign].filter(({ type }) => type === 'RoundOpened');
    const records = events.map((one) => ({
      ...{ type: 'elastream.v1.RoundOpened', value: encodeEvent(one as DomainEvent), key: Buffer.from('test') },
    }));
    expect(decodeRecords(batch(...records)).received.map(({ event: met }) => met)).toEqual(events);
    const elsewhere = records.map((record) => ({ ...record, key: Buffer.from('other') }));
    expect(() => decodeRecords(batch(...elsewhere))).toThrow(/snapshot_hash of RoundOpened/);
  });

  it('tells of a round that a newer version has opened with more than this one knows', () => {
    const opened = EXAMPLE_EVENTS.find(({ type }) => type === 'RoundOpened')!;
    const unknownField = Buffer.from([0xf8, 0x07, 1]);
    const value = Buffer.concat([encodeEvent(opened), unknownField]);
    const record = { type: 'elastream.v1.RoundOpened', value, key: Buffer.from('first') };
    const { received } = decodeRecords({ ...batch(record), topic: 'elastream.campaigns.v1' });
    expect(received).toMatchObject([{ event: { type: 'NewerEvent', name: 'RoundOpened', campaign: 'first' } }]);
  });
});
