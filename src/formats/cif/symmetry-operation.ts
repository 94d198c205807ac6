import { RejectedInput } from '../../model/rejection.ts';
import { quote } from '../located-rejection.ts';

/** x' = rotation x + translation, for fractional column vectors. */
export interface SymmetryOperation {
  /** Nine whole numbers, row-major. */
  readonly rotation: readonly number[];
  /** Three numbers. */
  readonly translation: readonly number[];
}

/** Translations of space groups are multiples of 1/24 in every usual cell; one written as 0.333 is rounded to them. */
const TRANSLATION_STEPS = 24;
const TRANSLATION_TOLERANCE = 5e-4;
const COMPONENT_CHARACTERS_MAX = 60;

/**
 * Reads `-y, x-y, z+1/3`, also as `1/3+Z` or `z+0.3333`.
 * @throws RejectedInput `bad_symmetry`
 */
export function parseSymmetryOperation(text: string): SymmetryOperation {
  const parts = text
    .toLowerCase()
    .replace(/[\s'"]/g, '')
    .split(',');
  if (parts.length !== 3 || parts.some((part) => part.length > COMPONENT_CHARACTERS_MAX)) throw bad(text);
  const rotation: number[] = [];
  const translation: number[] = [];
  for (const part of parts) {
    const row = parseComponent(part);
    if (row === undefined || !row.every(Number.isFinite)) throw bad(text);
    rotation.push(...row.slice(0, 3));
    translation.push(idealTranslation(row[3]!));
  }
  if (!rotation.every(Number.isInteger)) throw bad(text);
  return { rotation, translation };
}

function bad(text: string): RejectedInput {
  return new RejectedInput('bad_symmetry', `symmetry operation ${quote(text)} is not of the form "-y, x-y, z+1/3"`);
}

/** The coefficients of x, y, z, then the constant. */
function parseComponent(part: string): number[] | undefined {
  const row = [0, 0, 0, 0];
  const term = /([+-]?)(?:(\d+\.?\d*|\.\d+)(?:\/(\d+\.?\d*))?)?\*?([xyz])?/y;
  while (term.lastIndex < part.length) {
    const isFirst = term.lastIndex === 0;
    const match = term.exec(part);
    if (match === null) return undefined;
    const [, sign, numerator, denominator, axis] = match;
    if ((numerator === undefined && axis === undefined) || (sign === '' && !isFirst)) return undefined;
    const size = Number(numerator ?? 1) / Number(denominator ?? 1);
    row[axis === undefined ? 3 : 'xyz'.indexOf(axis)]! += sign === '-' ? -size : size;
  }
  return part === '' ? undefined : row;
}

function idealTranslation(t: number): number {
  const ideal = Math.round(t * TRANSLATION_STEPS) / TRANSLATION_STEPS;
  return Math.abs(t - ideal) < TRANSLATION_TOLERANCE ? ideal : t;
}

/** Whether the operation is the identity. */
export function isIdentity({ rotation, translation }: SymmetryOperation): boolean {
  return rotation.every((r, i) => r === (i % 4 === 0 ? 1 : 0)) && translation.every(Number.isInteger);
}

/**
 * Whether the operation keeps all lengths and angles of the cell: W^T G W = G for the metric G.
 * @param matrix Float64Array[9], row-major rows a, b, c, Angstrom
 * @param tolerance the largest deviation of an element of the metric, relative to the product of its two edges
 */
export function preservesCell({ rotation: w }: SymmetryOperation, matrix: Float64Array, tolerance: number): boolean {
  const dot = (i: number, j: number) =>
    matrix[3 * i]! * matrix[3 * j]! + matrix[3 * i + 1]! * matrix[3 * j + 1]! + matrix[3 * i + 2]! * matrix[3 * j + 2]!;
  const axes = [0, 1, 2];
  const metric = axes.map((i) => axes.map((j) => dot(i, j)));
  for (const i of axes) {
    for (const j of axes) {
      let image = 0;
      for (const k of axes) for (const l of axes) image += w[3 * k + i]! * metric[k]![l]! * w[3 * l + j]!;
      if (!(Math.abs(image - metric[i]![j]!) <= tolerance * Math.sqrt(metric[i]![i]! * metric[j]![j]!))) return false;
    }
  }
  return true;
}
