/** A box with fewer sites than this is not divided: its sites are examined one by one. */
const LEAF_SITES = 8;
/** A box no longer than this, Angstrom, is not halved: sites so close are rejected, and the depth stays bounded. */
const LEAF_ANGSTROM = 0.1;

/**
 * The sites of a cell in a tree of boxes of fractional coordinates: each box fits tightly around its sites and is
 * halved across its longest edge.
 */
export class SiteTree {
  /** Float64Array[6 nodes]: the smallest and the largest coordinates along the three edges of the cell. */
  readonly boxes: Float64Array;
  /** Int32Array[nodes]: the second child; the first child is the node after its parent. 0 marks a leaf. */
  readonly second: Int32Array;
  /** Int32Array[nodes] each: the sites of a node are `sites[start]` to before `sites[end]`. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly sites: Int32Array;

  private readonly frac: Float64Array;
  private readonly edges: readonly number[];
  private count = 0;

  /**
   * @param frac Float64Array[3n], row-major
   * @param edges number[3], the edge lengths of the cell, used to compare the edges of a box
   */
  constructor(frac: Float64Array, edges: readonly number[]) {
    const n = frac.length / 3;
    this.frac = frac;
    this.edges = edges;
    this.boxes = new Float64Array(12 * n);
    this.second = new Int32Array(2 * n);
    this.start = new Int32Array(2 * n);
    this.end = new Int32Array(2 * n);
    this.sites = Int32Array.from({ length: n }, (_, i) => i);
    this.addNode(0, n);
  }

  private addNode(start: number, end: number): void {
    const node = this.count++;
    this.start[node] = start;
    this.end[node] = end;
    this.fit(node);
    if (end - start <= LEAF_SITES) return;
    const axis = this.longestEdge(node);
    const [least, greatest] = [this.boxes[6 * node + axis]!, this.boxes[6 * node + 3 + axis]!];
    if ((greatest - least) * this.edges[axis]! <= LEAF_ANGSTROM) return;
    const middle = this.part(start, end, axis, (least + greatest) / 2);
    this.addNode(start, middle);
    this.second[node] = this.count;
    this.addNode(middle, end);
  }

  private fit(node: number): void {
    const { boxes, frac, sites } = this;
    for (let k = 0; k < 3; k++) {
      let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let s = this.start[node]!; s < this.end[node]!; s++) {
        const x = frac[3 * sites[s]! + k]!;
        if (x < least) least = x;
        if (x > greatest) greatest = x;
      }
      boxes[6 * node + k] = least;
      boxes[6 * node + 3 + k] = greatest;
    }
  }

  private longestEdge(node: number): number {
    const length = (k: number) => (this.boxes[6 * node + 3 + k]! - this.boxes[6 * node + k]!) * this.edges[k]!;
    const ab = length(1) > length(0) ? 1 : 0;
    return length(2) > length(ab) ? 2 : ab;
  }

  /** Moves the sites up to a coordinate to the front; returns the index of the first site beyond it. */
  private part(start: number, end: number, axis: number, at: number): number {
    const { frac, sites } = this;
    let front = start;
    for (let s = start; s < end; s++) {
      const site = sites[s]!;
      if (frac[3 * site + axis]! > at) continue;
      sites[s] = sites[front]!;
      sites[front++] = site;
    }
    return front;
  }
}
