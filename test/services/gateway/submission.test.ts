import { afterEach, describe, expect, it } from 'vitest';
import { createGateway } from '../../../services/gateway/gateway.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { EventRecord } from '../../../src/model/event-record.ts';
import { createLattice } from '../../../src/model/lattice.ts';
import type { EventLog } from '../../../src/ports/event-log.ts';
import type { SubmitReply, SubmitRequest } from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { directFeaturizer } from '../../support/direct-featurizer.ts';
import { SILICON_CARBIDE } from '../../support/elasticity.ts';
import { collected } from '../../support/events.ts';
import { eventually } from '../../support/eventually.ts';
import { type GatewayPlace, openGatewayPlace } from '../../support/gateway.ts';
import { ingestSource } from '../../support/ingest-source.ts';
import { createQueue } from '../../support/queue.ts';
import { recordedTelemetry } from '../../support/recorded-telemetry.ts';
import { createSeededRandom } from '../../support/simulation/seeded-random.ts';
import { SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';
import { syntheticItems } from '../../support/simulation/simulated-source.ts';
import { bareItem, streamed, submittedItems } from '../../support/submitted-items.ts';

const { materials, labels, rejections } = SIMULATED_TOPICS;
const ITEMS = syntheticItems(400, createSeededRandom(1));
const REQUESTS = submittedItems(ITEMS);
const [FIRST, SECOND] = REQUESTS.filter(({ material, labels: own }) => material && own.length > 0);
const ANSWERED = REQUESTS.map(({ clientId }) => ({ clientId, refusal: undefined }));
const WATERMARK = 'elastream.v1.SourcePartitionCompleted';

const places: GatewayPlace[] = [];
afterEach(async () => {
  for (const place of places.splice(0)) await place.close();
});
async function open(...of: Parameters<typeof openGatewayPlace>): Promise<GatewayPlace> {
  const place = await openGatewayPlace(...of);
  places.push(place);
  return place;
}

const plain = ({ key, id, type, value }: EventRecord) =>
  [Buffer.from(key).toString(), id, type, Buffer.from(value).toString('hex')].join(' ');
const contentOf = async (place: GatewayPlace) => {
  const topics = await Promise.all([materials, labels, rejections].map((topic) => place.records(topic)));
  return topics.map((records) => records.map(plain));
};

/** A log whose appends wait until they are let through. */
function gatedAppends() {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let appends = 0;
  const change = (log: EventLog): Partial<EventLog> => ({
    async append(...at) {
      appends++;
      await gate;
      return log.append(...at);
    },
  });
  return { change, open, appends: () => appends };
}

describe('submitting a source', () => {
  it('writes what ingesting it writes, byte for byte, watermarks included', async () => {
    const [submitted, ingested] = [await open(), await open()];
    expect(await collected(submitted.gateway.Submit(streamed(REQUESTS)))).toEqual(ANSWERED);
    const source = { id: 's', read: () => streamed(ITEMS) };
    const publisher = createPublisher(ingested.ports, 'ingestion');
    await ingestSource(source, { topics: SIMULATED_TOPICS, publisher, labelSet: 'known' });
    expect(await contentOf(submitted)).toEqual(await contentOf(ingested));
    expect((await submitted.gateway.ListSources({})).sources).toEqual(['s']);
  });

  it('answers an item only when the log has it', async () => {
    const { change, open: letThrough, appends } = gatedAppends();
    const { gateway, records } = await open({}, change);
    const replies: SubmitReply[] = [];
    const done = (async () => {
      for await (const reply of gateway.Submit(streamed([FIRST!]))) replies.push(reply);
    })();
    await eventually(() => appends() > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(replies).toEqual([]);
    letThrough();
    await done;
    expect(replies).toEqual([{ clientId: FIRST!.clientId, refusal: undefined }]);
    expect(await records(materials)).toHaveLength(1);
  });

  it('keeps a material whose label the physics gate refuses, and says why, also when it comes again', async () => {
    const { gateway, records } = await open();
    const tensor = Array.from(SILICON_CARBIDE.with(21, -3));
    const item = { ...FIRST!, labels: [{ ...FIRST!.labels[0]!, values: [{ target: 'g_vrh', value: 100 }], tensor }] };
    for (let time = 0; time < 2; time++) {
      const [reply] = await collected(gateway.Submit(streamed([item])));
      expect(reply).toMatchObject({ refusal: undefined, labelRefusal: { code: 'unstable_tensor' } });
    }
    const ids = async (topic: typeof labels) => new Set((await records(topic)).map(({ id }) => id)).size;
    expect([await ids(materials), await ids(labels), await ids(rejections)]).toEqual([1, 0, 1]);
  });

  it('answers nothing that the log refused; submitted again, it is there once', async () => {
    const failure = new AppError('storage_unwritable', 'the disk is full');
    let failing = true;
    const { gateway, records } = await open({}, (log) => ({
      append: (at, events) => (failing && at.topic === labels.name ? Promise.reject(failure) : log.append(at, events)),
    }));
    const replies: SubmitReply[] = [];
    const submit = async () => {
      for await (const reply of gateway.Submit(streamed(REQUESTS))) replies.push(reply);
    };
    await expect(submit()).rejects.toBe(failure);
    expect(replies).toEqual([]);
    failing = false;
    await submit();
    const ids = (await records(materials)).map(({ id }) => id);
    const known = ITEMS.filter(({ kind }) => kind === 'material').length;
    expect(new Set(ids).size).toBe(known + materials.partitions);
    expect(ids.length).toBeGreaterThan(new Set(ids).size);
  });

  it('takes no more than the window while the log is slow, and appends what came meanwhile together', async () => {
    const { change, open: letThrough, appends } = gatedAppends();
    const { gateway } = await open({ submitBounds: { items: 50 } }, change);
    let [pulled, answered] = [0, 0];
    const overdrawn: number[] = [];
    const requests = streamed(REQUESTS, () => {
      pulled++;
      if (pulled - answered > 50) overdrawn.push(pulled);
    });
    const done = (async () => {
      for await (const { clientId } of gateway.Submit(requests)) if (clientId) answered++;
    })();
    await eventually(() => appends() > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(pulled).toBe(50);
    letThrough();
    await done;
    expect([answered, overdrawn]).toEqual([REQUESTS.length, []]);
    // One by one, every item would be an append of its own at least.
    expect(appends()).toBeLessThan(REQUESTS.length);
  });

  it('holds no more bytes than a stream and all streams may, and goes on where there is room again', async () => {
    const [item, streamBytes, bytes] = [50_000, 200_000, 600_000];
    const { change, open: letThrough, appends } = gatedAppends();
    const { telemetry, told } = recordedTelemetry();
    const place = await open({}, change);
    const ports = { ...place.ports, log: { ...place.ports.log, ...change(place.ports.log) }, telemetry };
    const gateway = createGateway({
      ports,
      models: place.models,
      featurizer: directFeaturizer(),
      submitBounds: { streamBytes, bytes },
    });
    const rejection = { code: 'bad_number', source: 'f', locator: '', materialId: '', message: 'm'.repeat(item - 100) };
    const large = (stream: number) =>
      Array.from({ length: 20 }, (_, i) =>
        bareItem(`${i}`, { rejection: { ...rejection, locator: `${stream} ${i}` } }),
      );
    const pulled = [0, 0, 0, 0, 0, 0, 0, 0];
    const streams = pulled.map(async (_, stream) => {
      const requests = streamed(large(stream), () => pulled[stream]!++);
      return (await collected(gateway.Submit(requests))).length;
    });
    await eventually(() => appends() > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Each may have overdrawn by one.
    for (const items of pulled) expect(items * item).toBeLessThanOrEqual(streamBytes + item);
    const all = pulled.reduce((sum, items) => sum + items * item, 0);
    expect(all).toBeGreaterThanOrEqual(bytes);
    expect(all).toBeLessThanOrEqual(bytes + pulled.length * item);
    expect(told.limitReached[0]).toEqual({ limit: 'limits.submit_bytes' });
    letThrough();
    expect(await Promise.all(streams)).toEqual(pulled.map(() => 20));
    expect(told.submissionsHeld.at(-1)).toEqual({ bytes: 0 });
  });

  it('gives back what a client held that is gone', async () => {
    const { telemetry, told } = recordedTelemetry();
    const place = await open();
    const gateway = createGateway({
      ports: { ...place.ports, telemetry },
      models: place.models,
      featurizer: directFeaturizer(),
    });
    async function* breaking() {
      yield* REQUESTS.slice(0, 20);
      throw new Error('the client is gone');
    }
    await expect(collected(gateway.Submit(breaking()))).rejects.toThrow('the client is gone');
    expect(told.submissionsHeld.at(-1)).toEqual({ bytes: 0 });
  });

  it('sees the same events where the stream breaks and all of it comes again', async () => {
    const whole = await open();
    await collected(whole.gateway.Submit(streamed(REQUESTS)));
    const broken = await open();
    const breaking = async function* () {
      yield* REQUESTS.slice(0, 150);
      throw new Error('connection reset');
    };
    const replies: SubmitReply[] = [];
    const attempt = async () => {
      for await (const reply of broken.gateway.Submit(breaking())) replies.push(reply);
    };
    await expect(attempt()).rejects.toThrow('connection reset');
    expect(replies).toEqual(ANSWERED.slice(0, 150));
    await collected(broken.gateway.Submit(streamed(REQUESTS)));
    const [expected, found] = [await contentOf(whole), await contentOf(broken)];
    expect(found.map((topic) => new Set(topic))).toEqual(expected.map((topic) => new Set(topic)));
  });

  it('counts what one stream brings twice once', async () => {
    const [once, twice] = [await open(), await open()];
    await collected(once.gateway.Submit(streamed(REQUESTS)));
    const doubled = REQUESTS.flatMap((request) => [request, request]);
    const replies = await collected(twice.gateway.Submit(streamed([...doubled, ...REQUESTS])));
    expect(replies.filter(({ refusal }) => refusal)).toEqual([]);
    const [expected, found] = [await contentOf(once), await contentOf(twice)];
    expect(found.map((topic) => new Set(topic))).toEqual(expected.map((topic) => new Set(topic)));
  });

  it('keeps sources of one stream apart, and ends each after its own', async () => {
    const { gateway, records } = await open();
    const other = { ...SECOND!, source: 't' };
    const end = (source: string) => bareItem(`end of ${source}`, { source, sourceCompleted: true });
    await collected(gateway.Submit(streamed([FIRST!, other, end('t'), end('s')])));
    const watermarks = (await records(materials)).filter(({ type }) => type === WATERMARK);
    expect(watermarks).toHaveLength(2 * materials.partitions);
    expect((await gateway.ListSources({})).sources).toEqual(['s', 't']);
  });

  it('ends it once, however often it is completed', async () => {
    const { gateway, records } = await open();
    const end = bareItem('end', { sourceCompleted: true });
    const replies = await collected(gateway.Submit(streamed([FIRST!, end, end])));
    expect(replies.filter(({ refusal }) => refusal)).toEqual([]);
    const watermarks = (await records(materials)).filter(({ type }) => type === WATERMARK);
    expect(watermarks).toHaveLength(materials.partitions);
  });

  it('stops at once where the client is gone while nothing comes', async () => {
    const { gateway } = await open();
    const silent = async function* (): AsyncGenerator<SubmitRequest> {
      yield FIRST!;
      await new Promise(() => {});
    };
    const replies = gateway.Submit(silent())[Symbol.asyncIterator]();
    await replies.next();
    const pending = replies.next();
    await replies.return!();
    expect(await pending).toEqual({ done: true, value: undefined });
  });
});

describe('a source that is complete', () => {
  const END = bareItem('end', { sourceCompleted: true });
  const refusal = { code: 'source_complete', message: expect.stringContaining('after source s was complete') };
  const [one, other] = [FIRST!, SECOND!];
  const relabelled = { ...one, labels: [{ ...one.labels[0]!, provenance: 'somewhere else' }] };

  it('takes the very same again without effect, and nothing else', async () => {
    const { gateway, records } = await open();
    await collected(gateway.Submit(streamed(REQUESTS)));
    const before = [await records(materials), await records(labels)].map((all) => all.map(({ id }) => id));
    const again = REQUESTS.filter(({ material }) => material);
    expect((await collected(gateway.Submit(streamed(again)))).filter(({ refusal }) => refusal)).toEqual([]);
    const more = { ...one, clientId: 'more', material: { ...one.material!, id: 'one-more' } };
    const replies = await collected(gateway.Submit(streamed([more, { ...relabelled, clientId: 'relabelled' }])));
    expect(replies).toEqual([
      { clientId: 'more', refusal },
      { clientId: 'relabelled', refusal },
    ]);
    const after = [await records(materials), await records(labels)].map((all) => all.map(({ id }) => id));
    expect(after).toEqual(before);
    const codes = (await records(rejections)).map(({ value }) => Buffer.from(value).toString());
    expect(codes.filter((text) => text.includes('source_complete'))).toHaveLength(2);
  });

  it('is looked through once, however many streams bring it again', async () => {
    let read = 0;
    const place = await open({}, (log) => ({
      async *read(...of) {
        for await (const batch of log.read(...of)) {
          read += batch.records.length;
          yield batch;
        }
      },
    }));
    await collected(place.gateway.Submit(streamed(REQUESTS)));
    await collected(
      place.gateway.Submit(
        streamed([
          { ...one, source: 't' },
          { ...END, source: 't' },
        ]),
      ),
    );
    const again = (source: string) => collected(place.gateway.Submit(streamed([{ ...one, source }])));
    const isRefused = async (source: string) => (await again(source)).some(({ refusal: found }) => found);
    expect(await isRefused('s')).toBe(false);
    const log = (await place.records(materials)).length + (await place.records(labels)).length;
    // The partition that tells of completions is read besides.
    const telling = (await place.records(materials)).length / materials.partitions;
    expect(read).toBeLessThan(log + 3 * telling);
    read = 0;
    const asked = await Promise.all(Array.from({ length: 20 }, (_, i) => isRefused(i % 2 === 0 ? 's' : 't')));
    expect(asked).toEqual(Array(20).fill(false));
    await place.gateway.ListSources({});
    const listed = read;
    for (let i = 0; i < 5; i++) expect((await place.gateway.ListSources({})).sources).toEqual(['s', 't']);
    expect([read, listed]).toEqual([log, log]);
  });

  it('is not taken for another whose name ends alike', async () => {
    const { gateway } = await open();
    const end = (source: string) => bareItem('end', { source, sourceCompleted: true });
    await collected(gateway.Submit(streamed([{ ...one, source: 'a/s' }, end('a/s'), END])));
    const [reply] = await collected(gateway.Submit(streamed([one])));
    expect(reply).toMatchObject({ refusal: { code: 'source_complete' } });
    expect(await collected(gateway.Submit(streamed([{ ...one, source: 'a/s' }])))).toMatchObject([
      { refusal: undefined },
    ]);
  });

  it('is one of a bounded number in a stream', async () => {
    const { gateway } = await open();
    const ends = Array.from({ length: 1001 }, (_, i) => bareItem(`${i}`, { source: `s${i}`, material: one.material! }));
    const replies = await collected(
      gateway.Submit(streamed([...ends, bareItem('one', { material: one.material!, source: 's0' })])),
    );
    expect(replies.filter(({ refusal: found }) => found)).toEqual([
      { clientId: '1000', refusal: { code: 'too_large', message: expect.stringContaining('open another stream') } },
    ]);
  });

  it('is known as such to a gateway that was started later', async () => {
    const place = await open();
    await collected(place.gateway.Submit(streamed([one, END])));
    const later = createGateway({ ports: place.ports, models: place.models, featurizer: directFeaturizer() });
    expect(await collected(later.Submit(streamed([one, { ...other, clientId: 'b' }])))).toEqual([
      { clientId: one.clientId, refusal: undefined },
      { clientId: 'b', refusal },
    ]);
  });

  it('is closed to a stream that brings it too, from the other one on that completes it', async () => {
    const { gateway, records } = await open();
    const mine = createQueue<SubmitRequest>();
    const replies = gateway.Submit(mine.items())[Symbol.asyncIterator]();
    mine.put(one);
    expect((await replies.next()).value).toEqual({ clientId: one.clientId, refusal: undefined });
    await collected(gateway.Submit(streamed([{ ...other, clientId: 'theirs' }, END])));
    const ids = (await records(materials)).map(({ id }) => id);
    for (const again of [one, other]) {
      mine.put(again);
      expect((await replies.next()).value).toEqual({ clientId: again.clientId, refusal: undefined });
    }
    mine.put({ ...other, clientId: 'late', material: { ...other.material!, id: 'late' } });
    expect((await replies.next()).value).toEqual({ clientId: 'late', refusal });
    mine.put({ ...END, clientId: 'my end' });
    expect((await replies.next()).value).toEqual({ clientId: 'my end', refusal: undefined });
    const isMaterial = (id: string) => id.startsWith('material/');
    expect((await records(materials)).map(({ id }) => id).filter(isMaterial)).toEqual(ids.filter(isMaterial));
    await replies.return!();
  });

  it('may get the rest of its watermarks where its completion was cut short', async () => {
    const failure = new AppError('storage_unwritable', 'the disk is full');
    let failing = true;
    const isEnd = ({ type }: { readonly type: string }) => type === WATERMARK;
    const { gateway } = await open({}, (log) => ({
      append: (at, events) =>
        failing && at.topic === labels.name && at.partition > 0 && events.some(isEnd)
          ? Promise.reject(failure)
          : log.append(at, events),
    }));
    await expect(collected(gateway.Submit(streamed([one, other, END])))).rejects.toBe(failure);
    expect((await gateway.ListSources({})).sources).toEqual([]);
    failing = false;
    const replies = await collected(gateway.Submit(streamed([one, other, END])));
    expect(replies.filter(({ refusal }) => refusal)).toEqual([]);
    expect((await gateway.ListSources({})).sources).toEqual(['s']);
  });
});

describe('an item that is not good', () => {
  const material = FIRST!.material!;
  const [label] = FIRST!.labels;
  const rejection = {
    code: 'bad_number',
    message: 'a is not a number',
    source: 'f',
    locator: 'line 3',
    materialId: '',
  };
  const structure = material.structure!;
  const bad: Record<string, [Partial<SubmitRequest>, code: string, message: string]> = {
    'without content': [{}, 'bad_message', 'not 0 of them'],
    'with two contents': [{ material, sourceCompleted: true }, 'bad_message', 'not 2 of them'],
    'of no source': [{ material, source: '' }, 'bad_message', 'source is missing or empty'],
    'with labels alone': [{ labels: [label!] }, 'bad_message', 'not 0 of them'],
    'with labels beside a completion': [{ labels: [label!], sourceCompleted: true }, 'bad_message', 'without a mat'],
    'without a structure': [{ material: { ...material, structure: undefined } }, 'bad_message', 'material.structure'],
    'with a flat lattice': [
      { material: { ...material, structure: { ...structure, lattice: Array(9).fill(1) } } },
      'bad_message',
      'material.structure is refused',
    ],
    'with a label of no number': [
      { material, labels: [{ ...label!, values: [{ target: 'g_vrh', value: Number.NaN }] }] },
      'bad_number',
      'give a number in GPa',
    ],
    'with a label of an unknown kind': [
      { material, labels: [{ ...label!, method: { ...label!.method!, kind: 'k'.repeat(500_000) } }] },
      'bad_message',
      'labels.method.kind must be one of dft',
    ],
    'with a label of no set': [{ material, labels: [{ ...label!, labelSet: '' }] }, 'bad_message', 'label_set is miss'],
    'with a rejection of an unknown code': [
      { rejection: { ...rejection, code: 'odd' } },
      'bad_message',
      'rejection.code must be one of',
    ],
    "with a label of a campaign's own set": [
      { material, labels: [{ ...label!, labelSet: 'campaign:elastic' }] },
      'reserved_name',
      'labels.label_set "campaign:elastic" is reserved',
    ],
    'with a label as a calculation gives it': [
      { material, labels: [{ ...label!, provenance: `calculation:h1:${'0'.repeat(64)}` }] },
      'reserved_name',
      'given by elastream alone; choose another',
    ],
    'of a source that a campaign is': [
      { material, source: 'campaign:elastic' },
      'reserved_name',
      'source "campaign:el',
    ],
    'with too many labels': [
      { material, labels: Array(1001).fill(label!) },
      'too_large',
      'labels has 1001 entries; at m',
    ],
    'of a source whose name is too long': [
      { material, source: 's'.repeat(1025) },
      'bad_message',
      'source has 1025 bytes; at most 1024 are allowed',
    ],
    'of a source with a line feed': [{ material, source: 'a\nb' }, 'bad_message', 'source holds a control character'],
    'with a label set whose name is too long': [
      { material, labels: [{ ...label!, labelSet: '\u00e9'.repeat(513) }] },
      'bad_message',
      'labels.label_set has 1026 bytes; at most 1024 are allowed',
    ],
    'with a label of a long provenance': [
      { material, labels: [{ ...label!, provenance: 'p'.repeat(2000) }] },
      'bad_message',
      'labels.provenance has 2000 bytes; at most 1024',
    ],
    'with a label of a code with a zero byte': [
      { material, labels: [{ ...label!, method: { ...label!.method!, code: 'VA\0SP' } }] },
      'bad_message',
      'labels.method.code holds a control character',
    ],
    'with a material of a long id': [
      { material: { ...material, id: 'x'.repeat(129) } },
      'bad_message',
      'material.id is refused: material_id has 129 bytes; at most 128 are allowed',
    ],
    'too large for the log': [
      { rejection: { ...rejection, message: 'm'.repeat(1_100_000) } },
      'too_large',
      'split or shorten it',
    ],
  };

  it.each(Object.entries(bad))('%s is refused and kept', async (_, [content, code, message]) => {
    const { gateway, records } = await open();
    const replies = await collected(
      gateway.Submit(streamed([bareItem('bad', content), { ...FIRST!, clientId: 'ok' }])),
    );
    const refusal = { code, message: expect.stringContaining(message) };
    expect(replies).toEqual([
      { clientId: 'bad', refusal },
      { clientId: 'ok', refusal: undefined },
    ]);
    expect(await records(materials)).toHaveLength(1);
    const [kept, ...others] = await records(rejections);
    expect(others).toEqual([]);
    expect(Buffer.from(kept!.value).toString()).toContain('item bad');
  });

  it('without a name by which it can be answered ends the stream, after what came before it', async () => {
    const { gateway, records } = await open();
    const replies: SubmitReply[] = [];
    const submit = async () => {
      const nameless = bareItem('n'.repeat(257), { material });
      for await (const reply of gateway.Submit(streamed([FIRST!, nameless]))) replies.push(reply);
    };
    await expect(submit()).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('client_id has 257 bytes; at most 256 are allowed; answers repeat it'),
    });
    expect(replies).toEqual([{ clientId: FIRST!.clientId, refusal: undefined }]);
    expect(await records(materials)).toHaveLength(1);
  });

  it('is refused under the same id when it comes again', async () => {
    const { gateway, records } = await open();
    for (let i = 0; i < 2; i++) await collected(gateway.Submit(streamed([bareItem('bad')])));
    const [first, second] = await records(rejections);
    expect(second!.id).toBe(first!.id);
  });

  it('with the id of another structure is refused, and the first is kept', async () => {
    const { gateway, records } = await open();
    const lattice = [...createLattice([5, 0, 0, 0, 5, 0, 0, 0, 5]).matrix];
    const other = { ...material, structure: { ...structure, lattice } };
    const requests = [FIRST!, bareItem('other', { material: other }), bareItem('again', { material })];
    const replies = await collected(
      gateway.Submit(streamed([...requests, bareItem('end', { sourceCompleted: true })])),
    );
    const refused = replies.filter(({ refusal }) => refusal);
    const message = expect.stringContaining(`${material.id} came before in s with another structure`);
    expect(refused).toEqual([{ clientId: 'other', refusal: { code: 'duplicate_id', message } }]);
    const ingested = (await records(materials)).filter(({ type }) => type !== WATERMARK);
    expect(new Set(ingested.map(({ id }) => id)).size).toBe(1);
    expect((await gateway.ListSources({})).sources).toEqual(['s']);
  });
});
