import { expect, it } from 'vitest';
import { startEmbedded } from '../../../services/embedded/embedded.ts';
import { AppError } from '../../../src/model/app-error.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { ingestSource } from '../../support/ingest-source.ts';
import { drawPlan } from '../../support/simulation/campaign/campaign-plan.ts';
import { openServiceWorld, SIMULATED_TOPICS as topics } from '../../support/simulation/service-world.ts';

const SEED = 3;
const HOUR_MS = 3_600_000;

/** The whole loop in one process, over a store and a log that refuse what they are told to. */
async function openLoop() {
  const { sources, arms } = drawPlan(SEED);
  const { world, node, ports: own, run } = openServiceWorld({ seed: SEED });
  const trouble = { storeIsFull: false, memberBytesMax: Number.POSITIVE_INFINITY, isBroken: false };
  const models: typeof node.modelStore = {
    ...node.modelStore,
    async put(bytes) {
      if (trouble.storeIsFull) throw new AppError('storage_unwritable', 'maximum bytes exceeded (10077)');
      return node.modelStore.put(bytes);
    },
  };
  const log: typeof own.log = {
    ...own.log,
    async append(at, events) {
      const tooLarge = events.find(({ type, value }) => {
        return type.endsWith('.MemberTrained') && value.length > trouble.memberBytesMax;
      });
      if (tooLarge) throw new AppError('invalid_argument', `event ${tooLarge.id} has too many bytes`);
      return own.log.append(at, events);
    },
  };
  const ports = { ...own, log };
  const { controlPlane: control, regressor, featurizer, calculator } = node;
  const breakable: typeof calculator = {
    async run(job, signal) {
      if (trouble.isBroken) throw new AppError('dependency_missing', 'pw.x is not installed');
      return calculator.run(job, signal);
    },
  };
  const parts = { ports, control, models, regressor, featurizer, calculator: breakable, writer: 'w', engine: 'stumps' };
  const loop = await run(startEmbedded(parts));
  const publisher = createPublisher(ports, 'ingestion');
  for (const { id, labelSet, items } of sources)
    await run(ingestSource(node.source(id, items), { topics, publisher, labelSet }));
  const ids = sources.map(({ id }) => id);
  const create = (name: string) => run(loop.acquisition.create(name, { ...arms[0]!, name }, ids));
  const state = (name: string) => loop.acquisition.state(name);
  const until = (holds: () => boolean) => world.clock.runUntil(holds, 100 * HOUR_MS);
  return { loop, run, trouble, create, state, until, clock: ports.clock };
}

const MEMBER = /^member \d of round 1 cannot be trained: /;
const CALCULATION = /^the calculation of .* cannot be done: /;

it.each([
  ['a model store that is full', { storeIsFull: true }, MEMBER, 'maximum bytes exceeded (10077)'],
  ['a member that does not fit the log', { memberBytesMax: 10 }, MEMBER, 'has too many bytes'],
  ['a calculator that is broken', { isBroken: true }, CALCULATION, 'pw.x is not installed'],
])('%s parks its campaign alone, until it is resumed', async (_, change, what, reason) => {
  const { loop, run, trouble, create, state, until, clock } = await openLoop();
  const well = { ...trouble };
  Object.assign(trouble, change);
  await create('hit');
  await until(() => state('hit').parked !== undefined);
  expect(state('hit').parked).toMatch(what);
  expect(state('hit').parked).toContain(reason);
  await run(clock.sleep(HOUR_MS));
  Object.assign(trouble, well);
  await create('spared');
  await until(() => state('spared').stopped !== undefined);
  await expect(Promise.race([loop.failed, 'well'])).resolves.toBe('well');
  expect(state('spared').parkings).toBe(0);
  expect(state('hit')).toMatchObject({ parkings: 1, parked: expect.stringContaining(reason) });
  await run(loop.acquisition.request('hit', { type: 'ResumeCampaign' }));
  await until(() => state('hit').stopped !== undefined);
  await run(loop.stop());
});
