import { hashedUniform } from '../../kernels/hashed-draw.ts';
import { compareIds } from '../../model/id-order.ts';
import type { MaterialId } from '../../model/material-id.ts';
import type { ReserveSize } from '../campaign/campaign-config.ts';

/**
 * The reserve: of these materials those with the smallest hash(seed, id). It depends neither on their order nor on any
 * model, so every material is as likely to be in it as any other: what makes it exchangeable with the rest.
 */
export function chooseReserve(
  ids: readonly MaterialId[],
  size: ReserveSize | undefined,
  seed: number,
): readonly MaterialId[] {
  if (size === undefined) return [];
  const count = 'count' in size ? size.count : Math.round(size.fraction * ids.length);
  return smallestDraws(ids, count, (id) => hashedUniform('reserve', [seed, id]));
}

/** The ids with the smallest draws, so that one more material replaces at most one other. */
export function smallestDraws(
  ids: readonly MaterialId[],
  count: number,
  drawOf: (id: MaterialId) => number,
): MaterialId[] {
  const draws = ids.map((id) => ({ id, draw: drawOf(id) }));
  draws.sort((a, b) => a.draw - b.draw || compareIds(a.id, b.id));
  return draws.slice(0, count).map(({ id }) => id);
}
