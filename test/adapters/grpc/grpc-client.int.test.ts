import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connectGrpc } from '../../../src/adapters/grpc/grpc-client.ts';
import { served } from '../../../src/adapters/grpc/grpc-server.ts';
import { AppError, ERROR_CODES } from '../../../src/model/app-error.ts';
import { RejectedInput } from '../../../src/model/rejection.ts';
import {
  type CampaignProgress,
  type Campaigns,
  CampaignsDefinition,
  type Gateway,
  GatewayDefinition,
  type PartitionRanking,
  type RankRequest,
  type SubmitReply,
  type SubmitRequest,
  type TrainingShard,
  TrainingShardDefinition,
} from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { eventually } from '../../support/eventually.ts';
import { grpcPlace, never } from '../../support/grpc-place.ts';

const place = grpcPlace();
/** Each has other bits, and only the same bits will do. */
const DOUBLES = [0.1 + 0.2, -0, Number.MIN_VALUE, Number.MAX_VALUE, 1 / 3, Number.NEGATIVE_INFINITY, Number.EPSILON];
const REQUEST: RankRequest = {
  campaign: 'c',
  round: 3,
  snapshotHash: 'h1:00',
  partitions: [1, 0, 2],
  models: [],
  keep: 2,
  lowestPolymorphs: [],
};

describe('calls through a generated interface', () => {
  it('carries one answer', async () => {
    const client = await gateway({ ListSources: async () => ({ sources: ['a', 'ü'] }) });
    expect(await client.ListSources({})).toEqual({ sources: ['a', 'ü'] });
  });

  it('carries a stream of answers, every double with its bits', async () => {
    const shard: TrainingShard = {
      async *Rank({ partitions, snapshotHash }) {
        for (const partition of partitions) yield ranking(partition, snapshotHash);
      },
    };
    const got = await all((await trainingShard(shard)).Rank(REQUEST));
    expect(got).toEqual([1, 0, 2].map((partition) => ranking(partition, REQUEST.snapshotHash)));
    expect(got[0]!.candidates[0]!.mean.map(Object.is.bind(null, -0))).toContain(true);
  });

  it('carries streams in both directions at once', async () => {
    const client = await gateway({
      async *Submit(requests) {
        for await (const { clientId } of requests) yield accepted(clientId);
      },
    });
    const replies: string[] = [];
    // Each request waits for the reply to the one before: neither direction may wait for the other's end.
    async function* requests(): AsyncGenerator<SubmitRequest> {
      for (let i = 0; i < 20; i++) {
        await eventually(() => replies.length === i);
        yield item(`${i}`);
      }
    }
    for await (const { clientId } of client.Submit(requests())) replies.push(clientId);
    expect(replies).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`));
  });

  it('lets the handler answer before all requests are there, and ends those', async () => {
    const client = await gateway({
      async *Submit(requests) {
        for await (const { clientId } of requests) {
          yield accepted(clientId);
          return;
        }
      },
    });
    const source = endless();
    expect(await all(client.Submit(source.items))).toEqual([accepted('0')]);
    await eventually(source.isReturned);
  });

  it('calls the methods of a class with its `this`', async () => {
    class Shard implements TrainingShard {
      readonly hash = 'mine';
      async *Rank({ partitions }: RankRequest): AsyncGenerator<PartitionRanking> {
        for (const partition of partitions) yield ranking(partition, this.hash);
      }
    }
    const [first] = await all((await trainingShard(new Shard())).Rank(REQUEST));
    expect(first?.snapshotHash).toBe('mine');
  });

  it('carries a first message of megabytes, and 20,000 small ones', async () => {
    const client = await gateway({
      async *Query({ sql }) {
        yield { piece: Buffer.from(sql) };
        for (let i = 0; i < 20_000; i++) yield { piece: Buffer.from(`${i}`) };
      },
    });
    const sql = 'x'.repeat(7_000_000);
    const got = await all(client.Query({ sql, format: '' }));
    expect(Buffer.from(got[0]!.piece).equals(Buffer.from(sql))).toBe(true);
    expect(Buffer.from(got[20_000]!.piece).toString()).toBe('19999');
  });
});

it('takes only the definition that was generated with the interface', () => {
  const shard = part<TrainingShard>({});
  // @ts-expect-error
  served<TrainingShard>(GatewayDefinition, shard);
  // @ts-expect-error
  served<Campaigns>(CampaignsDefinition, shard);
  const { fullName, methods } = TrainingShardDefinition;
  const unary = { fullName, methods: { rank: { ...methods.rank, responseStream: false } } } as const;
  // @ts-expect-error
  served<TrainingShard>(unary, shard);
  const other = {
    fullName,
    methods: { rank: { ...methods.rank, requestType: GatewayDefinition.methods.query.requestType } },
  };
  // @ts-expect-error
  served<TrainingShard>(other, shard);
  expect(served<TrainingShard>(TrainingShardDefinition, shard).definition.fullName).toBe('elastream.v1.TrainingShard');
});

describe('failures', () => {
  it.each(ERROR_CODES.flatMap((code) => [false, true].map((retryable) => [code, retryable] as const)))(
    "a handler's %s, retryable %s, is thrown to the caller, with method and address",
    async (code, retryable) => {
      const text = 'Ω 100 % of "it"\nis \ud800 gone';
      const client = await gateway({
        ListSources: async () => {
          throw new AppError(code, text, { retryable });
        },
      });
      const isPeersEnd = code === 'interrupted' || code === 'closed';
      const message = expect.stringMatching(
        /^elastream.v1.Gateway[/]ListSources at 127[.]0[.]0[.]1:\d+: Ω 100 % of "it"\nis \ufffd gone$/,
      );
      const wanted = isPeersEnd ? { code: 'unavailable', retryable: true } : { code, retryable };
      await expect(client.ListSources({})).rejects.toMatchObject({ ...wanted, message });
    },
  );

  it('refuses what the handler refuses', async () => {
    const client = await gateway({
      Predict: async () => {
        throw new RejectedInput('bad_id', 'material_id is empty');
      },
    });
    const error = { code: 'invalid_argument', retryable: false, message: expect.stringContaining('id is empty') };
    await expect(client.Predict({ campaign: '', materials: [] })).rejects.toMatchObject(error);
  });

  it("does not tell a caller of the server's defects, but the server", async () => {
    const secret = new Error('password=1');
    const told: unknown[] = [];
    const implementation: TrainingShard = {
      async *Rank() {
        yield ranking(0, '');
        throw secret;
      },
    };
    const services = [served<TrainingShard>(TrainingShardDefinition, implementation)];
    const { address } = await place.serve(services, { onError: (error, method) => told.push(error, method) });
    const replies = iterator(place.connect(address).client<TrainingShard>(TrainingShardDefinition).Rank(REQUEST));
    expect((await replies.next()).value).toEqual(ranking(0, ''));
    const error: AppError = await replies.next().catch((e) => e);
    expect(error).toMatchObject({ code: 'internal', retryable: false });
    expect(error.message).toMatch(/Rank at 127.*internal error$/);
    expect(told).toEqual([secret, 'elastream.v1.TrainingShard/Rank']);
  });

  it("throws a request source's own failure", async () => {
    const client = await gateway({
      async *Submit(requests) {
        for await (const { clientId } of requests) yield accepted(clientId);
      },
    });
    const failure = new Error('the file ends early');
    async function* requests(): AsyncGenerator<SubmitRequest> {
      yield item('0');
      throw failure;
    }
    await expect(all(client.Submit(requests()))).rejects.toBe(failure);
  });

  it('says where a service is not known, and where nobody answers', async () => {
    const { address } = await place.serve([]);
    const client = place.connect(address).client<Gateway>(GatewayDefinition);
    const version = { code: 'invalid_argument', message: expect.stringMatching(/Gateway[/]ListSources at .*version/) };
    await expect(client.ListSources({})).rejects.toMatchObject(version);
    const nobody = place.connect(await freeAddress()).client<Gateway>(GatewayDefinition);
    const message = expect.stringMatching(/Gateway[/]ListSources at 127[.]0[.]0[.]1:\d+.*ECONNREFUSED/);
    await expect(nobody.ListSources({})).rejects.toMatchObject({ code: 'unavailable', retryable: true, message });
  });

  it.each(['', 'host', 'host:', 'http://host:1', 'grpc://host:1/path', 'grpcs://host:1'])(
    'refuses the address %j',
    (address) => {
      expect(() => connectGrpc({ address })).toThrow(/host:port|TLS/);
    },
  );
});

describe('a message that is too large', () => {
  const SMALL = { messageBytesMax: 1000 };
  const tooLarge = (bytes: RegExp) => ({
    code: 'invalid_argument',
    retryable: false,
    message: expect.stringMatching(bytes),
  });

  it('is refused by each side, sent and received, which then goes on', async () => {
    const implementation = part<Gateway>({
      async *Query({ sql }) {
        yield { piece: Buffer.alloc(10) };
        yield { piece: Buffer.alloc(Number(sql.trim())) };
      },
    });
    const services = [served(GatewayDefinition, implementation)];
    const [small, large] = [await place.serve(services, SMALL), await place.serve(services)];
    const ask = (address: string, options: object, sql: string) =>
      all(place.connect(address, options).client<Gateway>(GatewayDefinition).Query({ sql, format: '' }));
    const long = '1'.padEnd(2000);
    await expect(ask(large.address, SMALL, long)).rejects.toMatchObject(tooLarge(/Query at 127.*2003 vs 1000 bytes/));
    await expect(ask(small.address, {}, long)).rejects.toMatchObject(tooLarge(/Query at 127.*2003 vs 1000/));
    await expect(ask(small.address, {}, '2000')).rejects.toMatchObject(tooLarge(/Query at 127.*2003 vs 1000 bytes/));
    await expect(ask(large.address, SMALL, '2000')).rejects.toMatchObject(tooLarge(/Query at 127.*2003 vs 1000/));
    expect(await ask(small.address, {}, '900')).toHaveLength(2);
    expect(await ask(large.address, SMALL, '900')).toHaveLength(2);
  });
});

describe('a call that ends early', () => {
  it('has a deadline for one answer, which the handler cannot miss by not answering', async () => {
    const { address } = await place.serve([served(GatewayDefinition, part<Gateway>({ ListSources: never }))]);
    const client = place.connect(address).client<Gateway>(GatewayDefinition, { deadlineMs: { ListSources: 50 } });
    const late = { code: 'unavailable', retryable: true, message: expect.stringContaining('DEADLINE_EXCEEDED') };
    await expect(client.ListSources({})).rejects.toMatchObject(late);
  });

  it('has one between the answers of a stream, which does not run while the caller is busy', async () => {
    const campaigns = watched();
    const { address } = await place.serve([campaigns.service]);
    const client = place.connect(address).client<Campaigns>(CampaignsDefinition, { deadlineMs: 100 });
    const replies = iterator(client.WatchCampaign({ campaign: 'c' }));
    campaigns.tell(1);
    expect((await replies.next()).value?.round).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    campaigns.tell(2);
    expect((await replies.next()).value?.round).toBe(2);
    const idle = { code: 'unavailable', retryable: true, message: expect.stringContaining('no message for 100 ms') };
    await expect(replies.next()).rejects.toMatchObject(idle);
    await eventually(campaigns.isReturned);
  });

  it('is cancelled by the caller who leaves its loop, and returns the handler', async () => {
    const campaigns = watched();
    const { address } = await place.serve([campaigns.service]);
    const client = place.connect(address).client<Campaigns>(CampaignsDefinition);
    campaigns.tell(1);
    for await (const { round } of client.WatchCampaign({ campaign: 'c' })) {
      expect(round).toBe(1);
      break;
    }
    await eventually(campaigns.isReturned);
  });

  it('is cancelled by the caller who waits for a reply that does not come', async () => {
    const campaigns = watched();
    const { address } = await place.serve([campaigns.service]);
    const replies = iterator(
      place.connect(address).client<Campaigns>(CampaignsDefinition).WatchCampaign({ campaign: 'c' }),
    );
    const waiting = replies.next();
    await eventually(campaigns.isWatched);
    await replies.return!();
    await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
    await eventually(campaigns.isReturned);
  });

  it('is cancelled through a server that passes calls on', async () => {
    const campaigns = watched();
    const behind = await place.serve([campaigns.service]);
    const passed = place.connect(behind.address).client<Campaigns>(CampaignsDefinition);
    const front = await place.serve([served<Campaigns>(CampaignsDefinition, passed)]);
    const client = place.connect(front.address).client<Campaigns>(CampaignsDefinition);
    const replies = iterator(client.WatchCampaign({ campaign: 'c' }));
    campaigns.tell(7);
    expect((await replies.next()).value?.round).toBe(7);
    await replies.return!();
    await eventually(campaigns.isReturned);
  });

  it.each([
    ['cancelled', false],
    ['cut off', true],
  ])('does not look like requests that are all there when it is %s', async (_, isCut) => {
    let outcome: unknown;
    const implementation = part<Gateway>({
      async *Submit(requests) {
        try {
          for await (const { clientId } of requests) yield accepted(clientId);
          outcome = 'all there';
        } catch (error) {
          outcome = error;
        }
      },
    });
    const { port } = await place.serve([served(GatewayDefinition, implementation)]);
    const cable = await cableTo(port);
    const client = place.connect(cable.address).client<Gateway>(GatewayDefinition);
    const source = endless(1);
    const replies = iterator(client.Submit(source.items));
    expect((await replies.next()).value).toEqual(accepted('0'));
    if (isCut) {
      const next = replies.next();
      cable.cut();
      await expect(next).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    } else await replies.return!();
    await eventually(() => outcome !== undefined);
    expect(outcome).toMatchObject({ code: 'interrupted' });
    await eventually(source.isReturned);
    await cable.close();
  });

  it('ends on both sides when the other says nothing any more, not even that it is gone', async () => {
    const campaigns = watched();
    const { port } = await place.serve([campaigns.service]);
    const cable = await cableTo(port);
    const link = place.connect(cable.address);
    const waiting = iterator(
      link.client<Campaigns>(CampaignsDefinition, { deadlineMs: 0 }).WatchCampaign({ campaign: 'c' }),
    ).next();
    await eventually(campaigns.isWatched);
    cable.freeze();
    const began = performance.now();
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable', retryable: true });
    await eventually(campaigns.isReturned);
    expect(performance.now() - began).toBeLessThan(30_000);
    await cable.close();
  });

  it('ends with the reason that its link is closed for', async () => {
    const campaigns = watched();
    const { address } = await place.serve([campaigns.service]);
    const link = place.connect(address);
    const client = link.client<Campaigns>(CampaignsDefinition);
    const waiting = iterator(client.WatchCampaign({ campaign: 'c' })).next();
    await eventually(campaigns.isWatched);
    link.close(new AppError('unavailable', 'gone', { retryable: true }));
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable', retryable: true, message: 'gone' });
    await expect(client.PauseCampaign({ campaign: 'c' })).rejects.toMatchObject({ message: 'gone' });
  });

  it('ends with its link, which then is closed', async () => {
    const campaigns = watched();
    const { address } = await place.serve([campaigns.service]);
    const link = place.connect(address);
    const client = link.client<Campaigns>(CampaignsDefinition);
    const waiting = iterator(client.WatchCampaign({ campaign: 'c' })).next();
    await eventually(campaigns.isWatched);
    link.close();
    await expect(waiting).rejects.toMatchObject({ code: 'closed' });
    await expect(client.PauseCampaign({ campaign: 'c' })).rejects.toMatchObject({ code: 'closed' });
    await eventually(campaigns.isReturned);
  });
});

it('comes back to a server that was started anew', async () => {
  const service = served(GatewayDefinition, part<Gateway>({ ListSources: async () => ({ sources: [] }) }));
  const first = await place.serve([service]);
  const client = place.connect(`grpc://${first.address}`).client<Gateway>(GatewayDefinition);
  await client.ListSources({});
  await first.stop(0);
  await expect(client.ListSources({})).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await place.serve([service], { address: first.address });
  await eventually(
    () =>
      client.ListSources({}).then(
        () => true,
        () => false,
      ),
    5000,
  );
});

async function gateway(methods: Partial<Gateway>): Promise<Gateway> {
  const { address } = await place.serve([served(GatewayDefinition, part<Gateway>(methods))]);
  return place.connect(address).client<Gateway>(GatewayDefinition);
}

async function trainingShard(shard: TrainingShard): Promise<TrainingShard> {
  const { address } = await place.serve([served<TrainingShard>(TrainingShardDefinition, shard)]);
  return place.connect(address).client<TrainingShard>(TrainingShardDefinition);
}

/** The methods that a test calls. */
function part<S>(methods: Partial<S>): S {
  return methods as S;
}

function ranking(partition: number, snapshotHash: string): PartitionRanking {
  const candidate = { materialId: 'mp-1', materialHash: 'h1:1', score: 1 / 7 };
  const candidates = [
    {
      ...{ ...candidate, mean: DOUBLES, standardDeviation: [...DOUBLES].reverse(), memberPredictions: [] },
      ...{ sampled: DOUBLES, position: [Math.fround(0.1)] },
    },
  ];
  const none = { candidatesAggregates: [], testAggregates: [], measuredRows: [], awaited: [], best: DOUBLES };
  return { partition, snapshotHash, modelHashes: ['a'], candidates, ...none };
}

function item(clientId: string): SubmitRequest {
  return { clientId, source: 's', material: undefined, labels: [], rejection: undefined, sourceCompleted: false };
}

function accepted(clientId: string): SubmitReply {
  return { clientId, refusal: undefined };
}

/** Items, after `first` of them nothing, and whether their reader has let go. */
function endless(first = Number.POSITIVE_INFINITY) {
  let count = 0;
  let returned = false;
  const items: AsyncIterableIterator<SubmitRequest> = {
    next: () => (count < first ? Promise.resolve({ value: item(`${count++}`), done: false }) : never()),
    return: async () => {
      returned = true;
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return { items, isReturned: () => returned };
}

/** A campaign whose progress the test tells. */
function watched() {
  let watches = 0;
  let returned = false;
  const rounds: number[] = [];
  let wake = () => {};
  const progress: AsyncIterableIterator<CampaignProgress> = {
    async next() {
      watches++;
      while (rounds.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const zeros = {
        membersTrained: 0,
        members: 0,
        calculationsSettled: 0,
        calculations: 0,
        labelsAcquired: 0,
        pool: 0,
      };
      return { value: { campaign: 'c', round: rounds.shift()!, ...zeros, paused: false }, done: false };
    },
    async return() {
      returned = true;
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return {
    service: served(CampaignsDefinition, part<Campaigns>({ WatchCampaign: () => progress })),
    tell(round: number) {
      rounds.push(round);
      wake();
    },
    isWatched: () => watches > 0,
    isReturned: () => returned,
  };
}

/** A way to a server that can be cut, as when a process dies, or frozen, as when a machine loses its power. */
async function cableTo(port: number) {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      socket.on('error', () => undefined);
      sockets.push(socket);
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as { port: number };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `127.0.0.1:${own}`,
    cut,
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: () => {
      cut();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

async function all<T>(messages: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = [];
  for await (const message of messages) got.push(message);
  return got;
}

function iterator<T>(messages: AsyncIterable<T>): AsyncIterator<T> {
  return messages[Symbol.asyncIterator]();
}
