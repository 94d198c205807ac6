import type { StrainRay } from './fit-stiffness.ts';
import { spanStrains } from './fit-stiffness.ts';

const AXES = ['XX', 'YY', 'ZZ', 'YZ', 'ZX', 'XY'] as const;
/** Amplitudes that differ by less, relative to the larger, are one. */
const SAME_AMPLITUDE_RELATIVE = 0.1;

/**
 * The strain states that a set lacks, one text per axis: `YZ -0.005 +0.01`. Empty if it is whole.
 *
 * Method: each axis has the amplitudes of the others of its kind (XX YY ZZ, or YZ ZX XY), and at least `perAxis`. Sets
 *   that strain several axes at once must span all strains, with `perAxis` states of each direction.
 * Source: M. de Jong et al., Sci. Data 2, 150009 (2015), DOI 10.1038/sdata.2015.9: 24 states, 4 along each axis.
 * Shapes: `rays` as of `strainRays`.
 * Units: strain components, not doubled.
 * Errors: none.
 * Known value: zincblende with XX by four and YZ by one of -0.005, -0.01 lacks the other along YZ, ZX and XY.
 */
export function missingStrains(rays: readonly StrainRay[], perAxis: number): string[] {
  const axes = rays.map(({ direction }) => axisOf(direction));
  if (axes.includes(undefined)) return missingDirections(rays, perAxis);
  const known = AXES.map((_, axis) => {
    const ray = rays[axes.indexOf(axis)];
    return ray ? ray.amplitudes.map((amplitude) => amplitude / (axis < 3 ? 1 : 2)) : [];
  });
  return AXES.flatMap((name, axis) => {
    const alike = known.slice(axis < 3 ? 0 : 3, axis < 3 ? 3 : 6).flat();
    const lacks: number[] = [];
    for (const amplitude of alike) {
      if (![...known[axis]!, ...lacks].some((own) => isSame(own, amplitude))) lacks.push(amplitude);
    }
    const more = perAxis - known[axis]!.length - lacks.length;
    if (lacks.length === 0 && more <= 0) return [];
    const named = lacks.sort((a, b) => a - b).map((value) => `${value > 0 ? '+' : ''}${Number(value.toPrecision(3))}`);
    return `${name} ${[...named, ...(more > 0 ? [`${named.length > 0 ? 'and ' : ''}${more} more`] : [])].join(' ')}`;
  });
}

function missingDirections(rays: readonly StrainRay[], perAxis: number): string[] {
  const few = rays.filter(({ amplitudes }) => amplitudes.length < perAxis);
  const texts = few.map(
    ({ direction, amplitudes }) => `${perAxis - amplitudes.length} more along ${directionText(direction)}`,
  );
  return spanStrains(rays) ? texts : [...texts, 'directions that span all strains'];
}

function axisOf(direction: Float64Array): number | undefined {
  const others = direction.filter((value) => Math.abs(value) > 0.02);
  return others.length === 1 ? direction.findIndex((value) => Math.abs(value) > 0.02) : undefined;
}

/** `1 XX + 0.5 YZ` */
function directionText(direction: Float64Array): string {
  const parts = AXES.flatMap((axis, i) => {
    const value = Number((direction[i]! / (i < 3 ? 1 : 2)).toPrecision(2));
    return value === 0 ? [] : [`${value} ${axis}`];
  });
  return parts.join(' + ');
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= SAME_AMPLITUDE_RELATIVE * Math.max(Math.abs(a), Math.abs(b));
}
