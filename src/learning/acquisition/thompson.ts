import { hashedUniform } from '../../kernels/hashed-draw.ts';
import type { ThompsonSettings } from '../campaign/campaign-config.ts';
import type { AcquisitionStrategy, AnsweredCandidate } from './batch-choice.ts';
import type { OfferedCandidate } from './offered-candidate.ts';
import type { RoundScore } from './scores.ts';
import { compareRanked, mergeTop, type Ranked, TopCandidates } from './top-candidates.ts';
import { utility } from './utility.ts';

/**
 * Thompson sampling by members: each place of the batch draws a member, and takes the candidate that this member holds
 * for the best of those that are left. Members are drawn by hash(seed, round), each once before any is drawn again.
 * Source: Hernandez-Lobato, Requeima, Pyzer-Knapp, Aspuru-Guzik, ICML 2017, PMLR 70, 1470, arXiv:1706.01825; an ensemble
 * for the posterior: Lu, Van Roy, NeurIPS 2017, arXiv:1705.07347.
 * @param penalty added to each member's utility
 */
export function thompson({ goal, combine }: ThompsonSettings, penalty: RoundScore): AcquisitionStrategy {
  return {
    kind: 'thompson',
    placesCandidates: false,
    // At most so many of a member's best are taken before its last place.
    answerSize: (batch) => batch,
    answer<T extends OfferedCandidate>(size: number, context: Parameters<RoundScore>[0]) {
      const wanted = utility(context, goal, combine);
      const added = penalty(context);
      const tops: TopCandidates<T & Ranked & Sampled>[] = [];
      return {
        offer(candidate: T) {
          const { members, predictedBy } = candidate;
          const extra = added(candidate);
          const sampled = Array.from({ length: members }, (_, member) => wanted.of(predictedBy(member)) + extra);
          for (const [member, score] of sampled.entries()) {
            tops[member] ??= new TopCandidates(size);
            tops[member].offer({ ...candidate, score, sampled });
          }
        },
        best: () => unionOf(tops.map((top) => top.best())),
      };
    },
    merge: (answers, size) => {
      // Checks that no id comes twice, and orders them alike whatever the partitions.
      const all = mergeTop(answers, Number.MAX_SAFE_INTEGER);
      return unionOf(Array.from({ length: all[0]?.sampled?.length ?? 0 }, (_, member) => bestOf(all, member, size)));
    },
    choose: (merged, batch, { seed, round }) =>
      chosen(merged, batch, (cycle, members) => order(seed, round, cycle, members)),
  };
}

interface Sampled {
  readonly sampled: readonly number[];
}

/** Each once, with its largest score. */
function unionOf<T extends Ranked>(lists: readonly (readonly T[])[]): T[] {
  const best = new Map<string, T>();
  for (const candidate of lists.flat()) {
    const known = best.get(candidate.id);
    if (known === undefined || candidate.score > known.score) best.set(candidate.id, candidate);
  }
  return [...best.values()].sort(compareRanked);
}

function bestOf<T extends AnsweredCandidate>(candidates: readonly T[], member: number, size: number): T[] {
  const top = new TopCandidates<T>(size);
  for (const candidate of candidates) top.offer({ ...candidate, score: candidate.sampled![member]! });
  return top.best();
}

function chosen<T extends AnsweredCandidate>(
  merged: readonly T[],
  batch: number,
  orderOf: (cycle: number, members: number) => readonly number[],
): T[] {
  const members = merged[0]?.sampled?.length ?? 0;
  const lists = Array.from({ length: members }, (_, member) => bestOf(merged, member, batch));
  const taken = new Set<string>();
  const batchOf: T[] = [];
  const wanted = Math.min(batch, merged.length);
  for (let cycle = 0; batchOf.length < wanted; cycle++) {
    for (const member of orderOf(cycle, members).slice(0, wanted - batchOf.length)) {
      const next = lists[member]!.find(({ id }) => !taken.has(id));
      if (next === undefined) continue;
      taken.add(next.id);
      batchOf.push(next);
    }
  }
  return batchOf;
}

function order(seed: number, round: number, cycle: number, members: number): number[] {
  const draws = Array.from({ length: members }, (_, member) => ({
    member,
    draw: hashedUniform('thompson-member', [seed, round, cycle, member]),
  }));
  return draws.sort((a, b) => a.draw - b.draw || a.member - b.member).map(({ member }) => member);
}
