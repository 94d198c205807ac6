import { RejectedInput } from './rejection.ts';

/** The second-order elastic stiffness tensor of a crystal, in the axes of its source. */
export interface ElasticTensor {
  /** Float64Array[36], row-major 6 x 6 in Voigt order XX YY ZZ YZ ZX XY, GPa, exactly symmetric. */
  readonly stiffness: Float64Array;
  /** The largest |Cij - Cji| of the input, GPa: its numerical noise. */
  readonly asymmetry: number;
}

export type TensorOrder = 'voigt' | 'vasp';

/** The six index pairs in Voigt order: XX YY ZZ YZ ZX XY. */
const VOIGT_PAIRS = [
  [0, 0],
  [1, 1],
  [2, 2],
  [1, 2],
  [2, 0],
  [0, 1],
] as const;

/** The position of each Voigt index in VASP's order XX YY ZZ XY YZ ZX. */
const VASP_INDEX = [0, 1, 2, 4, 5, 3] as const;

/**
 * The largest |Cij - Cji| that counts as noise, relative to the largest entry. DFT tensors fitted from finite strains
 * are symmetric to a few GPa in a few hundred GPa; a wrong digit or a shifted column deviates far more.
 */
const ASYMMETRY_MAX = 0.05;
/** A larger entry (a million times diamond) is not a stiffness, and determinants would come near overflow. */
const STIFFNESS_MAX_GPA = 1e9;

/**
 * Creates a tensor from 36 numbers in Voigt order, GPa; replaces Cij and Cji by their mean.
 * @throws RejectedInput `missing_field`, `bad_number`, `out_of_range`, `asymmetric_tensor`
 */
export function createElasticTensor(values: ArrayLike<number>): ElasticTensor {
  if (values.length !== 36) {
    throw new RejectedInput('missing_field', `an elastic tensor has 6 x 6 entries, not ${values.length}`);
  }
  let largest = 0;
  for (let index = 0; index < 36; index++) {
    const value = values[index]!;
    if (!Number.isFinite(value)) throw new RejectedInput('bad_number', `${entry(index)} is ${value}`);
    largest = Math.max(largest, Math.abs(value));
    if (largest > STIFFNESS_MAX_GPA) {
      throw new RejectedInput(
        'out_of_range',
        `${entry(index)} = ${value} GPa; at most ${STIFFNESS_MAX_GPA} is allowed`,
      );
    }
  }
  const stiffness = new Float64Array(36);
  let asymmetry = 0;
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) {
      const [upper, lower] = [6 * i + j, 6 * j + i];
      stiffness[upper] = (values[upper]! + values[lower]!) / 2;
      const difference = Math.abs(values[upper]! - values[lower]!);
      if (difference > ASYMMETRY_MAX * largest) throw asymmetric(values, upper, lower);
      asymmetry = Math.max(asymmetry, difference);
    }
  }
  return { stiffness, asymmetry };
}

function asymmetric(values: ArrayLike<number>, upper: number, lower: number): RejectedInput {
  const pair = `${entry(upper)} = ${values[upper]} and ${entry(lower)} = ${values[lower]} GPa`;
  return new RejectedInput(
    'asymmetric_tensor',
    `${pair} differ by more than ${100 * ASYMMETRY_MAX} % of the largest entry: correct the one that is wrong`,
  );
}

/** The usual name of a row-major index in Voigt numbering: C11 ... C66. */
function entry(index: number): string {
  return `C${Math.floor(index / 6) + 1}${(index % 6) + 1}`;
}

/** Reorders 36 row-major numbers from VASP's XX YY ZZ XY YZ ZX to Voigt's XX YY ZZ YZ ZX XY. */
export function voigtFromVasp(values: ArrayLike<number>): Float64Array {
  const voigt = new Float64Array(36);
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) voigt[6 * i + j] = values[6 * VASP_INDEX[i]! + VASP_INDEX[j]!]!;
  }
  return voigt;
}

/** 1 GPa = 10 kBar, exactly. */
export function gigapascalFromKilobar(kilobar: number): number {
  return kilobar / 10;
}

/**
 * The stiffness in axes rotated by an orthogonal matrix R: C'ijkl = Rip Rjq Rkr Rls Cpqrs.
 *
 * Equation: C' = M C M^T with the 6 x 6 stress transformation M(ij),(kl) = Rik Rjl + (k != l) Ril Rjk.
 * Source: W. L. Bond, Bell Syst. Tech. J. 22, 1 (1943), DOI 10.1002/j.1538-7305.1943.tb01304.x.
 * Shapes: `stiffness: Float64Array[36]` Voigt order, any unit; `rotation: Float64Array[9]` row-major, proper or
 * improper.
 * Known value: rotating a cubic tensor C11, C12, C44 by 45 degrees about z gives C11' = (C11 + C12) / 2 + C44.
 */
export function rotateStiffness(stiffness: ArrayLike<number>, rotation: ArrayLike<number>): Float64Array {
  const m = stressTransformation(rotation);
  const half = new Float64Array(36);
  const rotated = new Float64Array(36);
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) {
      for (let k = 0; k < 6; k++) half[6 * i + j]! += m[6 * i + k]! * stiffness[6 * k + j]!;
    }
  }
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) {
      for (let k = 0; k < 6; k++) rotated[6 * i + j]! += half[6 * i + k]! * m[6 * j + k]!;
    }
  }
  return rotated;
}

function stressTransformation(rotation: ArrayLike<number>): Float64Array {
  const m = new Float64Array(36);
  VOIGT_PAIRS.forEach(([i, j], row) => {
    VOIGT_PAIRS.forEach(([k, l], column) => {
      const direct = rotation[3 * i + k]! * rotation[3 * j + l]!;
      m[6 * row + column] = k === l ? direct : direct + rotation[3 * i + l]! * rotation[3 * j + k]!;
    });
  });
  return m;
}
