import type { StepBudget } from '../step-budget.ts';
import type { Tessellation } from './tessellation.ts';

/**
 * The total weight of all closed paths of three steps from each site back to itself.
 *
 * Equation: sum over the faces f: i -> a, g: a -> b and h: b -> i of w_f w_g w_h.
 * Method: find each triangle once and count it at its three corners, in both directions. Sites are ordered by image,
 * then by number; no translation changes this order. A triangle is i < a < b: two faces lead up from i, and one leads
 * up from a to b.
 * Source: Chiba & Nishizeki, SIAM J. Comput. 14 (1985) 210, DOI 10.1137/0214017 (triangles by an order of the vertices);
 * for its use see writeOrderingParameters.
 * Shapes: `weight` Float64Array[faces], the weight of a step through each face.
 * Returns: Float64Array[n], in the cubed unit of the weights.
 * Errors: RejectedInput `too_costly` if the budget is exceeded.
 * Known value: fcc with weights of 1 gives 48: each of the 12 neighbours shares 4 neighbours with the site. Simple
 * cubic gives 0.
 */
export function weightOfTriangles(t: Tessellation, weight: Float64Array, budget?: StepBudget): Float64Array {
  const { neighbor, twin } = t;
  const around = new Float64Array(t.siteCount);
  const { start, faces } = facesUp(t);
  const code = imageCodes(t);
  const table = new Int32Array(tableSize(mostFaces(start)));
  for (let i = 0; i < t.siteCount; i++) {
    // Fit the table to this site: one site with thousands of faces must not make the table large for every other site.
    const mask = tableSize(start[i + 1]! - start[i]!) - 1;
    const shift = Math.clz32(mask);
    table.fill(0, 0, mask + 1);
    for (let p = start[i]!; p < start[i + 1]!; p++) {
      const f = faces[p]!;
      let slot = Math.imul(code[f]! + Math.imul(neighbor[f]!, SPREAD_SITE), SPREAD_A) >>> shift;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = f + 1;
    }
    let paths = 0;
    for (let p = start[i]!; p < start[i + 1]!; p++) {
      const f = faces[p]!;
      const a = neighbor[f]!;
      paths += start[a + 1]! - start[a]!;
      for (let q = start[a]!; q < start[a + 1]!; q++) {
        const g = faces[q]!;
        const b = neighbor[g]!;
        let slot = Math.imul(code[f]! + code[g]! + Math.imul(b, SPREAD_SITE), SPREAD_A) >>> shift;
        for (; table[slot] !== 0; slot = (slot + 1) & mask) {
          const h = table[slot]! - 1;
          if (neighbor[h] !== b || !isSum(t.image, f, g, h)) continue;
          const sum = weight[f]! * weight[g]! * weight[twin[h]!]! + weight[h]! * weight[twin[g]!]! * weight[twin[f]!]!;
          around[i] = around[i]! + sum;
          around[a] = around[a]! + sum;
          around[b] = around[b]! + sum;
          break;
        }
      }
    }
    budget?.spend(STEPS_PER_PATH * paths, 'order');
  }
  return around;
}

/** Per site, in compressed sparse rows: the faces towards neighbours later in the order of images, then sites. */
function facesUp({ siteCount, faceStart, neighbor, image }: Tessellation): { start: Int32Array; faces: Int32Array } {
  const start = new Int32Array(siteCount + 1);
  const faces = new Int32Array(neighbor.length / 2);
  let count = 0;
  for (let i = 0; i < siteCount; i++) {
    for (let f = faceStart[i]!; f < faceStart[i + 1]!; f++) {
      const order = image[3 * f]! || image[3 * f + 1]! || image[3 * f + 2]! || neighbor[f]! - i;
      if (order > 0) faces[count++] = f;
    }
    start[i + 1] = count;
  }
  return { start, faces };
}

/** The cost of a path of two steps, in budget steps (measured). */
const STEPS_PER_PATH = 1;

/** Int32Array[faces], the code of each face's image. */
const [SPREAD_A, SPREAD_B, SPREAD_C, SPREAD_SITE] = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f];

/** Int32Array[faces], the code of each face's image and neighbour. */
function imageCodes({ image, neighbor }: Tessellation): Int32Array {
  const code = new Int32Array(neighbor.length);
  for (let f = 0; f < code.length; f++) {
    const [a, b, c] = [image[3 * f]!, image[3 * f + 1]!, image[3 * f + 2]!];
    code[f] = Math.imul(a, SPREAD_A) + Math.imul(b, SPREAD_B) + Math.imul(c, SPREAD_C);
  }
  return code;
}

function mostFaces(start: Int32Array): number {
  let most = 0;
  for (let i = 0; i + 1 < start.length; i++) most = Math.max(most, start[i + 1]! - start[i]!);
  return most;
}

/** A power of two, at least four times the faces up from a site: most look-ups of absent keys then end at once. */
function tableSize(faces: number): number {
  return 1 << (32 - Math.clz32(Math.max(4, 4 * faces) - 1));
}

function isSum(image: Int32Array, f: number, g: number, h: number): boolean {
  for (let k = 0; k < 3; k++) if (image[3 * h + k] !== image[3 * f + k]! + image[3 * g + k]!) return false;
  return true;
}
