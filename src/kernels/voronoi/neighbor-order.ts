import type { StepBudget } from '../step-budget.ts';
import type { Tessellation } from './tessellation.ts';
import { weightOfTriangles } from './triangle-weights.ts';

/** The number of neighbour shells for which the ordering parameter is computed. */
export const ORDERING_SHELLS = 3;
/** The cost of the sums over a face per type, in budget steps (measured). */
const STEPS_PER_FACE_AND_TYPE = 2;

/**
 * The mean Warren-Cowley-like ordering parameters of the first, second and third neighbour shells.
 *
 * Equation: alpha(i, t) = 1 - sum_n w_n [type(n) = t] / (x_t sum_n w_n), averaged as |alpha| over sites i and types t;
 * n runs over the ends of all paths of s steps between neighbouring sites that never return to a visited site. The
 * weight of a path is the product of the weights of its steps; the weight of a step is the area of its face over the
 * largest face area of the cell that it leaves.
 * Method: instead of enumerating about 14^3 paths per site, sum over one and two steps and subtract the paths that
 * return: those back through a face's twin, and those around the triangles i -> a -> b -> i.
 * Source: Ward et al., Phys. Rev. B 96, 024104 (2017), DOI 10.1103/PhysRevB.96.024104, eq. 4.
 * Shapes: `types` Int32Array[n], the type of each site, 0 to fractions.length - 1; `fractions`: the fraction of the
 * sites that has each type; writes out[offset] to out[offset + 2], dimensionless.
 * Degenerate cases: one type gives 0, 0, 0.
 * Known value: CsCl gives 0.551982, 0.241225, 0.132669.
 */
export function writeOrderingParameters(
  t: Tessellation,
  types: Int32Array,
  fractions: Float64Array,
  out: Float64Array,
  offset: number,
  budget?: StepBudget,
): void {
  const typeCount = fractions.length;
  if (typeCount === 1) {
    out.fill(0, offset, offset + ORDERING_SHELLS);
    return;
  }
  const n = t.siteCount;
  budget?.spend(STEPS_PER_FACE_AND_TYPE * t.area.length * typeCount, 'order');
  const weight = stepWeights(t);
  const one = new Float64Array(n * typeCount);
  const two = new Float64Array(n * typeCount);
  const thereAndBack = new Float64Array(n);
  addFirstSteps(t, types, typeCount, weight, one, thereAndBack);
  addSecondSteps(t, typeCount, weight, one, two);
  const around = weightOfTriangles(t, weight, budget);
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
      // Subtract i -> a -> b -> a for all b except i.
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

/** Float64Array[faces]: the area of each face over the largest face area of its cell. */
function stepWeights(t: Tessellation): Float64Array {
  const weight = new Float64Array(t.area.length);
  for (let i = 0; i < t.siteCount; i++) {
    let largest = 0;
    for (let f = t.faceStart[i]!; f < t.faceStart[i + 1]!; f++) largest = Math.max(largest, t.area[f]!);
    for (let f = t.faceStart[i]!; f < t.faceStart[i + 1]!; f++) weight[f] = t.area[f]! / largest;
  }
  return weight;
}

/** Sums, by site and type, the weights of all single steps and, by site, of all steps there and back. */
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

/** Sums, by site and type of the end, the weights of all paths of two steps, including those that return. */
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
