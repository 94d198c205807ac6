import { enlarged } from './enlarged.ts';

/** A growing, reusable list of the vectors from one site to others that a search found. */
export class FoundVectors {
  count = 0;
  /** Float64Array[3 count], row-major, Cartesian, Angstrom. */
  deltas = new Float64Array(3 * 256);
  /** Float64Array[count], squared lengths, Angstrom^2. */
  length2 = new Float64Array(256);
  /** Int32Array[count], the other site. */
  sites = new Int32Array(256);
  /** Int32Array[3 count], row-major, the image of the other site (see PeriodicSites). */
  images = new Int32Array(3 * 256);

  append(site: number, x: number, y: number, z: number, length2: number, a: number, b: number, c: number): void {
    const at = this.count++;
    if (at === this.sites.length) this.grow(2 * at);
    this.deltas[3 * at] = x;
    this.deltas[3 * at + 1] = y;
    this.deltas[3 * at + 2] = z;
    this.length2[at] = length2;
    this.sites[at] = site;
    this.images[3 * at] = a;
    this.images[3 * at + 1] = b;
    this.images[3 * at + 2] = c;
  }

  private grow(size: number): void {
    this.deltas = enlarged(this.deltas, new Float64Array(3 * size));
    this.length2 = enlarged(this.length2, new Float64Array(size));
    this.sites = enlarged(this.sites, new Int32Array(size));
    this.images = enlarged(this.images, new Int32Array(3 * size));
  }
}
