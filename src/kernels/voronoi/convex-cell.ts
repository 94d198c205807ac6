import { enlarged } from './enlarged.ts';

/**
 * A convex polyhedron around the origin; cutting by planes makes it smaller.
 *
 * Invariants, cited below:
 * 1. Every vertex has exactly three edges, in counter-clockwise order seen from outside. If more than three planes meet
 *    in a point (every close-packed crystal has such points), several vertices lie at that point, joined by edges of
 *    length zero.
 * 2. A vertex is cut off only if it lies beyond the plane by more than a tolerance, which is far above rounding noise.
 *    So coincident vertices are always cut or kept together, and a plane that only touches the cell adds no face.
 * 3. A freed vertex lies at the origin, which no plane cuts off, until it is reused.
 */
export class ConvexCell {
  /** The number of vertices in use or freed: smaller indices are valid. */
  vertexCount = 0;
  /** The largest squared distance of a vertex from the origin. */
  radius2Max = 0;

  private capacity = 0;
  /** Float64Array[4 capacity], rows x, y, z, r^2. */
  private vertices = new Float64Array(0);
  /** Int32Array[3 capacity], row-major: the vertex at the other end of each edge. */
  private ends = new Int32Array(0);
  /** Int32Array[3 capacity], row-major: the face to the left of each edge, looking away from its vertex. */
  private leftFaces = new Int32Array(0);
  /** Float64Array[capacity], signed distance beyond the current plane, in units of |d|. */
  private beyond = new Float64Array(0);
  /** Uint8Array[capacity], 1 if the caller has found that no site is nearer to the vertex than the origin. */
  private settled = new Uint8Array(0);
  /** Int32Array[capacity] each, with their lengths: the vertices freed, cut off, and created by the current cut. */
  private freed = new Int32Array(0);
  private freedCount = 0;
  private cutOff = new Int32Array(0);
  private cutOffCount = 0;
  private fresh = new Int32Array(0);
  private freshCount = 0;
  /** By face id + BOX_FACES: the fresh vertex whose cut edge has that face on its left; valid if its stamp is ours. */
  private freshByLeftFace = new Int32Array(64);
  private stamps = new Int32Array(64);
  private stamp = 0;

  constructor() {
    this.grow(64);
  }

  private grow(capacity: number): void {
    this.capacity = capacity;
    this.vertices = enlarged(this.vertices, new Float64Array(4 * capacity));
    this.ends = enlarged(this.ends, new Int32Array(3 * capacity));
    this.leftFaces = enlarged(this.leftFaces, new Int32Array(3 * capacity));
    this.beyond = enlarged(this.beyond, new Float64Array(capacity));
    this.settled = enlarged(this.settled, new Uint8Array(capacity));
    this.freed = enlarged(this.freed, new Int32Array(capacity));
    this.cutOff = enlarged(this.cutOff, new Int32Array(capacity));
    this.fresh = enlarged(this.fresh, new Int32Array(capacity));
  }

  /** Starts again from a cube with the given half edge; its faces have the ids -6 to -1. */
  reset(halfEdge: number): void {
    this.vertexCount = 8;
    this.radius2Max = 3 * halfEdge * halfEdge;
    this.freedCount = 0;
    this.settled.fill(0, 0, 8);
    for (let v = 0; v < 8; v++) {
      this.vertices[4 * v] = v & 1 ? halfEdge : -halfEdge;
      this.vertices[4 * v + 1] = v & 2 ? halfEdge : -halfEdge;
      this.vertices[4 * v + 2] = v & 4 ? halfEdge : -halfEdge;
      this.vertices[4 * v + 3] = this.radius2Max;
    }
    this.ends.set(CUBE_ENDS);
    this.leftFaces.set(CUBE_LEFT_FACES);
  }

  /**
   * Cuts off the part that is nearer to d than to the origin: the points x with d.x > d.d / 2.
   * Equation: the bisector plane of the origin and d.
   * Requires: face >= 0, not yet used since reset(); `tolerance` in Angstrom (Invariant 2).
   * Returns: CUT_NONE, CUT_DONE, or CUT_BROKEN if the tolerance tore the polyhedron apart (the cell is then unusable:
   * start again with another tolerance).
   */
  cut(dx: number, dy: number, dz: number, d2: number, face: number, tolerance: number): CutOutcome {
    const { vertices, beyond, cutOff, vertexCount } = this;
    const offset = 0.5 * d2;
    const limit = tolerance * Math.sqrt(d2);
    let cutOffCount = 0;
    for (let v = 0, at = 0; v < vertexCount; v++, at += 4) {
      const s = dx * vertices[at]! + dy * vertices[at + 1]! + dz * vertices[at + 2]! - offset;
      beyond[v] = s;
      if (s > limit) cutOff[cutOffCount++] = v;
    }
    if (cutOffCount === 0) return CUT_NONE;
    this.cutOffCount = cutOffCount;
    return this.cutOffVertices(face, limit);
  }

  private cutOffVertices(face: number, limit: number): CutOutcome {
    this.reserve(face);
    const { cutOff, cutOffCount, beyond } = this;
    this.freshCount = 0;
    const stamp = ++this.stamp;
    for (let c = 0; c < cutOffCount; c++) {
      const gone = cutOff[c]!;
      for (let k = 0; k < 3; k++) {
        const kept = this.ends[3 * gone + k]!;
        if (beyond[kept]! > limit) continue;
        if (!this.addVertex(gone, kept, face, stamp)) return CUT_BROKEN;
      }
    }
    if (this.freshCount < 3 || !this.linkFresh(stamp)) return CUT_BROKEN;
    for (let c = 0; c < cutOffCount; c++) {
      const gone = cutOff[c]!;
      for (let k = 0; k < 4; k++) this.vertices[4 * gone + k] = 0; // Invariant 3
      this.freed[this.freedCount++] = gone;
    }
    this.measureRadius();
    return CUT_DONE;
  }

  /** Reserves room for a cut, which adds at most one vertex per edge, so that no array is replaced during the cut. */
  private reserve(face: number): void {
    if (this.vertexCount + 3 * this.cutOffCount > this.capacity) {
      this.grow(2 * (this.capacity + 3 * this.cutOffCount));
    }
    if (face + BOX_FACES >= this.stamps.length) {
      const size = 2 * (face + BOX_FACES + 1);
      this.freshByLeftFace = new Int32Array(size);
      this.stamps = new Int32Array(size);
    }
  }

  /** Adds a vertex where the edge from `kept` to `gone` meets the plane. False if the cut has no single outline. */
  private addVertex(gone: number, kept: number, face: number, stamp: number): boolean {
    const { vertices, ends, leftFaces, beyond } = this;
    const u = this.freedCount > 0 ? this.freed[--this.freedCount]! : this.vertexCount++;
    const back = ends[3 * kept] === gone ? 0 : ends[3 * kept + 1] === gone ? 1 : 2;
    const left = leftFaces[3 * kept + back]!;
    const right = leftFaces[3 * kept + (back === 0 ? 2 : back - 1)]!;
    const sKept = beyond[kept]!;
    // A kept vertex within the tolerance may lie beyond the plane: then the new vertex coincides with it.
    const t = sKept >= 0 ? 0 : sKept / (sKept - beyond[gone]!);
    const [at, k, g] = [4 * u, 4 * kept, 4 * gone];
    const x = vertices[k]! + t * (vertices[g]! - vertices[k]!);
    const y = vertices[k + 1]! + t * (vertices[g + 1]! - vertices[k + 1]!);
    const z = vertices[k + 2]! + t * (vertices[g + 2]! - vertices[k + 2]!);
    vertices[at] = x;
    vertices[at + 1] = y;
    vertices[at + 2] = z;
    vertices[at + 3] = x * x + y * y + z * z;
    ends[3 * kept + back] = u;
    // Invariant 1: first the edge to the kept vertex, then the two along the new face (linkFresh sets their ends).
    ends[3 * u] = kept;
    leftFaces[3 * u] = right;
    leftFaces[3 * u + 1] = face;
    leftFaces[3 * u + 2] = left;
    beyond[u] = 0;
    this.settled[u] = 0;
    const slot = left + BOX_FACES;
    if (this.stamps[slot] === stamp) return false;
    this.stamps[slot] = stamp;
    this.freshByLeftFace[slot] = u;
    this.fresh[this.freshCount++] = u;
    return true;
  }

  /** Joins the fresh vertices to the outline of the new face: neighbours on the outline share an old face. */
  private linkFresh(stamp: number): boolean {
    const { fresh, freshCount, ends, leftFaces } = this;
    for (let f = 0; f < freshCount; f++) {
      const u = fresh[f]!;
      const slot = leftFaces[3 * u]! + BOX_FACES;
      if (this.stamps[slot] !== stamp) return false;
      const next = this.freshByLeftFace[slot]!;
      ends[3 * u + 1] = next;
      ends[3 * next + 2] = u;
    }
    let steps = 1;
    for (let u = ends[3 * fresh[0]! + 1]!; u !== fresh[0]; u = ends[3 * u + 1]!) {
      if (++steps > freshCount) return false;
    }
    return steps === freshCount;
  }

  private measureRadius(): void {
    let max = 0;
    for (let v = 0, at = 3; v < this.vertexCount; v++, at += 4) {
      const r2 = this.vertices[at]!;
      if (r2 > max) max = r2;
    }
    this.radius2Max = max;
  }

  /**
   * Finds the farthest vertex from the origin that is outside a radius and not yet settled; false if there is none.
   * Writes its position to `out` and marks it settled: a cut that removes it creates fresh, unsettled vertices.
   */
  takeFarthestUnsettled(radius2: number, out: Float64Array): boolean {
    let farthest = -1;
    let max = radius2;
    for (let v = 0; v < this.vertexCount; v++) {
      if (this.settled[v] === 1 || this.vertices[4 * v + 3]! <= max) continue;
      farthest = v;
      max = this.vertices[4 * v + 3]!;
    }
    if (farthest === -1) return false;
    this.settled[farthest] = 1;
    for (let k = 0; k < 3; k++) out[k] = this.vertices[4 * farthest + k]!;
    return true;
  }

  /**
   * Adds to each face twice its area times |d|, where d is the vector of the face's plane.
   * Equation: 2 A n = sum over the outline of (p_i - c) x (p_(i+1) - p_i) (Stokes), n = d / |d|. The reference point c
   * is the foot d / 2 of the plane: measured from the distant origin, small faces of long cells would lose digits.
   * Shapes: `deltas` Float64Array[3 faces], the d of each face id; `out` Float64Array[faces], the caller sets it to
   * zero first.
   * Requires: no face of the starting cube is left.
   */
  addFaceAreas(deltas: Float64Array, out: Float64Array): void {
    const { vertices, ends, leftFaces } = this;
    for (let v = 0; v < this.vertexCount; v++) {
      if (vertices[4 * v + 3] === 0) continue;
      const px = vertices[4 * v]!;
      const py = vertices[4 * v + 1]!;
      const pz = vertices[4 * v + 2]!;
      for (let k = 0; k < 3; k++) {
        const q = 4 * ends[3 * v + k]!;
        const face = leftFaces[3 * v + k]!;
        const dx = deltas[3 * face]!;
        const dy = deltas[3 * face + 1]!;
        const dz = deltas[3 * face + 2]!;
        const ex = vertices[q]! - px;
        const ey = vertices[q + 1]! - py;
        const ez = vertices[q + 2]! - pz;
        const rx = px - 0.5 * dx;
        const ry = py - 0.5 * dy;
        const rz = pz - 0.5 * dz;
        out[face] = out[face]! + dx * (ry * ez - rz * ey) + dy * (rz * ex - rx * ez) + dz * (rx * ey - ry * ex);
      }
    }
  }

  /**
   * Adds to each face its solid angle seen from the origin, steradian.
   * Equation: tan(w / 2) = c.(p x q) / (|c||p||q| + (c.p)|q| + (c.q)|p| + (p.q)|c|) for each edge p q of the outline,
   * with the foot c = d / 2 of the plane; w is negative if c lies to the right of the edge, so the sum is the face's
   * solid angle.
   * Source: Van Oosterom & Strackee, IEEE Trans. Biomed. Eng. 30 (1983) 125, DOI 10.1109/TBME.1983.325207.
   * Shapes: as for addFaceAreas.
   */
  addSolidAngles(deltas: Float64Array, out: Float64Array): void {
    const { vertices, ends, leftFaces } = this;
    for (let v = 0; v < this.vertexCount; v++) {
      const p = 4 * v;
      if (vertices[p + 3] === 0) continue;
      for (let k = 0; k < 3; k++) {
        const q = 4 * ends[3 * v + k]!;
        const face = leftFaces[3 * v + k]!;
        const c = [0.5 * deltas[3 * face]!, 0.5 * deltas[3 * face + 1]!, 0.5 * deltas[3 * face + 2]!] as const;
        const dot = (at: number) => c[0] * vertices[at]! + c[1] * vertices[at + 1]! + c[2] * vertices[at + 2]!;
        const crossX = vertices[p + 1]! * vertices[q + 2]! - vertices[p + 2]! * vertices[q + 1]!;
        const crossY = vertices[p + 2]! * vertices[q]! - vertices[p]! * vertices[q + 2]!;
        const crossZ = vertices[p]! * vertices[q + 1]! - vertices[p + 1]! * vertices[q]!;
        const pq =
          vertices[p]! * vertices[q]! + vertices[p + 1]! * vertices[q + 1]! + vertices[p + 2]! * vertices[q + 2]!;
        const rc = Math.hypot(...c);
        const rp = Math.sqrt(vertices[p + 3]!);
        const rq = Math.sqrt(vertices[q + 3]!);
        const triple = c[0] * crossX + c[1] * crossY + c[2] * crossZ;
        out[face] = out[face]! + 2 * Math.atan2(triple, rc * rp * rq + dot(p) * rq + dot(q) * rp + pq * rc);
      }
    }
  }
}

export const CUT_NONE = 0;
export const CUT_DONE = 1;
export const CUT_BROKEN = 2;
export type CutOutcome = typeof CUT_NONE | typeof CUT_DONE | typeof CUT_BROKEN;

const BOX_FACES = 6;
/** The cube's vertices are numbered by the bits x, y, z; its faces -6..-1 are -x, +x, -y, +y, -z, +z. */
const { ends: CUBE_ENDS, leftFaces: CUBE_LEFT_FACES } = cubeTopology();

function cubeTopology(): { ends: Int32Array; leftFaces: Int32Array } {
  const ends = new Int32Array(24);
  const leftFaces = new Int32Array(24);
  for (let v = 0; v < 8; v++) {
    // At corner (+,+,+) the edges x, y, z are counter-clockwise seen from outside; each mirroring reverses the order.
    const mirrored = ((v & 1) + ((v >> 1) & 1) + ((v >> 2) & 1)) % 2 === 0;
    const axes = mirrored ? [0, 2, 1] : [0, 1, 2];
    for (let k = 0; k < 3; k++) {
      const axis = axes[k]!;
      const after = axes[(k + 1) % 3]!;
      const normalAxis = 3 - axis - after;
      ends[3 * v + k] = v ^ (1 << axis);
      leftFaces[3 * v + k] = -BOX_FACES + 2 * normalAxis + ((v >> normalAxis) & 1);
    }
  }
  return { ends, leftFaces };
}
