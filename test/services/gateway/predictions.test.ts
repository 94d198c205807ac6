import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FEATURES, featureIndices } from '../../../src/featurizers/feature-schema.ts';
import { createMaterialFeaturizer } from '../../../src/featurizers/material-featurizer.ts';
import type { RoundOpened } from '../../../src/learning/campaign/campaign-events.ts';
import { memberModelHash, readModel } from '../../../src/learning/ensemble/member-models.ts';
import { predictRows } from '../../../src/learning/ensemble/predict-rows.ts';
import type { MemberTrained } from '../../../src/model/events.ts';
import type { Material } from '../../../src/model/material.ts';
import { MODULI } from '../../../src/model/target.ts';
import type { ModelName } from '../../../src/ports/model-store.ts';
import { toMaterialMessage } from '../../../src/protocol/material-message.ts';
import { createPublisher } from '../../../src/runtime/publisher.ts';
import { CONFIG, created, hashOf, runCampaign } from '../../support/campaigns.ts';
import { directFeaturizer } from '../../support/direct-featurizer.ts';
import { eventually } from '../../support/eventually.ts';
import { type GatewayPlace, openGatewayPlace } from '../../support/gateway.ts';
import { createSeededRandom } from '../../support/simulation/seeded-random.ts';
import { syntheticItems } from '../../support/simulation/simulated-source.ts';
import { stumpsText } from '../../support/simulation/stump-booster.ts';

const { campaign: STREAM } = runCampaign(created({ stop: { rounds: 6 } }), [...'abcdefghijklmnopq']);
const OPENED = STREAM.filter((event): event is RoundOpened => event.type === 'RoundOpened');
const MATERIALS = syntheticItems(9, createSeededRandom(3)).flatMap((item) =>
  item.kind === 'material' ? [item.material] : [],
);
const COLUMNS = featureIndices('paper');
const VECTORS = MATERIALS.map((material) => {
  const vector = new Float64Array(FEATURES.length);
  createMaterialFeaturizer({ cell: 'primitive' }).featurize(material, vector);
  return vector;
});
/** Splits the materials into two by a feature of theirs. */
const SPLIT = COLUMNS.findIndex((index) => new Set(VECTORS.map((vector) => vector[index])).size > 2);
const materials = MATERIALS.map(toMaterialMessage);

/** A member's model of a target in a round: two leaves of its own. */
function modelText(round: number, member: number, target: number): string {
  const threshold = VECTORS[0]![COLUMNS[SPLIT]!]!;
  const leaves = [100 * round + 10 * member + target, 7 + member] as const;
  return stumpsText(COLUMNS.length, 1, [{ column: SPLIT, threshold, gain: 1, leaves }]);
}

function expected(round: number) {
  const ensemble = [0, 1].map((member) => [0, 1].map((target) => readModel(modelText(round, member, target))));
  const rows = VECTORS.map((vector) => ({ vector }));
  const { mean, standardDeviation } = predictRows(rows, {
    models: ensemble,
    targets: MODULI,
    transforms: ['none', 'none'],
    columns: COLUMNS,
  });
  return MATERIALS.map(({ id }, i) => ({
    materialId: id,
    mean: mean.map((column) => column[i]),
    standardDeviation: standardDeviation.map((column) => column[i]),
    refusal: undefined,
  }));
}

let place: GatewayPlace;
let gets: string[];
beforeEach(async () => {
  place = await openGatewayPlace();
  gets = [];
  const publisher = createPublisher(place.ports, 'given');
  await publisher.publish(STREAM.map((event) => ({ event: event as RoundOpened, campaign: 'test' })));
});
afterEach(() => place.close());

/** Adds the members of these rounds, or some of them. */
async function train(rounds: readonly number[], members = [0, 1]): Promise<void> {
  const events: MemberTrained[] = [];
  for (const round of rounds) {
    for (const member of members) {
      const targets = [];
      for (const [t, target] of MODULI.entries()) {
        const model = await place.models.put(Buffer.from(modelText(round, member, t)));
        const none = { heldOutRows: new Int32Array(0), heldOutPredictions: new Float64Array(0) };
        const heldOut = { mae: 1, rmse: 2, r2: 0.5 };
        targets.push({ target, model, treesHash: hashOf(model), trainingRows: 3, heldOut, ...none });
      }
      const { snapshotHash } = OPENED[round - 1]!;
      const modelHash = memberModelHash(targets.map(({ treesHash }) => treesHash));
      const known = { campaign: 'test', round, snapshotHash, member, modelHash, targets };
      events.push({ type: 'MemberTrained', ...known, engine: 'e', seconds: 1 });
    }
  }
  await createPublisher(place.ports, 'given').publish(events.map((event) => ({ event })));
}

/** A gateway of its own that notes which models it fetches. */
async function watchedGateway() {
  const { createGateway } = await import('../../../services/gateway/gateway.ts');
  const get = (name: ModelName) => {
    gets.push(name);
    return place.models.get(name);
  };
  return createGateway({ ports: place.ports, models: { ...place.models, get }, featurizer: directFeaturizer() });
}

describe('predicting through the gateway', () => {
  it('gives what the ensemble of the newest trained round says, bit by bit', async () => {
    expect(SPLIT).toBeGreaterThanOrEqual(0);
    await train([1, 2]);
    await train([3], [0]);
    const reply = await place.gateway.Predict({ campaign: 'test', materials });
    expect(reply).toEqual({ round: 2, targets: CONFIG.targets, predictions: expected(2) });
    expect(new Set(reply.predictions.map(({ mean }) => mean[0])).size).toBe(2);
    const first = await place.gateway.Predict({ campaign: 'test', round: 1, materials });
    expect(first).toMatchObject({ round: 1, predictions: expected(1) });
    await train([3], [1]);
    expect(await place.gateway.Predict({ campaign: 'test', materials: [] })).toMatchObject({ round: 3 });
  });

  it('tells of each material why there is no prediction, and predicts the others', async () => {
    await train([1]);
    const flat = { ...materials[0]!, structure: { ...materials[0]!.structure!, lattice: Array(9).fill(1) } };
    const doubled = { ...materials[0]!, structure: { ...materials[0]!.structure!, fracCoords: Array(6).fill(0) } };
    const { predictions } = await place.gateway.Predict({
      campaign: 'test',
      materials: [flat, materials[1]!, doubled],
    });
    expect(predictions[1]).toEqual(expected(1)[1]);
    expect([predictions[0], predictions[2]]).toMatchObject([
      { materialId: flat.id, mean: [], refusal: { code: 'bad_message' } },
      { materialId: flat.id, mean: [], refusal: { code: 'overlapping_sites' } },
    ]);
  });

  it('featurizes beside its own thread, call by call in turn, and stops where the caller is gone', async () => {
    await train([1]);
    const { createPredictions } = await import('../../../services/gateway/predictions.ts');
    const direct = directFeaturizer();
    const [asked, open]: [string[], (() => void)[]] = [[], []];
    const featurize = async (material: Material) => {
      asked.push(material.id);
      await new Promise<void>((resolve) => open.push(resolve));
      return direct.featurize(material);
    };
    const predict = createPredictions({ ports: place.ports, models: place.models, featurizer: { featurize } });
    const many = (of: string) =>
      Array.from({ length: 40 }, (_, i) => ({ ...materials[i % materials.length]!, id: `${of}${i}` }));
    const leaving = new AbortController();
    const gone = predict({ campaign: 'test', round: undefined, materials: many('a') }, { signal: leaving.signal });
    const stays = predict({ campaign: 'test', round: undefined, materials: many('b') });
    await eventually(() => asked.length === 8);
    for (let i = 0; i < 24; i++) {
      open.shift()!();
      await eventually(() => asked.length === 9 + i);
    }
    const from = (call: string, among: readonly string[]) => among.filter((id) => id.startsWith(call)).length;
    expect(Math.abs(from('a', asked) - from('b', asked))).toBeLessThanOrEqual(8);
    leaving.abort(new Error('the caller is gone'));
    await expect(gone).rejects.toThrow('the caller is gone');
    const before = from('a', asked);
    const opening = setInterval(() => open.shift()?.(), 1);
    expect((await stays).predictions.map(({ materialId }) => materialId)).toEqual(many('b').map(({ id }) => id));
    clearInterval(opening);
    expect(from('a', asked)).toBe(before);
    const all = { campaign: 'test', round: undefined, materials: Array(10_001).fill(materials[0]!) };
    await expect(predict(all)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('materials has 10001 entries; at most 10000 are allowed'),
    });
  });

  it('fetches the models of a round once, and those that were not used for long again', async () => {
    await train([1, 2, 3, 4, 5]);
    const gateway = await watchedGateway();
    const predict = (round: number) => gateway.Predict({ campaign: 'test', round, materials: [materials[0]!] });
    await Promise.all([predict(1), predict(1)]);
    for (const round of [2, 3, 4, 1]) await predict(round);
    expect(gets).toHaveLength(4 * 4);
    await predict(5);
    await predict(1);
    expect(gets).toHaveLength(5 * 4);
    await predict(2);
    expect(gets).toHaveLength(6 * 4);
  });

  it('is refused where there is no such campaign or round, or nothing is trained', async () => {
    const refused = (request: object, message: string) =>
      expect(place.gateway.Predict({ campaign: 'test', materials, ...request })).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining(message),
      });
    await refused({ campaign: 'none' }, 'there is no campaign "none"; there are: test');
    await refused({}, 'no round of test is trained yet: let the campaign run on');
    await train([1]);
    await refused({ round: 2 }, 'round 2 of test is not trained yet: ask for round 1');
    await refused({ round: 99 }, 'round 99 of test is not trained yet');
  });

  it('tells which model is missing, and looks for it again the next time', async () => {
    await train([1]);
    const text = Buffer.from(modelText(1, 1, 0));
    const name = await place.models.put(text);
    await place.models.delete(name);
    const asked = { campaign: 'test', materials: [materials[0]!] };
    await expect(place.gateway.Predict(asked)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('the g_vrh model of member 1'),
    });
    await place.models.put(text);
    await eventually(async () => (await place.gateway.Predict(asked)).round === 1);
  });
});
