import type { StepBudget } from '../step-budget.ts';
import type { Tessellation } from './tessellation.ts';
import { weightOfTriangles } from './triangle-weights.ts';

/** How many shells of neighbours the ordering parameter is taken over. */
export const ORDERING_SHELLS = 3;
/** What the sums over a face cost for each type, in steps of the budget: measured. */
const STEPS_PER_FACE_AND_TYPE = 2;

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
