import { contentHash } from '../../model/content-hash.ts';
import type { Rejection } from '../../model/rejection.ts';
import type { ToldResult } from '../../protocol/generated/elastream/v1/services.generated.ts';
import type { FoundResult } from './found-result.ts';

type Found = FoundResult & { readonly kind: 'result' };

export interface CheckedResults {
  readonly results: readonly Found[];
  readonly rejections: readonly Rejection[];
}

/** Beyond it Poisson's ratio is negative, as of very few crystals: nu = (3 K - 2 G) / (2 (3 K + G)). */
const G_OVER_K_MAX = 1.5;

/**
 * Sorts out what cannot be told as it is: results of one material that differ, of which nobody can tell the right one,
 * and moduli that look exchanged.
 * @param asGiven whether unusual moduli are meant
 */
export function checkResults(found: readonly Found[], { asGiven }: { readonly asGiven: boolean }): CheckedResults {
  /** By material, its results that are not the same. */
  const distinct = new Map<string, Map<string, Found>>();
  for (const one of found) {
    const { materialId } = one.message;
    const contents = distinct.get(materialId) ?? new Map<string, Found>();
    distinct.set(materialId, contents);
    if (!contents.has(contentOf(one.message))) contents.set(contentOf(one.message), one);
  }
  const results: Found[] = [];
  const rejections: Rejection[] = [];
  for (const one of found) {
    const [first, second] = distinct.get(one.message.materialId)!.values();
    const problem = second ? differing(one, one === first ? second : first!) : asGiven ? undefined : exchanged(one);
    if (problem) rejections.push(problem);
    else if (one === first) results.push(one);
  }
  return { results, rejections };
}

function contentOf({ values, tensor, failure, attempt, method }: ToldResult): string {
  const of = values.map(({ target, value, unit }) => [target, value, unit ?? null]);
  const by = method && [method.kind, method.code ?? null, method.functional ?? null, method.relaxedIon ?? null];
  return contentHash('told-row', [of, [...tensor], failure ?? null, failure ? (attempt ?? null) : null, by ?? null]);
}

function differing({ message: { materialId }, place }: Found, other: Found): Rejection {
  const message = `two results of ${materialId} differ, the other one in ${other.place}: keep the right one`;
  return { code: 'conflicting_label', message, source: place, materialId };
}

function exchanged({ message: { materialId, values }, place }: Found): Rejection | undefined {
  const [g, k] = ['g_vrh', 'k_vrh'].map((name) => values.find(({ target }) => target === name)?.value);
  if (g === undefined || k === undefined || !(k > 0) || g <= G_OVER_K_MAX * k) return undefined;
  const message = `G ${g} and K ${k} GPa of ${materialId} make a negative Poisson's ratio: are the columns exchanged? If not, tell it with --as-given`;
  return { code: 'out_of_range', message, source: place, materialId };
}
