/**
 * The periodic Voronoi tessellation of a crystal in compressed rows: the faces of site i are those from
 * faceStart[i] up to faceStart[i + 1].
 */
export interface Tessellation {
  /** n. */
  readonly siteCount: number;
  /** Int32Array[n + 1]. */
  readonly faceStart: Int32Array;
  /** Int32Array[f], the site on the other side of each face. */
  readonly neighbor: Int32Array;
  /**
   * Int32Array[3f], row-major: the lattice translation (in the structure's own lattice vectors and with its own,
   * unwrapped fractional coordinates) of that site: frac[neighbor] + image - frac[i] points across the face.
   */
  readonly image: Int32Array;
  /** Int32Array[f], the same face seen from the other side. */
  readonly twin: Int32Array;
  /** Float64Array[f], from site to neighbour (twice the distance to the face's plane), Angstrom. */
  readonly distance: Float64Array;
  /** Float64Array[3f], row-major, unit vectors from site to neighbour, Cartesian. */
  readonly normal: Float64Array;
  /** Float64Array[f], Angstrom^2. */
  readonly area: Float64Array;
  /** Float64Array[f], under which the site sees the face, steradian; a cell's sum to 4 pi. Where asked for. */
  readonly solidAngle: Float64Array | undefined;
  /** Float64Array[n], of each cell, Angstrom^3. */
  readonly volume: Float64Array;
}
