import { describe, expect, it } from 'vitest';
import { startIngestion } from '../../../services/ingestion/ingestion.ts';
import { deformationsHash } from '../../../src/model/deformation.ts';
import type { LabelIngested, ResultReceived } from '../../../src/model/events.ts';
import type { MaterialId } from '../../../src/model/material-id.ts';
import { routeOf } from '../../../src/protocol/event-routes.ts';
import { acceptResult } from '../../../src/runtime/result-events.ts';
import { candidateOf, hashOf, selectionOf } from '../../support/campaigns.ts';
import { event } from '../../support/events.ts';
import { openServiceWorld, SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

const { labels, rejections, results } = SIMULATED_TOPICS;
const ID = hashOf('calculation');
const RESULT: ResultReceived = {
  type: 'ResultReceived',
  ...{ calculationId: ID, attempt: 2, materialId: 'mp-1' as MaterialId, materialHash: hashOf('material') },
  ...{ labelSet: 'campaign:test', method: { kind: 'dft', code: 'VASP 6' }, values: { g_vrh: 80, k_vrh: 120 } },
};

describe('a result of a calculation', () => {
  it('becomes a label of the campaign that asked, with the calculation as its provenance', () => {
    const { materialId, materialHash, labelSet, method, values } = RESULT;
    const label = { materialId, materialHash, labelSet, method, values, provenance: `calculation:${ID}` };
    expect(acceptResult(RESULT)).toMatchObject({ type: 'LabelIngested', source: 'campaign:test', label });
  });

  it('is the same label whichever attempt gave it', () => {
    expect(acceptResult({ ...RESULT, attempt: 3 })).toEqual(acceptResult(RESULT));
  });

  it('keeps its tensor', () => {
    const tensor = Float64Array.from({ length: 36 }, (_, i) => i);
    expect((acceptResult({ ...RESULT, tensor }) as LabelIngested).label.tensor).toEqual(tensor);
  });

  it('names the deformations that it was fitted to, in whatever order they came', () => {
    const deformation = { gradient: new Float64Array(9), stress: new Float64Array(6), provenance: 'a' };
    const deformations = [deformation, { ...deformation, provenance: 'b' }];
    const { label } = acceptResult({ ...RESULT, deformations }) as LabelIngested;
    expect(label.deformationsHash).toBe(deformationsHash(deformations));
    expect(label.id).not.toBe((acceptResult(RESULT) as LabelIngested).label.id);
    expect(acceptResult({ ...RESULT, deformations: deformations.toReversed() })).toEqual(
      acceptResult({ ...RESULT, deformations }),
    );
  });

  it.each([
    ['NaN', { g_vrh: Number.NaN, k_vrh: 120 }, 'bad_number'],
    ['beyond belief', { g_vrh: 80_000 }, 'out_of_range'],
    ['nothing at all', {}, 'missing_field'],
  ])('is refused where it says %s, and the rejection names the calculation', (_, values, code) => {
    const rejected = acceptResult({ ...RESULT, values });
    const rejection = { code, source: `calculation:${ID}`, materialId: 'mp-1' };
    expect(rejected).toMatchObject({ type: 'InputRejected', calculationId: ID, rejection });
    expect(acceptResult({ ...RESULT, values })).toEqual(rejected);
  });
});

const asked = (...ids: (typeof ID)[]) => {
  const { materialId, materialHash } = RESULT;
  const chosen = ids.map((calculationId) => ({ ...candidateOf('x'), materialId, materialHash, calculationId }));
  return selectionOf(chosen).map((event) => ({ event, campaign: 'test' }));
};

describe('ingestion', () => {
  it.each([
    ['that no campaign has selected', { calculationId: hashOf('never') }],
    ['of another material', { materialId: 'mp-2' as MaterialId }],
    ['of another version', { materialHash: hashOf('another') }],
    ['for another campaign', { labelSet: 'campaign:other' }],
    ['for the data of all', { labelSet: 'known' }],
  ])('refuses a result %s, with its place, and goes on', async (_, change) => {
    const { ports, run, given, eventsOf } = openServiceWorld();
    await run(given(...asked(ID)));
    await run(given({ event: { ...RESULT, ...change } }));
    await run(startIngestion(ports));
    await run(given({ event: RESULT }));
    await run(ports.clock.sleep(1000));
    expect(eventsOf(labels)).toEqual([acceptResult(RESULT)]);
    expect(eventsOf(rejections)).toEqual([
      expect.objectContaining({
        rejection: {
          ...{ code: 'bad_message', source: results.name, locator: expect.stringMatching(/^partition \d offset 0$/) },
          message: expect.stringContaining('ResultReceived means nothing here: no campaign of label set'),
        },
      }),
    ]);
  });

  it('leaves to a newer version what it cannot tell', async () => {
    const { world, ports, run, given, eventsOf } = openServiceWorld();
    await run(given(...asked().slice(0, 1)));
    const place = routeOf(asked()[0]!.event, SIMULATED_TOPICS);
    const newer = { ...event('x'), key: place.key, type: 'elastream.v1.MoonPhaseChanged' };
    await run(ports.log.append(place, [newer]));
    await run(startIngestion(ports));
    await run(given({ event: RESULT }));
    await run(ports.clock.sleep(1000));
    expect(eventsOf(labels)).toEqual([acceptResult(RESULT)]);
    expect(world.stored.log.records(rejections.name).flat()).toEqual([]);
  });

  it('brings labels and rejections to the log, each under one id however often its result comes', async () => {
    const { world, ports, run, given, eventsOf } = openServiceWorld();
    const bad = { ...RESULT, calculationId: hashOf('other'), values: { g_vrh: Number.NaN } };
    await run(given(...asked(ID, bad.calculationId)));
    await run(given({ event: RESULT }, { event: bad }));
    await run(startIngestion(ports));
    await run(given({ event: { ...RESULT, attempt: 3 } }, { event: bad }));
    await run(ports.clock.sleep(1000));
    const [accepted, refused] = [acceptResult(RESULT), acceptResult(bad)];
    expect(eventsOf(labels)).toEqual([accepted, accepted]);
    expect(eventsOf(rejections)).toEqual([refused, refused]);
    const ids = [labels, rejections].map(({ name }) =>
      world.stored.log
        .records(name)
        .flat()
        .map(({ id }) => id),
    );
    expect(ids.map((all) => new Set(all).size)).toEqual([1, 1]);
  });
});
