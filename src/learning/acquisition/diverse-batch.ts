import { farthestFirst } from '../../kernels/farthest-first.ts';
import { AppError } from '../../model/app-error.ts';
import type { AcquisitionStrategy } from './batch-choice.ts';

/**
 * The same strategy with a batch whose members differ: of `factor` times as many as are wanted first the best (or,
 * beside calculations that are still awaited, the farthest from those), then always the one that lies farthest from all
 * chosen and awaited ones. Distances are Euclidean between positions (standard-positions.ts).
 */
export function diverse(strategy: AcquisitionStrategy, factor: number): AcquisitionStrategy {
  return {
    ...strategy,
    placesCandidates: true,
    answerSize: (batch) => strategy.answerSize(factor * batch),
    choose(merged, batch, context) {
      const shortlist = strategy.choose(merged, factor * batch, context);
      const positions = shortlist.map(({ id, position }) => {
        if (position !== undefined && position.length > 0) return position;
        throw new AppError('internal', `${id} was ranked without its position: is its shard of an older version?`);
      });
      return farthestFirst(positions, batch, context.awaited).map((i) => shortlist[i]!);
    },
  };
}
