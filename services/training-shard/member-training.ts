import { boosterOf, transformsOf } from '../../src/learning/campaign/campaign-config.ts';
import { learnedValue } from '../../src/learning/ensemble/learned-scale.ts';
import { heldOutResults, memberModelHash, readModel } from '../../src/learning/ensemble/member-models.ts';
import { boosterSeed, memberRows } from '../../src/learning/ensemble/member-split.ts';
import type { ContentHash } from '../../src/model/content-hash.ts';
import type { MemberTrained, TrainedTarget } from '../../src/model/events.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import type { ModelStore } from '../../src/ports/model-store.ts';
import type { Regressor } from '../../src/ports/regressor.ts';
import type { RecentValues } from '../../src/runtime/recent-values.ts';
import type { RetryContext } from '../../src/runtime/retry.ts';
import { retrying } from '../../src/runtime/retry.ts';
import { spanned } from '../../src/runtime/spanned.ts';
import type { PreparedRound } from './round-preparation.ts';

/** One booster, ready to predict. */
export type Model = ReturnType<typeof readModel>;

export interface MemberTrainingParts {
  readonly regressor: Regressor;
  readonly models: ModelStore;
  /** Parsed models of the latest rounds, by the hash of their trees: about 100 KB each. */
  readonly cache: RecentValues<Model>;
  /** Names this engine: only equal ones give bit-identical models. */
  readonly engine: string;
  readonly context: RetryContext;
}

/**
 * Trains one member: a booster per target on the rows that are its own, and stores their models.
 * @throws RejectedInput where the campaign's data leave it no row
 */
export function trainMember(round: PreparedRound, member: number, parts: MemberTrainingParts): Promise<MemberTrained> {
  const { created, snapshot } = round;
  const attributes = {
    'elastream.campaign': created.campaign,
    'elastream.round': snapshot.round,
    'elastream.member': member,
  };
  return spanned(parts.context.telemetry, { name: 'train a member', attributes }, () => trained(round, member, parts));
}

async function trained(round: PreparedRound, member: number, parts: MemberTrainingParts): Promise<MemberTrained> {
  const { created, snapshot, snapshotHash, labels } = round;
  const { targets, sampling } = created.config;
  const start = parts.context.clock.monotonic();
  const rows = memberRows(labels, member, sampling);
  const empty = targets.find((_, t) => rows.training[t]!.length === 0);
  if (empty !== undefined) {
    const remedy = 'cancel the campaign, and begin another with more labels or a smaller sampling.hold_out_fraction';
    const text = `member ${member} of round ${snapshot.round} has no row to train ${empty} on: ${remedy}`;
    throw new RejectedInput('out_of_range', text);
  }
  const boosters = await Promise.all(
    targets.map((_, t) =>
      trainTarget(round, member, t, { training: rows.training[t]!, heldOut: rows.heldOut[t]! }, parts),
    ),
  );
  const seconds = (parts.context.clock.monotonic() - start) / 1000;
  parts.context.telemetry?.memberTrained({ seconds });
  return {
    type: 'MemberTrained',
    campaign: created.campaign,
    round: snapshot.round,
    snapshotHash,
    member,
    modelHash: memberModelHash(boosters.map(({ treesHash }) => treesHash)),
    targets: boosters,
    engine: parts.engine,
    seconds,
  };
}

async function trainTarget(
  round: PreparedRound,
  member: number,
  t: number,
  rows: { readonly training: Int32Array; readonly heldOut: Int32Array },
  { regressor: _, models, cache, context }: MemberTrainingParts,
): Promise<TrainedTarget> {
  const { config } = round.created;
  const target = config.targets[t]!;
  const { binsMax: _shared, ...settings } = boosterOf(config.ensemble, member, target);
  const seed = boosterSeed(config.seed, member, target);
  const transform = transformsOf(config)[t]!;
  const valuesOf = (of: Int32Array) =>
    Float64Array.from(of, (row) => round.labels.values[row * config.targets.length + t]!);
  const learned = valuesOf(rows.training).map((value) => learnedValue(value, transform));
  const task = { rows: rows.training, targets: learned, seed, settings };
  const booster = await retrying(context, () => round.train(task));
  const name = await retrying(context, () => models.put(new TextEncoder().encode(booster.modelText)));
  const model = readModel(booster.modelText);
  const treesHash = booster.treesHash as ContentHash;
  cache.set(treesHash, model);
  return {
    target,
    model: name,
    treesHash,
    trainingRows: rows.training.length,
    ...heldOutResults(model, round.matrix, rows.heldOut, valuesOf(rows.heldOut), transform),
  };
}
