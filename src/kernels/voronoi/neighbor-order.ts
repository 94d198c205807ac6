import type { Tessellation } from './tessellation.ts';

/** How many shells of neighbours the ordering parameter is taken over. */
export const ORDERING_SHELLS = 3;

/**
 * The mean Warren-Cowley-like ordering parameter of the first, second and third neighbour shell.
 *
 * Equation: alpha(i, t) = 1 - sum_n w_n [type(n) = t] / (x_t sum_n w_n), averaged as |alpha| over sites i and types t;
 * n runs over the ends of all paths of s steps from site to neighbouring site that never return to a site they have
 * visited; a path weighs the product of its steps, a step the face's area over the largest face of the cell it leaves.
 * Method: instead of some 14^3 paths a site, sums over one and two steps, less the paths that return: there and back by
 * a face's twin, and around the triangles i -> a -> b -> i.
 * Source: Ward et al., Phys. Rev. B 96, 024104 (2017), DOI 10.1103/PhysRevB.96.024104, eq. 4.
 * Shapes: `types` Int32Array[n], the type of each site, 0 to fractions.length - 1; `fractions` of the types among the
 * sites; writes out[offset] to out[offset + 2], dimensionless.
 * Degenerate cases: one type gives 0, 0, 0.
 * Known value: CsCl: 0.551982, 0.241225, 0.132669.
 */
export function writeOrderingParameters(
  t: Tessellation,
  types: Int32Array,
  fractions: Float64Array,
  out: Float64Array,
  offset: number,
): void {
  const typeCount = fractions.length;
  if (typeCount === 1) {
    out.fill(0, offset, offset + ORDERING_SHELLS);
    return;
  }
  const n = t.siteCount;
  const weight = stepWeights(t);
  const one = new Float64Array(n * typeCount);
  const two = new Float64Array(n * typeCount);
  const thereAndBack = new Float64Array(n);
  addFirstSteps(t, types, typeCount, weight, one, thereAndBack);
  addSecondSteps(t, typeCount, weight, one, two);
  const around = weightOfTriangles(t, weight);
  const shell = [new Float64Array(typeCount), new Float64Array(typeCount), new Float64Array(typeCount)] as const;
  const sums = new Float64Array(ORDERING_SHELLS);
  for (let i = 0; i < n; i++) {
    for (let s = 0; s < typeCount; s++) {
      shell[0][s] = one[i * typeCount + s]!;
      shell[1][s] = two[i * typeCount + s]!;
      shell[2][s] = 0;
    }
    for (let f = t.faceStart[i]!; f < t.faceStart[i + 1]!; f++) {
      const a = t.neighbor[f]!;
      const w = weight[f]!;
      const back = weight[t.twin[f]!]!;
      for (let s = 0; s < typeCount; s++) {
        shell[2][s] = shell[2][s]! + w * (two[a * typeCount + s]! - back * one[i * typeCount + s]!);
      }
      // i -> a -> b -> a, for all b but i
      shell[2][types[a]!] = shell[2][types[a]!]! - w * (thereAndBack[a]! - back * w);
    }
    shell[1][types[i]!] = shell[1][types[i]!]! - thereAndBack[i]!;
    shell[2][types[i]!] = shell[2][types[i]!]! - around[i]!;
    for (let k = 0; k < ORDERING_SHELLS; k++) sums[k] = sums[k]! + sumOfParameters(shell[k]!, fractions);
  }
  for (let k = 0; k < ORDERING_SHELLS; k++) out[offset + k] = sums[k]! / (n * typeCount);
}

function sumOfParameters(weightByType: Float64Array, fractions: Float64Array): number {
  let total = 0;
  for (let s = 0; s < fractions.length; s++) total += weightByType[s]!;
  let sum = 0;
  for (let s = 0; s < fractions.length; s++) sum += Math.abs(1 - weightByType[s]! / (total * fractions[s]!));
  return sum;
}

/** Float64Array[faces]: each face's area over the largest of its cell. */
function stepWeights(t: Tessellation): Float64Array {
  const weight = new Float64Array(t.area.length);
  for (let i = 0; i < t.siteCount; i++) {
    let largest = 0;
    for (let f = t.faceStart[i]!; f < t.faceStart[i + 1]!; f++) largest = Math.max(largest, t.area[f]!);
    for (let f = t.faceStart[i]!; f < t.faceStart[i + 1]!; f++) weight[f] = t.area[f]! / largest;
  }
  return weight;
}

/** By site and type: the weight of all single steps; by site: of all steps there and back. */
function addFirstSteps(
  t: Tessellation,
  types: Int32Array,
  typeCount: number,
  weight: Float64Array,
  one: Float64Array,
  thereAndBack: Float64Array,
): void {
  for (let i = 0; i < t.siteCount; i++) {
    for (let f = t.faceStart[i]!; f < t.faceStart[i + 1]!; f++) {
      const at = i * typeCount + types[t.neighbor[f]!]!;
      one[at] = one[at]! + weight[f]!;
      thereAndBack[i] = thereAndBack[i]! + weight[f]! * weight[t.twin[f]!]!;
    }
  }
}

/** By site and type of the end: the weight of all paths of two steps, those that return among them. */
function addSecondSteps(
  t: Tessellation,
  typeCount: number,
  weight: Float64Array,
  one: Float64Array,
  two: Float64Array,
): void {
  for (let i = 0; i < t.siteCount; i++) {
    for (let f = t.faceStart[i]!; f < t.faceStart[i + 1]!; f++) {
      const a = t.neighbor[f]!;
      for (let s = 0; s < typeCount; s++) {
        two[i * typeCount + s] = two[i * typeCount + s]! + weight[f]! * one[a * typeCount + s]!;
      }
    }
  }
}

/** Odd multipliers that spread an image's integers over 32 bits; being linear, the code of a path is a sum. */
const [SPREAD_A, SPREAD_B, SPREAD_C, SPREAD_SITE] = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];

/** By site: the weight of all closed paths i -> a -> b -> i. */
function weightOfTriangles(t: Tessellation, weight: Float64Array): Float64Array {
  const { faceStart, neighbor, twin, image } = t;
  const around = new Float64Array(t.siteCount);
  const code = new Int32Array(neighbor.length);
  for (let f = 0; f < code.length; f++) {
    code[f] =
      Math.imul(image[3 * f]!, SPREAD_A) +
      Math.imul(image[3 * f + 1]!, SPREAD_B) +
      Math.imul(image[3 * f + 2]!, SPREAD_C);
  }
  let table = new Int32Array(64);
  for (let i = 0; i < t.siteCount; i++) {
    const [start, end] = [faceStart[i]!, faceStart[i + 1]!];
    if (4 * (end - start) > table.length) table = new Int32Array(2 ** Math.ceil(Math.log2(4 * (end - start))));
    else table.fill(0);
    const shift = Math.clz32(table.length - 1);
    const mask = table.length - 1;
    for (let f = start; f < end; f++) {
      let slot = Math.imul(code[f]! + Math.imul(neighbor[f]!, SPREAD_SITE), SPREAD_A) >>> shift;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = f + 1;
    }
    let sum = 0;
    for (let f = start; f < end; f++) {
      const a = neighbor[f]!;
      for (let g = faceStart[a]!; g < faceStart[a + 1]!; g++) {
        const b = neighbor[g]!;
        let slot = Math.imul(code[f]! + code[g]! + Math.imul(b, SPREAD_SITE), SPREAD_A) >>> shift;
        for (; table[slot] !== 0; slot = (slot + 1) & mask) {
          const h = table[slot]! - 1;
          if (
            neighbor[h] === b &&
            image[3 * h] === image[3 * f]! + image[3 * g]! &&
            image[3 * h + 1] === image[3 * f + 1]! + image[3 * g + 1]! &&
            image[3 * h + 2] === image[3 * f + 2]! + image[3 * g + 2]!
          ) {
            sum += weight[f]! * weight[g]! * weight[twin[h]!]!;
            break;
          }
        }
      }
    }
    around[i] = sum;
  }
  return around;
}
