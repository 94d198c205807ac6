import { BinaryWriter } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { materialHash } from '../../src/model/material-hash.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import type { DomainEvent } from '../../src/protocol/domain-event.ts';
import { decodeEvent, encodeEvent } from '../../src/protocol/event-codec.ts';
import * as campaign from '../../src/protocol/generated/elastream/v1/campaign.generated.ts';
import * as wire from '../../src/protocol/generated/elastream/v1/events.generated.ts';
import { EVENTS } from '../support/event-arbitraries.ts';
import { EXAMPLE_EVENTS } from '../support/example-events.ts';

const anyEvent: fc.Arbitrary<DomainEvent> = fc.oneof(...Object.values(EVENTS));
const TYPES = Object.keys(EVENTS) as DomainEvent['type'][];
const HASH = `h1:${'0'.repeat(64)}`;

/** The message of the refusal. */
function refusal(type: string, bytes: Uint8Array): string {
  try {
    decodeEvent(type, bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedInput);
    expect((error as RejectedInput).code).toBe('bad_message');
    return (error as RejectedInput).message;
  }
  throw new Error(`${type} was accepted`);
}

describe('encodeEvent and decodeEvent', () => {
  it.each(TYPES)('keep all of %s, and add nothing', (type) => {
    fc.assert(
      fc.property(EVENTS[type] as fc.Arbitrary<DomainEvent>, (event) => {
        expect(decodeEvent(type, encodeEvent(event))).toStrictEqual(event);
      }),
      { numRuns: 60 },
    );
  });

  it('keep a material to the last bit, as its hash says', () => {
    fc.assert(
      fc.property(EVENTS.MaterialIngested, (event) => {
        const decoded = decodeEvent('MaterialIngested', encodeEvent(event));
        expect(decoded.type === 'MaterialIngested' && materialHash(decoded.material)).toBe(event.materialHash);
      }),
    );
  });
});

describe('decodeEvent', () => {
  it('keeps nothing of the bytes, which may be used again', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const memory = Buffer.concat([Buffer.from('before'), encodeEvent(event), Buffer.from('after')]);
        const decoded = decodeEvent(event.type, memory.subarray(6, -5));
        memory.fill(0xff);
        expect(decoded).toStrictEqual(event);
      }),
    );
  });

  it('passes over the fields of newer versions', () => {
    const added = new BinaryWriter().tag(1000, 2).string('new').tag(1001, 1).double(1).finish();
    for (const event of EXAMPLE_EVENTS) {
      expect(decodeEvent(event.type, Buffer.concat([encodeEvent(event), added]))).toStrictEqual(event);
    }
  });

  it.each(['Nothing', '', 'toString', '__proto__', 'elastream.v1.EpochClaimed', 'Material'])(
    'refuses type "%s"',
    (type) => {
      expect(refusal(type, new Uint8Array(0))).toBe(`no event has the type "${type}"`);
    },
  );

  it('refuses every type without its fields', () => {
    for (const type of TYPES)
      expect(refusal(type, new Uint8Array(0))).toMatch(new RegExp(`^${type}: [a-z_.]+ (is|must)`));
  });

  it('gives an event or a refusal, whatever the bytes', () => {
    const types = fc.constantFrom(...TYPES);
    fc.assert(
      fc.property(types, fc.uint8Array(), (type, bytes) => expectEventOrRefusal(type, bytes)),
      { numRuns: 2000 },
    );
  });

  it('gives an event or a refusal where a byte is changed, or the end is missing', () => {
    const damage = fc.tuple(
      anyEvent.map((event) => [event.type, encodeEvent(event)] as const),
      fc.nat(),
      fc.nat(255),
      fc.boolean(),
    );
    fc.assert(
      fc.property(damage, ([[type, bytes], at, value, cut]) => {
        const place = at % bytes.length;
        const damaged = Uint8Array.from(bytes.subarray(0, cut ? place : undefined));
        if (!cut) damaged[place] = value;
        expectEventOrRefusal(type, damaged);
      }),
      { numRuns: 2000 },
    );
  });

  const claimed = wire.SourcePartitionCompleted.encode({ source: 's', partition: 1, count: 2, hash: HASH }).finish();
  it.each([
    ['cut short', claimed.subarray(0, -1)],
    ['followed by the end of a group', Buffer.concat([claimed, Buffer.of(0x0c, 0x0c)])],
    ['of another wire format', Buffer.from('{"source":"s"}')],
    ['with a text that is not UTF-8', new BinaryWriter().tag(1, 2).bytes(Buffer.of(0xff)).finish()],
  ])('says that a message %s is not readable', (_, bytes) => {
    expect(refusal('SourcePartitionCompleted', bytes)).toMatch(
      /^SourcePartitionCompleted: the message (is not readable|ends at)/,
    );
  });
});

function expectEventOrRefusal(type: DomainEvent['type'], bytes: Uint8Array): void {
  try {
    expect(decodeEvent(type, bytes).type).toBe(type);
  } catch (error) {
    expect(error).toMatchObject({ name: 'RejectedInput', code: 'bad_message' });
  }
}

describe('a refusal names the field', () => {
  const material = {
    id: 'mp-1',
    structure: { lattice: [1, 0, 0, 0, 1, 0, 0, 0, 1], atomicNumbers: Uint8Array.of(1), fracCoords: [0, 0, 0] },
  };
  const ingested = (change: Partial<wire.Material>) =>
    wire.MaterialIngested.encode({ source: 's', material: { ...material, ...change }, materialHash: HASH }).finish();
  const label: wire.Label = {
    id: HASH,
    materialId: 'mp-1',
    materialHash: HASH,
    labelSet: 'known',
    method: { kind: 'dft' },
    provenance: '',
    values: [{ target: 'g_vrh', value: 1 }],
    tensor: [],
  };
  const labelled = (change: Partial<wire.Label>) =>
    wire.LabelIngested.encode({ source: 's', label: { ...label, ...change } }).finish();
  const facts: wire.MaterialFacts = {
    materialId: 'a',
    materialHash: HASH,
    elements: Uint8Array.of(1),
    reducedFormula: 'H2',
    siteCount: 1,
    bandGap: undefined,
    formationEnergyPerAtom: undefined,
    energyAboveHull: undefined,
  };
  const example = (change: Partial<wire.ExampleFormed>) =>
    wire.ExampleFormed.encode({
      source: 's',
      label,
      facts,
      featuresHash: HASH,
      vector: [],
      fidelities: [],
      ...change,
    }).finish();
  const target: wire.TrainedTarget = {
    target: 'g_vrh',
    model: '0'.repeat(64),
    treesHash: HASH,
    trainingRows: 1,
    heldOutRows: [],
    heldOutPredictions: [],
    heldOut: { mae: 1, rmse: 2, r2: 0.5 },
  };
  const trained = (change: Partial<wire.TrainedTarget>) =>
    wire.MemberTrained.encode({
      campaign: 'c',
      round: 1,
      snapshotHash: HASH,
      member: 0,
      modelHash: HASH,
      targets: [{ ...target, ...change }],
      engine: '',
      seconds: 1,
    }).finish();
  const authored = { epoch: 1, writer: 'w', sequence: 1 };
  const created = (configJson: string) =>
    campaign.CampaignCreated.encode({ campaign: 'c', configJson, configHash: HASH, sources: [] }).finish();
  const closed = (change: Partial<campaign.RoundClosed>) =>
    campaign.RoundClosed.encode({ authored, round: 1, outcomes: [], ...change }).finish();
  const rejection = { code: 'bad_vibes', message: '', source: '' };

  it.each([
    ['MaterialIngested', ingested({ id: 'a\nb' }), 'material.id is refused: material_id holds a control character'],
    ['MaterialIngested', ingested({ structure: undefined }), 'material.structure is missing'],
    [
      'MaterialIngested',
      ingested({ structure: { ...material.structure, lattice: [1] } }),
      'material.structure is refused: lattice has 1 numbers, not 9',
    ],
    [
      'MaterialIngested',
      ingested({ structure: { ...material.structure, fracCoords: [0] } }),
      'material.structure is refused: 1 sites need 3 coordinates, not 1',
    ],
    ['LabelIngested', labelled({ id: 'h2:0' }), 'label.id must be h1: and 64 hexadecimal digits, not "h2:0"'],
    ['LabelIngested', labelled({ labelSet: '' }), 'label.label_set is missing or empty'],
    [
      'LabelIngested',
      labelled({ method: { kind: 'guess' } }),
      'label.method.kind must be one of dft, replay, simulated, potential, not "guess"',
    ],
    [
      'LabelIngested',
      labelled({ values: [{ target: 'E', value: 1, unit: 'GPa' }] }),
      'label.values.target must be 1 to 63 of a-z, 0-9 and _, beginning with a letter, not "E"',
    ],
    ['LabelIngested', labelled({ values: [...label.values, ...label.values] }), 'label.values give g_vrh twice'],
    ['LabelIngested', labelled({ tensor: [1] }), 'label.tensor must have 36 entries or none, not 1'],
    [
      'ExampleFormed',
      example({ facts: { ...facts, elements: Uint8Array.of(8, 8) } }),
      'facts.elements must be atomic numbers from 1 to 118, ascending, not 8 8',
    ],
    [
      'ExampleFormed',
      example({ facts: { ...facts, elements: Uint8Array.of(119) } }),
      'facts.elements must be atomic numbers from 1 to 118, ascending, not 119',
    ],
    ['MemberTrained', trained({ model: 'x' }), 'targets.model must be 64 hexadecimal digits, not "x"'],
    ['MemberTrained', trained({ heldOutRows: [1] }), 'targets.held_out_predictions have 0 numbers for 1 rows'],
    [
      'MemberTrained',
      trained({ heldOutRows: [2 ** 31], heldOutPredictions: [1] }),
      'targets.held_out_rows has 2147483648; at most 2147483647 is a row',
    ],
    [
      'InputRejected',
      wire.InputRejected.encode({ id: HASH, rejection }).finish(),
      /rejection.code must be one of bad_syntax, .*, not "bad_vibes"$/,
    ],
    ['CampaignCreated', created('{'), /config_json is not JSON: /],
    ['CampaignCreated', created('{"name":"c"}'), `config_json does not have the hash ${HASH} of config_hash`],
    ['RoundClosed', closed({ authored: undefined }), 'authored is missing'],
    ['RoundClosed', closed({ authored: { ...authored, writer: '' } }), 'authored.writer is missing or empty'],
    [
      'RoundClosed',
      closed({ outcomes: ['lost'] }),
      'outcomes must be one of labelled, rejected, abandoned, expired, not "lost"',
    ],
    [
      'CampaignStopped',
      campaign.CampaignStopped.encode({ authored, reason: '' }).finish(),
      'reason must be one of labels, rounds, empty_pool, cancelled, mae, errors, gain, uncertainty, unimproved, not ""',
    ],
  ])('of %s (%#)', (type, bytes, problem) => {
    const said = refusal(type, bytes);
    if (typeof problem === 'string') expect(said).toBe(`${type}: ${problem}`);
    else expect(said).toMatch(problem);
  });
});
