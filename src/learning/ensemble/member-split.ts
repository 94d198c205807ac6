import { hashedSeed } from '../../kernels/hashed-draw.ts';
import { type ContentHash, contentDigest } from '../../model/content-hash.ts';
import type { Target } from '../../model/target.ts';
import { mustTrain, type SamplingModel } from './sampling-model.ts';

/** The labels of a snapshot without its test set, ascending by material id; in columns, because there are many. */
export interface TrainingLabels {
  /** The `splitDraws` of each label: they are the same in every round, so they are kept. */
  readonly draws: readonly Uint32Array[];
  readonly targets: readonly Target[];
  /** Float64Array[n * targets], label by label, GPa; NaN if unknown. */
  readonly values: Float64Array;
  /** Uint8Array[n]: 1 if the campaign acquired the label itself. */
  readonly acquired: Uint8Array;
}

export interface SplitSettings {
  readonly holdOutFraction: number;
  readonly model: SamplingModel;
  readonly trainAcquired: boolean;
}

export interface MemberRows {
  /** Int32Array per target: indices into the labels, ascending. */
  readonly training: readonly Int32Array[];
  /** Indices per target: the label has the target but is not trained on. */
  readonly heldOut: readonly Int32Array[];
}

const DRAWS_PER_DIGEST = 8;
const DRAW_RANGE = 2 ** 32;

/**
 * The rows on which member m trains. It holds out the labels whose hash(seed, m, label id) lies below the fraction,
 * whatever else is in the snapshot; so a label stays on the same side for the whole campaign. Rows that must train are
 * exempt.
 */
export function memberRows(labels: TrainingLabels, member: number, settings: SplitSettings): MemberRows {
  const limit = settings.holdOutFraction * DRAW_RANGE;
  const drawn = labels.draws.map((draws) => draws[member]! < limit);
  const stride = labels.targets.length;
  const perTarget = labels.targets.map((target, t) => {
    const training: number[] = [];
    const heldOut: number[] = [];
    drawn.forEach((out, i) => {
      const value = labels.values[i * stride + t]!;
      if (Number.isNaN(value)) return;
      const forced = (settings.trainAcquired && labels.acquired[i] === 1) || mustTrain(settings.model, target, value);
      (out && !forced ? heldOut : training).push(i);
    });
    return { training: Int32Array.from(training), heldOut: Int32Array.from(heldOut) };
  });
  return { training: perTarget.map((rows) => rows.training), heldOut: perTarget.map((rows) => rows.heldOut) };
}

/**
 * Uint32Array[members]: the uniform integers that decide which members hold out a label. One digest serves eight
 * members, because members x labels digests would take as long as training a member. The number of members does not
 * change any draw.
 */
export function splitDraws(seed: number, members: number, labelId: ContentHash): Uint32Array {
  const draws = new Uint32Array(members);
  for (let from = 0; from < members; from += DRAWS_PER_DIGEST) {
    const digest = contentDigest('member-split', [seed, from / DRAWS_PER_DIGEST, labelId]);
    draws.set(digest.subarray(0, members - from), from);
  }
  return draws;
}

/** The seed for a booster's own random choices. */
export function boosterSeed(seed: number, member: number, target: Target): number {
  return hashedSeed('booster', [seed, member, target]);
}
