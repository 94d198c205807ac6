import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { CampaignConfig } from '../../../src/learning/campaign/campaign-config.ts';
import { configHash, recordedHash } from '../../../src/learning/campaign/campaign-decider.ts';
import { recordedConfig } from '../../../src/learning/campaign/recorded-config.ts';
import { acceptedLabel, type Label } from '../../../src/model/label.ts';
import type { Material } from '../../../src/model/material.ts';
import { materialHash } from '../../../src/model/material-hash.ts';
import type { ToldResult } from '../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { fromMaterialMessage, toMaterialMessage } from '../../../src/protocol/material-message.ts';
import { createLogLookup } from '../../../src/reading/log-lookup.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { acceptResult } from '../../../src/runtime/result-events.ts';
import { CONFIG } from '../../support/campaigns.ts';
import { collected } from '../../support/events.ts';
import { type GatewayPlace, openGatewayPlace } from '../../support/gateway.ts';
import { SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';
import {
  ASKED,
  failure,
  MANUAL,
  METHOD,
  NEW,
  OTHER,
  POOL,
  result,
  selected,
  waiting,
} from '../../support/waiting-campaign.ts';

const places: GatewayPlace[] = [];
afterEach(async () => {
  for (const place of places.splice(0)) await place.close();
});
async function open(config?: CampaignConfig): Promise<GatewayPlace> {
  const place = await openGatewayPlace();
  places.push(place);
  await createPublisher(place.ports, 'given').publish(waiting(config));
  return place;
}

async function tell({ gateway }: GatewayPlace, ...results: ToldResult[]) {
  const { outcomes } = await gateway.Tell({ campaign: 'test', results, rejections: [] });
  return outcomes.map(({ outcome, refusal, attemptsLeft }) => {
    if (refusal) return `${refusal.code}: ${refusal.message}`;
    return outcome === 'failed' ? `failed, ${attemptsLeft} left` : outcome;
  });
}

/** What the log holds of a material, each event once, and the label that counts. */
async function held({ ports }: GatewayPlace, { id }: Pick<Material, 'id'>) {
  const lookup = createLogLookup(ports.log, ports.topics);
  const results = (await lookup.resultsOf(id)).map((one) => acceptResult(one));
  const labels = new Map<string, Label>();
  for (const label of await lookup.labelsOf(id)) labels.set(label.id, label);
  for (const one of results) if (one.type === 'LabelIngested') labels.set(one.label.id, one.label);
  const accepted = acceptedLabel(labels.values(), [{ labelSet: 'campaign:test' }]);
  const failed = new Set((await lookup.failuresOf(id)).map(({ attempt }) => attempt));
  return { labels: [...labels.values()], g: accepted?.values.g_vrh, accepted, failed: failed.size };
}

describe('telling a campaign', () => {
  it('answers what was asked, with the method of the campaign or its own', async () => {
    const place = await open();
    const own = result('other', 20, {
      method: { kind: 'dft', code: 'QE', functional: undefined, relaxedIon: undefined },
    });
    expect(await tell(place, result('asked', 10), own)).toEqual(['answered', 'answered']);
    const { accepted } = await held(place, ASKED);
    const { calculationId: id, materialHash: hash } = selected(ASKED);
    expect(accepted).toMatchObject({ materialHash: hash, method: METHOD, provenance: `calculation:${id}` });
    expect((await held(place, OTHER)).accepted?.method).toEqual({ kind: 'dft', code: 'QE' });
  });

  it('is answered by who asked: what is open, with its structure, until it is told', async () => {
    const place = await open();
    const ask = async (count?: number) => {
      const all = await collected(place.gateway.Ask({ campaign: 'test', count }));
      return all.map((one) => [one.rank, one.material?.id, one.attempt, one.lastFailure]);
    };
    expect(await ask()).toEqual([
      [1, 'asked', 1, undefined],
      [2, 'other', 1, undefined],
    ]);
    expect(await ask(1)).toHaveLength(1);
    const [first] = await collected(place.gateway.Ask({ campaign: 'test', count: 1 }));
    expect(first).toMatchObject({ method: METHOD, targets: ['g_vrh', 'k_vrh'], mean: [1, 2], round: 1 });
    expect(fromMaterialMessage(first!.material!, 'material')).toEqual(ASKED);
    await tell(place, result('asked', 10), failure('other', 'no scf'));
    expect(await ask()).toEqual([[2, 'other', 2, 'no scf']]);
    await tell(place, failure('other', 'no scf', 2));
    expect(await ask()).toEqual([]);
    const replaying = await open(CONFIG);
    await expect(collected(replaying.gateway.Ask({ campaign: 'test', count: undefined }))).rejects.toThrow('by itself');
  });

  it('takes what nobody asked for: a candidate, and a new material with its structure', async () => {
    const place = await open();
    const given = result('new', 30, { material: toMaterialMessage(NEW) });
    expect(await tell(place, result('pool', 10), given)).toEqual(['added', 'added']);
    expect((await held(place, POOL)).accepted).toMatchObject({ materialHash: materialHash(POOL) });
    const ingested = (await place.records(SIMULATED_TOPICS.materials)).filter(({ id }) => id.includes('campaign:test'));
    expect(ingested.map(({ key }) => Buffer.from(key).toString())).toEqual(['new']);
  });

  it('keeps both where a second answer corrects the first, and the later one counts', async () => {
    const place = await open();
    expect(await tell(place, result('asked', 10))).toEqual(['answered']);
    expect(await tell(place, result('asked', 11))).toEqual(['corrected']);
    expect(await tell(place, result('asked', 12))).toEqual(['corrected']);
    const { labels, g } = await held(place, ASKED);
    expect([labels.length, g]).toEqual([3, 12]);
    // The first file once more.
    expect(await tell(place, result('asked', 10))).toEqual(['superseded']);
    expect(await held(place, ASKED)).toMatchObject({ g: 12 });
    // The correction was wrong.
    expect(await tell(place, result('asked', 10, { restore: true }))).toEqual(['corrected']);
    expect(await tell(place, result('asked', 10, { restore: true }))).toEqual(['known']);
    expect(await held(place, ASKED)).toMatchObject({ g: 10 });
  });

  it('counts a failed attempt once, and refuses what cannot have failed', async () => {
    const place = await open();
    expect(await tell(place, failure('asked', 'no scf'))).toEqual(['failed, 1 left']);
    expect(await tell(place, failure('asked', 'no scf'))).toEqual(['known']);
    expect(await tell(place, failure('asked', 'no scf', 1))).toEqual(['known']);
    expect(await tell(place, failure('asked', 'no scf', 2))).toEqual(['failed, 0 left']);
    expect(await tell(place, failure('asked', 'no disk'))).toEqual([
      'out_of_range: attempt of asked is 3: all 2 attempts have failed',
    ]);
    expect((await held(place, ASKED)).failed).toBe(2);
    // It came after all.
    expect(await tell(place, result('asked', 10))).toEqual(['answered']);
    expect(await tell(place, failure('pool', 'no scf'))).toEqual([expect.stringContaining('has not asked for pool')]);
    expect(await tell(place, result('other', 10))).toEqual(['answered']);
    expect(await tell(place, failure('other', 'no scf'))).toEqual([expect.stringContaining('other has a result')]);
  });

  it.each<[string, ToldResult, string]>([
    ['an unknown material', result('Asked', 10), 'missing_field: test knows no material Asked: correct the id (case'],
    [
      'a value in another unit',
      result('asked', 1, { values: [{ target: 'g_vrh', value: 1, unit: 'kbar' }] }),
      'out_of_range: g_vrh of asked has kbar; give it in GPa',
    ],
    ['a value in Pa', result('asked', 1e10), 'out_of_range: g_vrh of asked is 10000000000 GPa'],
    ['a value that is none', result('asked', Number.NaN), 'bad_number: g_vrh of asked is NaN'],
    ['no value', result('asked', 1, { values: [] }), 'missing_field: asked has neither g_vrh nor k_vrh'],
    [
      'another value',
      result('asked', 1, { values: [{ target: 'gap', value: 1, unit: 'eV' }] }),
      'missing_field: asked has none of g_vrh, k_vrh',
    ],
    [
      'a calculation of another material',
      result('pool', 1, { calculationId: selected(ASKED).calculationId }),
      'bad_id: test has not asked for calculation',
    ],
    ['a bad id', result('', 1), 'bad_message: results[0].material_id is refused'],
    [
      'a failure with values',
      result('asked', 1, { failure: 'no scf' }),
      'bad_message: results[0] has both a failure and values',
    ],
    ['an empty reason', failure('asked', ''), 'bad_message: results[0].failure is empty'],
    [
      'a structure of another',
      result('new', 1, { material: toMaterialMessage(POOL) }),
      'bad_message: results[0].material.id is pool',
    ],
  ])('refuses %s, keeps the refusal, and takes the others', async (_, bad, message) => {
    const place = await open();
    expect(await tell(place, bad, result('other', 20))).toEqual([expect.stringContaining(message), 'answered']);
    expect(await place.records(SIMULATED_TOPICS.rejections)).toHaveLength(1);
  });

  it('refuses two results that differ, and takes one that is given twice', async () => {
    const place = await open();
    const differ = 'conflicting_label: two results of asked differ: keep the right one';
    const told = await tell(place, result('asked', 10), result('asked', 11), result('other', 5), result('other', 5));
    expect(told).toEqual([expect.stringContaining(differ), expect.stringContaining(differ), 'answered', 'answered']);
    expect(await held(place, ASKED)).toMatchObject({ labels: [] });
    expect((await held(place, OTHER)).labels).toHaveLength(1);
  });

  it('says which campaigns there are, and which calculates by itself', async () => {
    const { gateway } = await open();
    const request = { campaign: 'tset', results: [], rejections: [] };
    await expect(gateway.Tell(request)).rejects.toThrow('there is no campaign "tset": there are test');
    const replaying = await open(CONFIG);
    await expect(tell(replaying, result('asked', 1))).rejects.toThrow(
      "calculates by itself (calculator.kind: replay): 'elastream submit'",
    );
    expect(recordedHash(recordedConfig(MANUAL))).toBe(configHash(MANUAL));
  });

  it('has each answer once in effect, told in any order, again, and by two clients at the same time', async () => {
    const answers = [result('asked', 10), result('other', 20), result('pool', 30), failure('other', 'no scf', 1)];
    const told = fc.array(fc.constantFrom(...answers.keys()), { minLength: 1, maxLength: 8 });
    const both = fc.tuple(told, told);
    await fc.assert(
      fc.asyncProperty(both, async ([one, two]) => {
        const place = await open();
        const client = async (order: readonly number[]) => {
          for (const i of order) await tell(place, answers[i]!);
        };
        await Promise.all([client(one), client(two)]);
        const all = new Set([...one, ...two]);
        for (const [i, of] of [ASKED, OTHER, POOL].entries()) {
          expect((await held(place, of)).labels).toHaveLength(all.has(i) ? 1 : 0);
        }
        expect((await held(place, OTHER)).failed).toBeLessThanOrEqual(1);
      }),
      { numRuns: 10 },
    );
  });
});
