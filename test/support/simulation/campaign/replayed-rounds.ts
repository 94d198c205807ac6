import {
  collectRankings,
  measuredUncertainty,
  rankRequest,
  roundModels,
  selectCandidates,
} from '../../../../services/acquisition/round-selection.ts';
import { LOOP_FEATURE_SCHEMA } from '../../../../services/featurization/loop-featurizer.ts';
import type { Selected } from '../../../../src/learning/campaign/campaign-events.ts';
import { type CampaignState, roundOf } from '../../../../src/learning/campaign/campaign-state.ts';
import {
  abandonedMaterials,
  pendingMaterials,
  selectedBefore,
} from '../../../../src/learning/campaign/campaign-step.ts';
import { PersistentMap } from '../../../../src/learning/campaign/persistent-map.ts';
import { createSnapshot, roundContents } from '../../../../src/learning/campaign/round-contents.ts';
import { snapshotHash } from '../../../../src/learning/campaign/round-snapshot.ts';
import { type FrozenData, freezeData } from '../../../../src/learning/data/campaign-data.ts';
import { MaterialCatalogue } from '../../../../src/learning/data/material-catalogue.ts';
import { memberModel } from '../../../../src/learning/ensemble/member-models.ts';
import type { ContentHash } from '../../../../src/model/content-hash.ts';
import type { TrainingShard } from '../../../../src/protocol/generated/elastream/v1/services.generated.ts';
import { createCampaignStates } from '../../../../src/reading/campaign-states.ts';
import { createCatalogueProjection } from '../../../../src/reading/catalogue-projection.ts';
import { createCompletedSources } from '../../../../src/reading/completed-sources.ts';
import { createSettledCalculations } from '../../../../src/reading/settled-calculations.ts';
import { createTrainedMembers } from '../../../../src/reading/trained-members.ts';
import { retrying } from '../../../../src/runtime/retry.ts';
import type { ServicePorts } from '../../../../src/runtime/service.ts';
import { finished } from '../../finished.ts';
import { receivedIn, SIMULATED_TOPICS as TOPICS } from '../service-world.ts';
import type { World } from '../world.ts';
import { text } from './recorded-log.ts';

const { partitions } = TOPICS.materials;

/** Recomputes every round of a log and returns the snapshots, models and selections that differ. */
export async function differingRounds(world: World, shards: TrainingShard, ports: ServicePorts): Promise<string[]> {
  const catalogue = new MaterialCatalogue({ vectors: false, partitions });
  const states = createCampaignStates(TOPICS.campaigns, TOPICS.members);
  const trained = createTrainedMembers(TOPICS.members, memberModel);
  const projections = [
    createCatalogueProjection(catalogue, TOPICS),
    states,
    createCompletedSources(states, catalogue, TOPICS),
    createSettledCalculations(states, TOPICS),
    trained,
  ];
  const recorded = new Map<string, Selected>();
  for (const received of Object.values(TOPICS).flatMap((topic) => receivedIn(world, topic))) {
    for (const projection of projections) projection.take(received);
    const { event, key } = received;
    if (event.type === 'Selected') recorded.set(`${key} ${event.round}`, event);
  }
  const differing: string[] = [];
  for (const campaign of states.names()) {
    const state = states.state(campaign);
    if (state.alarms.size > 0) differing.push(`${campaign} has alarms: ${[...state.alarms].join(', ')}`);
    const frozen = freezeData(state.created!, catalogue);
    for (const round of state.rounds.keys()) {
      const { opened } = roundOf(state, round);
      const where = `round ${round} of ${campaign}`;
      if (hashAgain(state, round, frozen, catalogue) !== opened?.snapshotHash)
        differing.push(`the snapshot of ${where}`);
      const { candidates, metrics, uncertainty } = recorded.get(`${campaign} ${round}`)!;
      const last = { round: round - 1, calibrations: roundOf(state, round - 1).calibrations ?? [] };
      const models = roundModels(state, round, trained);
      const place = { number: round, snapshotHash: opened!.snapshotHash, partitions };
      const request = rankRequest(state.created!, place, models, frozen.lowest, candidates.length);
      const hashes = models.map(({ modelHash }) => modelHash);
      const again = await retrying(ports, () => collectRankings(request, hashes, shards.Rank(request))).then(
        (rankings) => {
          const selection = selectCandidates(state.created!, rankings, { round, size: candidates.length });
          return text({ ...selection, uncertainty: finished(measuredUncertainty(state.created!, rankings, last)) });
        },
        String,
      );
      if (again !== text({ candidates, metrics, uncertainty }))
        differing.push(`the selection of ${where}: ${again.slice(0, 200)}`);
    }
  }
  return differing;
}

function hashAgain(state: CampaignState, round: number, frozen: FrozenData, catalogue: MaterialCatalogue): ContentHash {
  const created = state.created!;
  const { snapshot } = roundOf(state, round).opened!;
  const earlier = { ...state, rounds: PersistentMap.of([...state.rounds].filter(([number]) => number < round)) };
  const contents = roundContents({
    created,
    frozen,
    catalogue,
    partitions,
    selectedBefore: selectedBefore(state, round),
    before: { examples: snapshot.offsets[TOPICS.examples.name]! },
  });
  const naming = createSnapshot(contents, {
    round,
    testSet: frozen.testSet,
    offsets: snapshot.offsets,
    pending: pendingMaterials(earlier),
    abandoned: abandonedMaterials(earlier),
    featureSchema: LOOP_FEATURE_SCHEMA,
    settings: created.configHash,
  });
  return snapshotHash(created.campaign, finished(naming));
}
