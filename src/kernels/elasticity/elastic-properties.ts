import { compliance, hillAverages, type Moduli, reussAverages, voigtAverages } from './averages.ts';
import { vickersHardnessChen, vickersHardnessTian } from './hardness.ts';
import { poissonRatio, pughRatio, universalAnisotropy, youngModulus } from './isotropic.ts';
import { debyeTemperature, type SoundVelocities, soundVelocities } from './sound.ts';
import { bornStability, type Stability } from './stability.ts';

/** Densities of the crystal: the acoustic properties need them in addition to the tensor. */
export interface CrystalDensity {
  readonly gramPerCm3: number;
  readonly atomsPerCubicAngstrom: number;
}

/** Everything that follows from a positive-definite tensor, moduli in GPa. */
interface StableProperties {
  /** Float64Array[36], Voigt order, 1/GPa. */
  readonly compliance: Float64Array;
  readonly reuss: Moduli;
  readonly hill: Moduli;
  readonly youngModulus: number;
  readonly poissonRatio: number;
  /** Bulk modulus over shear modulus. */
  readonly pughRatio: number;
  readonly universalAnisotropy: number;
  /** Can be negative for soft solids, where the fit is meaningless. */
  readonly vickersHardnessChen: number;
  readonly vickersHardnessTian: number;
}

interface AcousticProperties {
  readonly soundVelocities: SoundVelocities;
  /** Unit: K. */
  readonly debyeTemperature: number;
}

export interface ElasticProperties {
  readonly stability: Stability;
  /** Defined for every tensor. */
  readonly voigt: Moduli;
  /** Absent if the tensor is unstable: Reuss's average is then no bound, and all that is built on it is meaningless. */
  readonly stable?: StableProperties;
  /** Absent if the tensor is unstable or the density is unknown. */
  readonly acoustic?: AcousticProperties;
}

/** Computes all properties that follow from a stiffness matrix (Float64Array[36], Voigt order, symmetric, GPa). */
export function elasticProperties(stiffness: ArrayLike<number>, density?: CrystalDensity): ElasticProperties {
  const stability = bornStability(stiffness);
  const voigt = voigtAverages(stiffness);
  if (!stability.stable) return { stability, voigt };
  const stable = stableProperties(stiffness, voigt);
  if (density === undefined) return { stability, voigt, stable };
  const velocities = soundVelocities(stable.hill, density.gramPerCm3);
  const temperature = debyeTemperature(velocities.mean, density.atomsPerCubicAngstrom);
  return { stability, voigt, stable, acoustic: { soundVelocities: velocities, debyeTemperature: temperature } };
}

function stableProperties(stiffness: ArrayLike<number>, voigt: Moduli): StableProperties {
  const inverse = compliance(stiffness);
  const reuss = reussAverages(inverse);
  const hill = hillAverages(voigt, reuss);
  return {
    compliance: inverse,
    reuss,
    hill,
    youngModulus: youngModulus(hill),
    poissonRatio: poissonRatio(hill),
    pughRatio: pughRatio(hill),
    universalAnisotropy: universalAnisotropy(voigt, reuss),
    vickersHardnessChen: vickersHardnessChen(hill),
    vickersHardnessTian: vickersHardnessTian(hill),
  };
}
