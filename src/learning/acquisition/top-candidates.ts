import { compareIds } from '../../model/id-order.ts';

export interface Ranked {
  readonly id: string;
  readonly score: number;
}

/** The total order of a selection: score descending, then id bytes. Negative where `a` comes first. */
export function compareRanked(a: Ranked, b: Ranked): number {
  return b.score - a.score || compareIds(a.id, b.id);
}

/** The k best of a stream in memory for k: a heap whose root is the worst that is kept. */
export class TopCandidates<T extends Ranked> {
  private readonly heap: T[] = [];
  private readonly k: number;

  constructor(k: number) {
    if (!Number.isInteger(k) || k < 0) throw new RangeError(`cannot keep the best ${k}`);
    this.k = k;
  }

  /** @throws RangeError on a score that is NaN or infinite, which has no place in the order */
  offer(candidate: T): void {
    if (!Number.isFinite(candidate.score)) throw new RangeError(`${candidate.id} scores ${candidate.score}`);
    if (this.heap.length < this.k) {
      this.heap.push(candidate);
      this.rise(this.heap.length - 1);
    } else if (this.k > 0 && compareRanked(candidate, this.heap[0]!) < 0) {
      this.heap[0] = candidate;
      this.sink();
    }
  }

  /** Best first. */
  best(): T[] {
    return this.heap.toSorted(compareRanked);
  }

  private rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (compareRanked(this.heap[parent]!, this.heap[at]!) >= 0) return;
      this.swap(parent, at);
      at = parent;
    }
  }

  private sink(): void {
    for (let at = 0; ; ) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.heap.length && compareRanked(this.heap[child]!, this.heap[worst]!) > 0) worst = child;
      }
      if (worst === at) return;
      this.swap(at, worst);
      at = worst;
    }
  }

  private swap(i: number, j: number): void {
    const kept = this.heap[i]!;
    this.heap[i] = this.heap[j]!;
    this.heap[j] = kept;
  }
}

/**
 * The k best of all partitions, best first: the same for any number and order of partitions, provided that each
 * reported at least its own k best.
 * @throws RangeError where one id comes from two partitions: one of them answered for what it does not own
 */
export function mergeTop<T extends Ranked>(partitions: Iterable<Iterable<T>>, k: number): T[] {
  const top = new TopCandidates<T>(k);
  const seen = new Set<string>();
  for (const partition of partitions) {
    for (const candidate of partition) {
      if (seen.has(candidate.id)) throw new RangeError(`${candidate.id} was ranked by two partitions`);
      seen.add(candidate.id);
      top.offer(candidate);
    }
  }
  return top.best();
}
