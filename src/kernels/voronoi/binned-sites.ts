import type { StepBudget } from '../step-budget.ts';
import { type LatticeVectors, latticeVectorsWithin } from './lattice-vectors.ts';

/** Offsets between bins, in units of bins. */
export interface BinOffsets extends LatticeVectors {
  /** All offsets up to this length, Angstrom, are present. */
  readonly radius: number;
  /** Per edge of the cell, indexed by place + offset + largest: the translation of the cell that holds the bin. */
  readonly cell: readonly Int32Array[];
  /** Same index: the bin's place in the home cell. */
  readonly home: readonly Int32Array[];
}

/** The average number of sites per bin: fewer bins cost more distances, more bins cost more look-ups. */
const SITES_PER_BIN = 4;
/** If at least EMPTY_MIN of at least BINS_TO_JUDGE bins are empty, the sites crowd in the others: use smaller bins. */
const EMPTY_MIN = 0.75;
const BINS_TO_JUDGE = 64;
/** The largest factor by which smaller bins may increase the number of bins. */
const FINER_MAX = 64;

/**
 * Sorts the sites of a cell into equal bins, so that a search visits only the bins around a site. A small cell is a
 * single bin whose neighbours are its own images.
 */
export class BinnedSites {
  /** Float64Array[9], row-major rows: the edges of a bin, Angstrom. */
  readonly binBasis: Float64Array;
  /** Float64Array[3], the middle of a bin, Cartesian, Angstrom. */
  readonly centre: Float64Array;
  /** The longest diagonal of a bin, Angstrom. */
  readonly diagonal: number;
  /** Int32Array[bins + 1]: the slots of bin b run from binStart[b] to binStart[b + 1]. */
  readonly binStart: Int32Array;
  /** Int32Array[n]. */
  readonly siteOfSlot: Int32Array;
  /** Int32Array[n]. */
  readonly slotOfSite: Int32Array;
  /** Float64Array[3n], by slot: the site's position relative to its bin, Cartesian, Angstrom. */
  readonly relative: Float64Array;
  /** The number of bins per bin that holds a site. */
  readonly crowding: number;
  /** The lattice translation of the bin that locate() found last. */
  imageA = 0;
  imageB = 0;
  imageC = 0;

  /** Bins along each edge of the cell. */
  private readonly counts: readonly [number, number, number];
  /** Int32Array[3n], by slot: the bin's place along each edge. */
  private readonly place: Int32Array;
  private readonly budget: StepBudget;

  /** Creates bins of a size that suits the sites. */
  static fitted(
    basis: Float64Array,
    heights: readonly number[],
    frac: Float64Array,
    volume: number,
    budget: StepBudget,
  ): BinnedSites {
    const withSitesPerBin = (sites: number) => new BinnedSites(basis, heights, frac, volume, sites, budget);
    const even = withSitesPerBin(SITES_PER_BIN);
    if (!even.isSparse) return even;
    return withSitesPerBin(SITES_PER_BIN / Math.min(FINER_MAX, even.crowding));
  }

  constructor(
    basis: Float64Array,
    heights: readonly number[],
    frac: Float64Array,
    volume: number,
    sitesPerBin: number,
    budget: StepBudget,
  ) {
    this.budget = budget;
    const n = frac.length / 3;
    const edge = Math.cbrt((sitesPerBin * volume) / n);
    const binsAlong = (k: number) => Math.max(1, Math.floor(heights[k]! / edge));
    this.counts = [binsAlong(0), binsAlong(1), binsAlong(2)];
    const b = new Float64Array(9);
    for (let i = 0; i < 9; i++) b[i] = basis[i]! / this.counts[Math.floor(i / 3)]!;
    this.binBasis = b;
    this.centre = new Float64Array(3);
    for (let k = 0; k < 3; k++) this.centre[k] = (b[k]! + b[3 + k]! + b[6 + k]!) / 2;
    this.diagonal = longestDiagonal(this.binBasis);
    const bins = this.counts[0] * this.counts[1] * this.counts[2];
    budget.spend(bins, 'cells');
    this.binStart = new Int32Array(bins + 1);
    this.siteOfSlot = new Int32Array(n);
    this.slotOfSite = new Int32Array(n);
    this.relative = new Float64Array(3 * n);
    this.place = new Int32Array(3 * n);
    this.fill(frac);
    let occupied = 0;
    for (let b = 0; b < bins; b++) if (this.binStart[b + 1]! > this.binStart[b]!) occupied++;
    this.crowding = bins / occupied;
  }

  /** Whether most of the cell is empty (one molecule in vacuum) and the cell is large enough for this to matter. */
  get isSparse(): boolean {
    return this.binStart.length > BINS_TO_JUDGE && 1 / this.crowding < 1 - EMPTY_MIN;
  }

  private fill(frac: Float64Array): void {
    const { counts, binBasis } = this;
    const n = this.siteOfSlot.length;
    const bin = new Int32Array(n);
    // frac < 1 can still round up to the number of bins, so clamp it.
    const placeOf = (i: number, k: number) => Math.min(counts[k]! - 1, Math.floor(frac[3 * i + k]! * counts[k]!));
    for (let i = 0; i < n; i++) {
      const b = (placeOf(i, 0) * counts[1] + placeOf(i, 1)) * counts[2] + placeOf(i, 2);
      bin[i] = b;
      this.binStart[b + 1] = this.binStart[b + 1]! + 1;
    }
    for (let b = 1; b < this.binStart.length; b++) this.binStart[b] = this.binStart[b]! + this.binStart[b - 1]!;
    const next = this.binStart.slice();
    for (let i = 0; i < n; i++) {
      const slot = next[bin[i]!]!;
      next[bin[i]!] = slot + 1;
      this.siteOfSlot[slot] = i;
      this.slotOfSite[i] = slot;
      for (let k = 0; k < 3; k++) {
        const place = placeOf(i, k);
        this.place[3 * slot + k] = place;
        const within = frac[3 * i + k]! * counts[k]! - place;
        for (let x = 0; x < 3; x++) {
          this.relative[3 * slot + x] = this.relative[3 * slot + x]! + within * binBasis[3 * k + x]!;
        }
      }
    }
  }

  /** The offsets, in units of bins, up to a radius in Angstrom, with the tables that locate() needs. */
  offsetsWithin(radius: number): BinOffsets {
    const { count, coefficients, cartesian, largest } = latticeVectorsWithin(this.binBasis, radius, this.budget);
    const cell: Int32Array[] = [];
    const home: Int32Array[] = [];
    for (let k = 0; k < 3; k++) {
      const bins = this.counts[k]!;
      const cells = new Int32Array(bins + 2 * largest);
      const homes = new Int32Array(bins + 2 * largest);
      for (let p = 0; p < cells.length; p++) {
        cells[p] = Math.floor((p - largest) / bins);
        homes[p] = p - largest - cells[p]! * bins;
      }
      cell.push(cells);
      home.push(homes);
    }
    return { count, coefficients, cartesian, largest, radius, cell, home };
  }

  /** The bin at offset t from the bin of a slot; writes the translation of its cell to imageA, imageB, imageC. */
  locate(slot: number, offsets: BinOffsets, t: number): number {
    const { home, cell, largest, coefficients } = offsets;
    const { counts, place } = this;
    const p = place[3 * slot]! + coefficients[3 * t]! + largest;
    const q = place[3 * slot + 1]! + coefficients[3 * t + 1]! + largest;
    const r = place[3 * slot + 2]! + coefficients[3 * t + 2]! + largest;
    this.imageA = cell[0]![p]!;
    this.imageB = cell[1]![q]!;
    this.imageC = cell[2]![r]!;
    return (home[0]![p]! * counts[1] + home[1]![q]!) * counts[2] + home[2]![r]!;
  }
}

const DIAGONALS = [
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
] as const;

function longestDiagonal(m: Float64Array): number {
  let longest = 0;
  for (const [p, q] of DIAGONALS) {
    const along = (k: number) => m[k]! + p * m[3 + k]! + q * m[6 + k]!;
    longest = Math.max(longest, Math.hypot(along(0), along(1), along(2)));
  }
  return longest;
}
