import type { Tessellation } from '../../src/kernels/voronoi/tessellation.ts';
import type { Structure } from '../../src/model/structure.ts';

/** Relative to the volume of the lattice. */
const VOLUME_ERROR_MAX = 1e-10;
/** Between the two sides of a face, and between a closed surface and one with a gap; relative. */
const AREA_ERROR_MAX = 1e-9;
/**
 * The kernel cuts off a vertex only if it lies 1e-11 Angstrom beyond a plane (its first tolerance; this is 10 times
 * that). In a cell of width w and thickness h, planes meet at angles down to h / w. So the error of a vertex is up to
 * this times w / h, that of an area this times its girth, that of a volume this times its surface.
 */
const CUT_ERROR_ANGSTROM = 1e-10;
/** Of coordinates, relative to the largest product of a coefficient and a lattice vector. */
const ROUNDING = 1e-13;

/**
 * Checks everything that must hold for a periodic Voronoi tessellation and that needs no second tessellation. Returns
 * the faults in words. If the cells are closed, have twin faces and fill the lattice's volume, few errors remain
 * possible.
 */
export function validateTessellation(structure: Structure, t: Tessellation): string[] {
  const faults = [...shapeFaults(structure, t), ...volumeFaults(structure, t)];
  if (faults.length > 0) return faults;
  const cells = Array.from({ length: t.siteCount }, (_, i) => measureCell(t, i));
  for (const cell of cells) {
    faults.push(...cellFaults(t, cell));
    for (let f = cell.start; f < cell.end; f++) {
      faults.push(...twinFaults(t, cell, cells[t.neighbor[f]!]!, f), ...vectorFaults(structure, t, cell.site, f));
    }
  }
  return faults;
}

interface Cell {
  readonly site: number;
  readonly start: number;
  readonly end: number;
  /** Angstrom^2. */
  readonly surface: number;
  /** The largest error of its vertices, Angstrom. */
  readonly vertexError: number;
}

function measureCell({ faceStart, area, distance }: Tessellation, site: number): Cell {
  const [start, end] = [faceStart[site]!, faceStart[site + 1]!];
  const surface = area.subarray(start, end).reduce((sum, x) => sum + x, 0);
  const thickness = distance.subarray(start, end).reduce((least, x) => Math.min(least, x), Number.POSITIVE_INFINITY);
  return { site, start, end, surface, vertexError: (CUT_ERROR_ANGSTROM * Math.sqrt(surface)) / thickness };
}

function shapeFaults(structure: Structure, t: Tessellation): string[] {
  const [n, faces] = [structure.atomicNumbers.length, t.neighbor.length];
  const perSite = [t.faceStart.length - 1, t.siteCount, t.volume.length].every((length) => length === n);
  const perFace = [t.twin, t.distance, t.area].every(({ length }) => length === faces);
  const perAxis = [t.image, t.normal].every(({ length }) => length === 3 * faces);
  const ends = t.faceStart[0] === 0 && t.faceStart[n] === faces;
  return perSite && perFace && perAxis && ends ? [] : ['the arrays do not belong together'];
}

function volumeFaults({ lattice }: Structure, { volume }: Tessellation): string[] {
  const sum = volume.reduce((total, v) => total + v, 0);
  const error = Math.abs(sum / lattice.volume - 1);
  const faults = error <= VOLUME_ERROR_MAX ? [] : [`volumes sum to ${sum}, not ${lattice.volume} (off by ${error})`];
  return volume.every((v) => v > 0) ? faults : [...faults, 'a cell has no volume'];
}

/** The faces of a cell must be distinct, close it, and bound its volume. */
function cellFaults(t: Tessellation, { site, start, end, surface, vertexError }: Cell): string[] {
  const faults: string[] = [];
  const known = new Set([`site ${site} in cell 0,0,0`]);
  const gap = [0, 0, 0];
  let volume = 0;
  for (let f = start; f < end; f++) {
    const key = `site ${t.neighbor[f]} in cell ${t.image.subarray(3 * f, 3 * f + 3)}`;
    if (known.has(key)) faults.push(`site ${site} has ${key} as neighbour twice, or is it`);
    known.add(key);
    if (!(t.area[f]! > 0)) faults.push(`face ${f} of site ${site} has area ${t.area[f]}`);
    for (let k = 0; k < 3; k++) gap[k]! += t.area[f]! * t.normal[3 * f + k]!;
    volume += (t.area[f]! * t.distance[f]!) / 6;
  }
  if (end - start < 4) faults.push(`site ${site} has ${end - start} faces`);
  const girth = Math.sqrt(surface);
  if (!(Math.hypot(...gap) <= Math.max(AREA_ERROR_MAX * surface, vertexError * girth))) {
    faults.push(`cell ${site} is open: ${gap}`);
  }
  if (!(Math.abs(volume - t.volume[site]!) <= Math.max(VOLUME_ERROR_MAX * volume, vertexError * surface))) {
    faults.push(`cell ${site} has volume ${t.volume[site]}, the pyramids on its faces ${volume}`);
  }
  return faults;
}

function twinFaults(t: Tessellation, cell: Cell, other: Cell, f: number): string[] {
  const g = t.twin[f]!;
  const isThere = g >= other.start && g < other.end && t.twin[g] === f && t.neighbor[g] === cell.site;
  const isOpposite = [0, 1, 2].every((k) => t.image[3 * f + k]! + t.image[3 * g + k]! === 0);
  if (!isThere || !isOpposite) return [`face ${f} has ${g} as twin, which it is not`];
  const faults: string[] = [];
  const [a, b] = [t.area[f]!, t.area[g]!];
  const areaError = Math.max(...[cell, other].map(({ vertexError, surface }) => vertexError * Math.sqrt(surface)));
  if (!(Math.abs(a - b) <= Math.max(AREA_ERROR_MAX * b, areaError))) faults.push(`face ${f}: areas ${a}, ${b}`);
  if (!(Math.abs(t.distance[f]! / t.distance[g]! - 1) <= 1e-11)) faults.push(`face ${f}: distances differ`);
  for (let k = 0; k < 3; k++) {
    if (!(Math.abs(t.normal[3 * f + k]! + t.normal[3 * g + k]!) <= 1e-11)) faults.push(`face ${f}: normals`);
  }
  return faults;
}

/** Distance and normal must be those from the site to its neighbour's image, by the structure's own numbers. */
function vectorFaults({ lattice, fracCoords }: Structure, t: Tessellation, site: number, f: number): string[] {
  const vector = [0, 0, 0];
  let largest = 0;
  for (let row = 0; row < 3; row++) {
    const [from, to] = [fracCoords[3 * site + row]!, fracCoords[3 * t.neighbor[f]! + row]!];
    const image = t.image[3 * f + row]!;
    for (let k = 0; k < 3; k++) {
      const edge = lattice.matrix[3 * row + k]!;
      vector[k]! += (to + image - from) * edge;
      largest = Math.max(largest, Math.abs(edge) * (Math.abs(to) + Math.abs(image) + Math.abs(from)));
    }
  }
  const off = Math.hypot(...vector.map((x, k) => x - t.distance[f]! * t.normal[3 * f + k]!));
  return off <= ROUNDING * largest + 1e-12 ? [] : [`face ${f} is ${off} Angstrom off the coordinates (of ${largest})`];
}
