import { RejectedInput } from '../../model/rejection.ts';
import { SITES_MAX } from '../../model/structure.ts';
import { tooManySites } from '../json-fields.ts';
import { quote } from '../located-rejection.ts';
import type { SymmetryOperation } from './symmetry-operation.ts';

/** The sites that a file lists, without their symmetry images. */
export interface ListedSites {
  readonly labels: readonly string[];
  /** Uint8Array[n]. */
  readonly atomicNumbers: Uint8Array;
  /** Float64Array[3n], row-major, fractional. */
  readonly fracCoords: Float64Array;
}

/**
 * The largest difference of each fractional coordinate between two images of an atom on a special position; pymatgen's
 * site_tolerance.
 */
const SITE_TOLERANCE = 1e-4;
/** The edge of a bin is 1/2048 > 2 SITE_TOLERANCE, so no file puts more than some 200 distinct positions into a bin. */
const BINS = 2048;
const IMAGES_MAX = SITES_MAX * 192;

/**
 * All sites of the cell: the images of the listed sites, in [0, 1), each position once. An element that the file lists
 * twice at one position (as a site and as an image) is one atom; two elements at one position are rejected.
 * @throws RejectedInput `overlapping_sites`, `too_many_sites`, `too_large`
 */
export function expandSites(
  listed: ListedSites,
  operations: readonly SymmetryOperation[],
): { atomicNumbers: number[]; fracCoords: number[] } {
  const n = listed.atomicNumbers.length;
  if (n * operations.length > IMAGES_MAX) {
    throw new RejectedInput(
      'too_large',
      `${n} sites times ${operations.length} operations; at most ${IMAGES_MAX} images`,
    );
  }
  const places = new Places();
  const atomicNumbers: number[] = [];
  const owners: number[] = [];
  for (let i = 0; i < n; i++) {
    const z = listed.atomicNumbers[i]!;
    for (const operation of operations) {
      const place = places.add(image(listed.fracCoords, 3 * i, operation));
      if (place === atomicNumbers.length) {
        if (place === SITES_MAX) throw tooManySites(place + 1);
        atomicNumbers.push(z);
        owners.push(i);
      } else if (atomicNumbers[place] !== z) {
        const [first, second] = [listed.labels[owners[place]!]!, listed.labels[i]!];
        throw new RejectedInput(
          'overlapping_sites',
          `sites ${quote(first)} and ${quote(second)} are different elements at one place; remove one, or order them`,
        );
      }
    }
  }
  return { atomicNumbers, fracCoords: places.coords };
}

function image(coords: Float64Array, at: number, { rotation: w, translation: t }: SymmetryOperation): number[] {
  const [x, y, z] = [coords[at]!, coords[at + 1]!, coords[at + 2]!];
  return [0, 1, 2].map((i) => {
    const value = w[3 * i]! * x + w[3 * i + 1]! * y + w[3 * i + 2]! * z + t[i]!;
    const wrapped = value - Math.floor(value);
    return wrapped < 1 ? wrapped : 0;
  });
}

/** Distinct positions in the unit cell, found by bins. */
class Places {
  readonly coords: number[] = [];
  readonly #bins = new Map<number, number[]>();

  /** The index of the position at `point`; adds a new position if there is none within SITE_TOLERANCE. */
  add(point: readonly number[]): number {
    const [x, y, z] = point as [number, number, number];
    const low = (c: number) => bin(c - SITE_TOLERANCE);
    const high = (c: number) => bin(c + SITE_TOLERANCE);
    for (let i = low(x); ; i = high(x)) {
      for (let j = low(y); ; j = high(y)) {
        for (let k = low(z); ; k = high(z)) {
          for (const place of this.#bins.get(key(i, j, k)) ?? NONE) if (this.#isAt(place, x, y, z)) return place;
          if (k === high(z)) break;
        }
        if (j === high(y)) break;
      }
      if (i === high(x)) break;
    }
    const place = this.coords.length / 3;
    this.coords.push(x, y, z);
    const home = key(bin(x), bin(y), bin(z));
    const others = this.#bins.get(home);
    if (others === undefined) this.#bins.set(home, [place]);
    else others.push(place);
    return place;
  }

  #isAt(place: number, x: number, y: number, z: number): boolean {
    const { coords } = this;
    const at = 3 * place;
    return isNear(coords[at]!, x) && isNear(coords[at + 1]!, y) && isNear(coords[at + 2]!, z);
  }
}

const NONE: readonly number[] = [];

/** Whether two coordinates agree within the tolerance, also across the edge of the cell. */
function isNear(a: number, b: number): boolean {
  const d = Math.abs(a - b);
  return d < SITE_TOLERANCE || 1 - d < SITE_TOLERANCE;
}

function bin(c: number): number {
  return (Math.floor(c * BINS) + BINS) % BINS;
}

function key(i: number, j: number, k: number): number {
  return (i * BINS + j) * BINS + k;
}
