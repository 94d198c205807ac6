import type { Moduli } from './averages.ts';

/**
 * Vickers hardness by Chen's fit.
 *
 * Equation: H = 2 (k^2 G)^0.585 - 3 with k = G / K.
 * Source: Chen, Niu, Li and Li, Intermetallics 19, 1275 (2011), DOI 10.1016/j.intermet.2011.03.026.
 * Units: GPa.
 * Errors: negative for soft solids (k^2 G below 2 GPa), where the fit is meaningless; NaN if G < 0.
 * Known value: K = 442.3, G = 535.5 (diamond) gives 95.745.
 */
export function vickersHardnessChen({ bulk, shear }: Moduli): number {
  return 2 * ((shear / bulk) ** 2 * shear) ** 0.585 - 3;
}

/**
 * Vickers hardness by Tian's fit. It lacks the intercept of Chen's fit, which makes soft solids negative.
 *
 * Equation: H = 0.92 k^1.137 G^0.708 with k = G / K.
 * Source: Tian, Xu and Zhao, Int. J. Refract. Met. Hard Mater. 33, 93 (2012), DOI 10.1016/j.ijrmhm.2012.02.021.
 * Units: GPa.
 * Errors: NaN if G or K is negative.
 * Known value: K = 442.3, G = 535.5 (diamond) gives 97.762.
 */
export function vickersHardnessTian({ bulk, shear }: Moduli): number {
  return 0.92 * (shear / bulk) ** 1.137 * shear ** 0.708;
}
