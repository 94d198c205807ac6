import { describe, expect, it } from 'vitest';
import { startProjection } from '../../../services/projection/projection.ts';
import type { RoundOpened, Selected } from '../../../src/learning/campaign/campaign-events.ts';
import { snapshotHash } from '../../../src/learning/campaign/round-snapshot.ts';
import { memberModelHash } from '../../../src/learning/ensemble/member-models.ts';
import { AppError } from '../../../src/model/app-error.ts';
import type { MemberTrained } from '../../../src/model/events.ts';
import type { ResultStore } from '../../../src/ports/result-store.ts';
import { created, hashOf, runCampaign, snapshotOf } from '../../support/campaigns.ts';
import { openServiceWorld } from '../../support/simulation/service-world.ts';
import { dropTables } from '../../support/simulation/simulated-result-store.ts';

const { campaign: STREAM } = runCampaign(created({ stop: { rounds: 1 } }), ['a', 'b', 'c']);
const PUBLISHED = STREAM.map((event) => ({ event: event as RoundOpened, campaign: 'test' }));
const OPENED = STREAM.find((event) => event.type === 'RoundOpened') as RoundOpened;

function trained({ trees = 'trees', ...change }: Partial<MemberTrained> & { trees?: string } = {}): MemberTrained {
  const heldOut = { mae: 1, rmse: 2, r2: 0.5 };
  const arrays = { heldOutRows: Int32Array.of(1), heldOutPredictions: Float64Array.of(7) };
  const treesHash = hashOf(trees);
  const model = { model: '0'.repeat(64), treesHash, trainingRows: 3 };
  return {
    ...{ type: 'MemberTrained', campaign: 'test', round: 1, snapshotHash: OPENED.snapshotHash, member: 0 },
    ...{ modelHash: memberModelHash([treesHash]), engine: 'engine', seconds: 1 },
    targets: [{ target: 'g_vrh', ...model, heldOut, ...arrays }],
    ...change,
  };
}

describe('projection', () => {
  it('brings the rows of a batch to the tables whole, although the store refuses some on the way', async () => {
    const { world, node, ports, run, given } = openServiceWorld();
    const refused = new Set<string>();
    const results = new Proxy(node.resultStore, {
      get: (store, name: keyof ResultStore) => (rows: never) => {
        if (refused.has(name)) return store[name](rows, undefined as never);
        refused.add(name);
        return Promise.reject(new AppError('unavailable', 'no server answers', { retryable: true }));
      },
    });
    await run(given(...PUBLISHED, { event: trained() }));
    const projection = await run(startProjection(ports, results));
    await run(ports.clock.sleep(60_000));
    expect([...refused].sort()).toEqual([
      ...['notePositions', 'positions', 'storeMembers', 'storeRounds', 'storeSelections', 'thinPredictionsBefore'],
    ]);
    const { members, rounds, selections } = world.stored.results;
    expect([members.size, rounds.size, selections.size]).toEqual([1, 2, 2]);
    await run(projection.stop());
  });

  it('keeps the first model of a member, also in a later life', async () => {
    const { world, node, ports, run, given } = openServiceWorld();
    await run(given(...PUBLISHED));
    for (const seconds of [0, 1]) {
      await run(given({ event: trained({ seconds, trees: `trees ${seconds}` }) }));
      const projection = await run(startProjection(ports, node.resultStore));
      await run(ports.clock.sleep(60_000));
      await run(projection.stop());
    }
    expect([...world.stored.results.members.values()]).toMatchObject([{ seconds: 0 }]);
  });

  it('refuses what means nothing where it stands, once and for good, and goes on', async () => {
    const { world, node, ports, run, given, eventsOf } = openServiceWorld();
    const at = PUBLISHED.findIndex(({ event }) => event === OPENED);
    const { epoch, writer, sequence } = OPENED;
    const selected = STREAM.find((event) => event.type === 'Selected') as Selected;
    const senseless = { ...selected, epoch, writer, sequence, round: 7 };
    await run(given(...PUBLISHED.slice(0, at), { event: senseless, campaign: 'test' }, ...PUBLISHED.slice(at)));
    const member = 99;
    await run(given({ event: trained({ member }) }, { event: trained({ round: 5 }) }, { event: trained() }));
    await run(given({ event: trained({ campaign: 'none' }) }));
    const rejections = () =>
      eventsOf(ports.topics.rejections).flatMap((event) =>
        event.type === 'InputRejected' ? [event.rejection.message] : [],
      );
    for (let life = 0; life < 2; life++) {
      const projection = await run(startProjection(ports, node.resultStore));
      await run(ports.clock.sleep(60_000));
      await expect(Promise.race([projection.failed, 'goes on'])).resolves.toBe('goes on');
      await run(projection.stop());
      expect(rejections().sort()).toEqual([
        'MemberTrained means nothing here: member 99 is none of 2',
        'MemberTrained means nothing here: round 5 was not opened with this snapshot',
        'MemberTrained means nothing here: there is no campaign none',
        'Selected means nothing here: round 7 has not been opened',
      ]);
    }
    const { members, rounds } = world.stored.results;
    expect([members.size, rounds.size]).toEqual([1, 2]);
  });

  it('shows nothing of what a deposed writer wrote', async () => {
    const { world, node, ports, run, given } = openServiceWorld();
    const [creation, claim] = PUBLISHED;
    const other = (writer: string, epoch: number) => ({ writer, epoch, sequence: 1 });
    const hash = (id: string) => snapshotHash('test', snapshotOf(1, [id]));
    const opened = (id: string) => ({ ...OPENED, snapshot: snapshotOf(1, [id]), snapshotHash: hash(id) });
    const selected = STREAM.find((event) => event.type === 'Selected') as Selected;
    const events = [
      { ...opened('deposed'), ...other('w1', 1) },
      { ...opened('current'), ...other('w2', 2) },
      { ...selected, ...other('w2', 2), sequence: 2 },
    ];
    await run(given(creation!, claim!, { event: { type: 'EpochClaimed', epoch: 2, writer: 'w2' }, campaign: 'test' }));
    for (const event of events) await run(given({ event, campaign: 'test' }));
    await run(startProjection(ports, node.resultStore));
    await run(ports.clock.sleep(60_000));
    const rounds = [...world.stored.results.rounds.values()];
    expect(rounds).toMatchObject([{ epoch: 2, snapshotHash: hash('current') }]);
    expect(world.stored.results.selections.size).toBe(2);
  });
});

describe('tables', () => {
  const MINUTE_MS = 60_000;
  const JUNK = { type: 'InputRejected', id: hashOf('junk'), rejection: { code: 'bad_number', message: 'm' } } as const;
  const rejected = { event: { ...JUNK, rejection: { ...JUNK.rejection, source: 's' } } };

  /** A campaign's events are in the log and in the tables; the projection runs unless it is stopped. */
  async function filled() {
    const { world, node, ports, run, given } = openServiceWorld();
    const { results } = world.stored;
    const lacking: number[] = [];
    const start = () => run(startProjection(ports, node.resultStore, { onLacking: (events) => lacking.push(events) }));
    await run(given(...PUBLISHED, { event: trained() }, rejected));
    const projection = await start();
    await run(ports.clock.sleep(MINUTE_MS));
    const sizes = () =>
      [results.members, results.rounds, results.selections, results.rejections].map(({ size }) => size);
    expect(sizes()).toEqual([1, 2, 2, 1]);
    const content = () => new Map(Object.entries(results).map(([table, rows]) => [table, new Map(rows)]));
    const replaceBy = (old: ReadonlyMap<string, ReadonlyMap<string, unknown>>) => {
      for (const [table, rows] of Object.entries(results)) {
        rows.clear();
        for (const [key, row] of old.get(table) ?? []) rows.set(key, row);
      }
    };
    return { world, ports, run, given, projection, start, sizes, content, replaceBy, lacking };
  }

  it('that were dropped are filled again by the next start', async () => {
    const { run, projection, start, sizes, replaceBy, lacking } = await filled();
    await run(projection.stop());
    replaceBy(new Map());
    await run((await start()).filled());
    expect(sizes()).toEqual([1, 2, 2, 1]);
    expect(lacking.length).toBe(1);
  });

  it('that were dropped while it runs are filled again within minutes, and are left alone from then on', async () => {
    const { ports, run, sizes, replaceBy, lacking } = await filled();
    replaceBy(new Map());
    await run(ports.clock.sleep(6 * MINUTE_MS));
    expect(sizes()).toEqual([1, 2, 2, 1]);
    await run(ports.clock.sleep(60 * MINUTE_MS));
    expect(lacking.length).toBe(1);
  });

  it('that are an old copy get what has come since, at the next start and while it runs', async () => {
    const { ports, run, given, projection, start, sizes, content, replaceBy } = await filled();
    const old = content();
    await run(given({ event: trained({ member: 1 }) }, { event: { ...rejected.event, id: hashOf('more') } }));
    await run(ports.clock.sleep(MINUTE_MS));
    expect(sizes()).toEqual([2, 2, 2, 2]);
    replaceBy(old);
    await run(ports.clock.sleep(6 * MINUTE_MS));
    expect(sizes()).toEqual([2, 2, 2, 2]);
    await run(projection.stop());
    replaceBy(old);
    await run((await start()).filled());
    expect(sizes()).toEqual([2, 2, 2, 2]);
  });

  it('that were lost between the first rows of a partition and its first note are filled again', async () => {
    const { world, node, ports, run, given } = openServiceWorld();
    const { results } = world.stored;
    let isLost = false;
    const losing = new Proxy(node.resultStore, {
      get: (store, name: keyof ResultStore) => async (rows: never) => {
        const answer = await store[name](rows, undefined as never);
        if (name === 'storeRejections' && !isLost) {
          isLost = true;
          dropTables(results, ['rejections', 'positions']);
          // Another node looks for notes, which lays the tables out again.
          await store.positions();
        }
        return answer;
      },
    });
    await run(given(...PUBLISHED, rejected));
    await run(startProjection(ports, losing));
    await run(ports.clock.sleep(6 * MINUTE_MS));
    expect([isLost, results.rejections.size]).toEqual([true, 1]);
  });

  it("that are another log's count for nothing", async () => {
    const { run, projection, start, sizes, content, replaceBy } = await filled();
    await run(projection.stop());
    const foreign = content();
    const positions = foreign.get('positions')!;
    for (const [key, row] of positions) positions.set(key, { ...(row as object), lastId: 'of another log' });
    replaceBy(new Map([['positions', positions]]));
    await run((await start()).filled());
    expect(sizes()).toEqual([1, 2, 2, 1]);
  });

  it('are not read again where nothing is lacking', async () => {
    const { run, projection, start, lacking } = await filled();
    await run(projection.stop());
    await run((await start()).filled());
    expect(lacking).toEqual([]);
  });
});
