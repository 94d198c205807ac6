import { inverse3 } from '../../src/model/lattice.ts';
import type { Structure } from '../../src/model/structure.ts';

type Vector = readonly [number, number, number];

interface Plane {
  readonly key: string;
  /** The vector from the site to the other, Angstrom; the plane bisects it. */
  readonly d: Vector;
  readonly d2: number;
}

/**
 * The faces of a site's Voronoi cell, computed in the simplest way, as a reference for the kernel: each face is the
 * bisector of another site within reach, as a square that all the other bisectors clip. Keyed by `neighbour:image`;
 * areas in Angstrom^2.
 */
export function bruteForceFaces(structure: Structure, site: number): Map<string, number> {
  const planes = planesAround(structure, site);
  const size = Math.sqrt(planes.at(-1)!.d2);
  const areas = new Map<string, number>();
  for (const plane of planes) {
    let polygon = squareOn(plane, size);
    for (const other of planes) {
      if (other !== plane) polygon = clipped(polygon, other);
      if (polygon.length === 0) break;
    }
    if (polygon.length > 2) areas.set(plane.key, areaOf(polygon));
  }
  return areas;
}

/** Every vertex of a cell is within half the sum of the cell's edges of its site, every neighbour within twice that. */
function planesAround({ lattice: { matrix: m }, fracCoords: x }: Structure, site: number): Plane[] {
  const edges = [0, 3, 6].reduce((sum, k) => sum + Math.hypot(m[k]!, m[k + 1]!, m[k + 2]!), 0);
  const reach = 1.001 * edges;
  const inverse = inverse3(m);
  const bounds = [0, 1, 2].map((k) => reach * Math.hypot(inverse[k]!, inverse[3 + k]!, inverse[6 + k]!));
  const planes: Plane[] = [];
  for (let j = 0; j < x.length / 3; j++) {
    const [u, v, w] = [0, 1, 2].map((k) => x[3 * j + k]! - x[3 * site + k]!) as [number, number, number];
    const first = (from: number, k: number) => Math.ceil(-from - bounds[k]!);
    for (let a = first(u, 0); a <= -u + bounds[0]!; a++) {
      for (let b = first(v, 1); b <= -v + bounds[1]!; b++) {
        for (let c = first(w, 2); c <= -w + bounds[2]!; c++) {
          const along = (k: number) => (u + a) * m[k]! + (v + b) * m[3 + k]! + (w + c) * m[6 + k]!;
          const d: Vector = [along(0), along(1), along(2)];
          const d2 = dot(d, d);
          if (d2 > reach * reach || (j === site && a === 0 && b === 0 && c === 0)) continue;
          planes.push({ key: `${j}:${a + 0},${b + 0},${c + 0}`, d, d2 });
        }
      }
    }
  }
  return planes.sort((p, q) => p.d2 - q.d2);
}

function squareOn({ d, d2 }: Plane, size: number): Vector[] {
  const axis: Vector = Math.abs(d[0]) < 0.6 * Math.sqrt(d2) ? [1, 0, 0] : [0, 1, 0];
  const u = scaledTo(cross(d, axis), size);
  const v = scaledTo(cross(d, u), size);
  return [
    [1, 1],
    [-1, 1],
    [-1, -1],
    [1, -1],
  ].map(([p, q]): Vector => [0, 1, 2].map((k) => d[k]! / 2 + p! * u[k]! + q! * v[k]!) as unknown as Vector);
}

function clipped(polygon: Vector[], { d, d2 }: Plane): Vector[] {
  const beyond = polygon.map((p) => dot(p, d) - d2 / 2);
  if (beyond.every((s) => s <= 0)) return polygon;
  return polygon.flatMap((p, i) => {
    const next = (i + 1) % polygon.length;
    const [s, t] = [beyond[i]!, beyond[next]!];
    const kept = s <= 0 ? [p] : [];
    if (s <= 0 === t <= 0) return kept;
    const q = polygon[next]!;
    return [...kept, [0, 1, 2].map((k) => p[k]! + (s / (s - t)) * (q[k]! - p[k]!)) as unknown as Vector];
  });
}

function areaOf(polygon: readonly Vector[]): number {
  const from = polygon[0]!;
  const spoke = (i: number): Vector => [0, 1, 2].map((k) => polygon[i]![k]! - from[k]!) as unknown as Vector;
  let area = 0;
  for (let i = 2; i < polygon.length; i++) area += Math.hypot(...cross(spoke(i - 1), spoke(i))) / 2;
  return area;
}

function dot(p: Vector, q: Vector): number {
  return p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
}

function cross(p: Vector, q: Vector): Vector {
  return [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
}

function scaledTo(v: Vector, length: number): Vector {
  const factor = length / Math.hypot(...v);
  return [factor * v[0], factor * v[1], factor * v[2]];
}
