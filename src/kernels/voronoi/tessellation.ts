/**
 * The periodic Voronoi tessellation of a crystal in compressed sparse rows: the faces of site i have the indices
 * faceStart[i] up to, but not including, faceStart[i + 1].
 */
export interface Tessellation {
  /** The number of sites, n. */
  readonly siteCount: number;
  /** Int32Array[n + 1]. */
  readonly faceStart: Int32Array;
  /** Int32Array[f], the site on the other side of each face; f is the number of faces. */
  readonly neighbor: Int32Array;
  /**
   * Int32Array[3f], row-major: the lattice translation of that site, in the structure's own lattice vectors and for its
   * own unwrapped fractional coordinates: frac[neighbor] + image - frac[i] points across the face.
   */
  readonly image: Int32Array;
  /** Int32Array[f], the index of the same face seen from the other side. */
  readonly twin: Int32Array;
  /** Float64Array[f], distance from site to neighbour (twice the distance to the plane of the face), Angstrom. */
  readonly distance: Float64Array;
  /** Float64Array[3f], row-major, unit vectors from site to neighbour, Cartesian. */
  readonly normal: Float64Array;
  /** Float64Array[f], Angstrom^2. */
  readonly area: Float64Array;
  /** Float64Array[f], solid angle of the face seen from the site, steradian (4 pi per cell). Present on request. */
  readonly solidAngle: Float64Array | undefined;
  /** Float64Array[n], volume of each cell, Angstrom^3. */
  readonly volume: Float64Array;
}
