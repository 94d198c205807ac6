import { featureIndices } from '../../src/featurizers/feature-schema.ts';
import type { CampaignCreated, SelectedCandidate } from '../../src/learning/campaign/campaign-events.ts';
import type { RoundState } from '../../src/learning/campaign/campaign-state.ts';
import { awaitedBefore, openedSnapshots, selectedBefore } from '../../src/learning/campaign/campaign-step.ts';
import { reproducedRound, visibleIn } from '../../src/learning/campaign/reproduced-round.ts';
import { isReproduced, type RoundContents, roundContents } from '../../src/learning/campaign/round-contents.ts';
import type { RoundSnapshot } from '../../src/learning/campaign/round-snapshot.ts';
import { type FrozenData, freezeData } from '../../src/learning/data/campaign-data.ts';
import type { DataReading } from '../../src/learning/data/data-reading.ts';
import type { MaterialCatalogue, MaterialVersion } from '../../src/learning/data/material-catalogue.ts';
import { type DrawCache, featureMatrix, trainingLabels } from '../../src/learning/data/training-set.ts';
import type { TrainingLabels } from '../../src/learning/ensemble/member-split.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Regressor, TrainedBooster, TrainingTask } from '../../src/ports/regressor.ts';
import type { CampaignStates } from '../../src/reading/campaign-states.ts';
import type { Following } from '../../src/reading/follow.ts';
import { createTimeSlices } from '../../src/runtime/time-slices.ts';
import { createSharedBins, type SharedBins } from './shared-bins.ts';

/** A round as this shard has reproduced it. */
export interface PreparedRound {
  readonly snapshotHash: ContentHash;
  readonly snapshot: RoundSnapshot;
  readonly created: CampaignCreated;
  readonly frozen: FrozenData;
  /** Its pool only of the partitions that this shard holds. */
  readonly contents: RoundContents;
  readonly labels: TrainingLabels;
  /** What the round before selected. */
  readonly batch: readonly SelectedCandidate[];
  /** What earlier rounds selected and no label has come of, by id; of a partition that this shard holds. */
  awaited(partition: number): MaterialVersion[];
  /** Places in the feature vector. */
  readonly columns: Int32Array;
  /** The labels' features, row by row. */
  readonly matrix: Float64Array;
  /** On bins that are made with the first member, shared by all, and freed when another round has been prepared. */
  train(task: TrainingTask): Promise<TrainedBooster>;
  /** The contents anew, where what no single partition knows decides on candidates; of these partitions. */
  contentsWith(lowestPolymorphs: FrozenData['lowest'], partitions: readonly number[]): RoundContents;
}

export interface RoundPreparation {
  /** Undefined where the campaign has not opened this round with this snapshot: somebody else's, or an outdated one. */
  prepare(campaign: string, round: number, snapshotHash: ContentHash): Promise<PreparedRound | undefined>;
  close(): Promise<void>;
}

export interface PreparationParts {
  readonly topics: Topics;
  readonly states: Pick<CampaignStates, 'state'>;
  readonly catalogue: MaterialCatalogue;
  /** Of `campaigns`, `members` and `examples`. */
  readonly following: Pick<Following, 'reached'>;
  readonly regressor: Regressor;
  readonly clock: Clock;
}

type OpenedRound = NonNullable<RoundState['opened']>;

/** What all rounds of a campaign have in common. */
interface Lasting {
  readonly onTime: FrozenData;
  readonly draws: DrawCache;
}

interface Kept {
  readonly snapshotHash: ContentHash;
  readonly round: Promise<PreparedRound>;
  readonly bins: SharedBins;
}

export function createRoundPreparation(parts: PreparationParts): RoundPreparation {
  const { topics, states, catalogue, following, regressor, clock } = parts;
  /**
   * By campaign that has not stopped, the latest round only: an older one is needed again only after a fall-back, and can
   * be made anew.
   */
  const kept = new Map<string, Kept>();
  const lasting = new Map<string, Lasting>();

  async function build(created: CampaignCreated, opened: OpenedRound, bins: SharedBins): Promise<PreparedRound> {
    const { snapshot, snapshotHash } = opened;
    const { campaign, config } = created;
    await following.reached(topics.examples.name, snapshot.offsets[topics.examples.name] ?? []);
    // Each of these takes a fifth of a second where there are 250,000 candidates.
    const slices = createTimeSlices(clock);
    const { onTime, draws } = lasting.get(campaign) ?? { onTime: freezeData(created, catalogue), draws: new Map() };
    lasting.set(campaign, { onTime, draws });
    await slices.pause();
    const { partitions } = topics.materials;
    const basis = {
      created,
      catalogue,
      topics,
      partitions,
      selectedBefore: selectedBefore(states.state(campaign), snapshot.round),
    };
    const before = visibleIn(snapshot, topics);
    const { frozen, contents } = reproducedRound({
      ...{ ...basis, onTime },
      snapshots: openedSnapshots(states.state(campaign), snapshot.round),
      // Every shard knows the data whole, and of other candidates those of its partitions.
      poolPartitions: config.candidates.from === 'data' ? [...Array(partitions).keys()] : [],
    });
    await slices.pause();
    const labels = trainingLabels(contents.training, config, campaign, draws);
    await slices.pause();
    const columns = featureIndices(config.features);
    const known = new Set(contents.examples.map(({ facts }) => facts.materialId));
    const awaited = awaitedBefore(states.state(campaign), snapshot.round).filter(
      ({ materialId }) => !known.has(materialId),
    );
    const matrix = featureMatrix(contents.training, columns);
    const bin = () =>
      regressor.bin(
        { rows: contents.training.length, columns: columns.length, values: matrix },
        { binsMax: config.ensemble.booster.binsMax, rowsPerBinMin: ROWS_PER_BIN_MIN },
      );
    return {
      snapshotHash,
      snapshot,
      created,
      frozen,
      contents,
      labels,
      batch: states.state(campaign).rounds.get(snapshot.round - 1)?.selected ?? [],
      awaited: (partition) =>
        awaited
          .flatMap(({ materialId, materialHash }) => catalogue.version(materialId, materialHash) ?? [])
          .filter((version) => version.partition === partition),
      columns,
      matrix,
      train: (task) => bins.use(bin, (binned) => binned.train(task)),
      contentsWith(lowest, held) {
        const read = ({ late }: DataReading) =>
          roundContents({ ...basis, before, frozen: { ...frozen, lowest, reading: { ...frozen.reading, late } } });
        const found = read(frozen.reading);
        if (!catalogue.hasLate || isReproduced(snapshot, found, frozen.testSet, held)) return found;
        return read({ late: true });
      },
    };
  }

  /** Whoever asks for one of them again has it made anew. */
  async function forgetStopped(): Promise<void> {
    const stopped = [...lasting.keys()].filter((campaign) => states.state(campaign).stopped !== undefined);
    const retired = stopped.map((campaign) => kept.get(campaign)?.bins.retire());
    for (const campaign of stopped) {
      lasting.delete(campaign);
      kept.delete(campaign);
    }
    await Promise.all(retired);
  }

  return {
    async prepare(campaign, round, snapshotHash) {
      const state = states.state(campaign);
      const opened = state.rounds.get(round)?.opened;
      if (state.created === undefined || opened?.snapshotHash !== snapshotHash) return undefined;
      const known = kept.get(campaign);
      if (known?.snapshotHash === snapshotHash) return known.round;
      const bins = createSharedBins();
      const entry: Kept = { snapshotHash, bins, round: build(state.created, opened, bins) };
      kept.set(campaign, entry);
      entry.round.catch(() => kept.get(campaign) === entry && kept.delete(campaign));
      await Promise.all([known?.bins.retire(), forgetStopped()]);
      return entry.round;
    },
    async close() {
      await Promise.all([...kept.values()].map(({ bins }) => bins.retire()));
      kept.clear();
    },
  };
}

/** LightGBM's min_data_in_bin, at its default. */
const ROWS_PER_BIN_MIN = 3;
