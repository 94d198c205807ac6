export interface Finding {
  readonly part: string;
  /** `warning`: something is left out, and all else works. */
  readonly state: 'ok' | 'warning' | 'missing';
  /** What is there, or what to do about it. */
  readonly message: string;
}
