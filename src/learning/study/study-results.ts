import type { Target } from '../../model/target.ts';
import type { PartId } from './paper-study.ts';
import type { Spread } from './paper-values.ts';

/** One number of a study, beside the paper's where it states one. */
export interface StudyRow {
  readonly part: 'database' | PartId;
  /** The campaign's name; absent for what is said of the data. */
  readonly campaign?: string;
  /** What is special about it. */
  readonly label: string;
  readonly target?: Target;
  /** Which materials: `all`, or those with the focus element. */
  readonly materials?: string;
  /** How many they are. */
  readonly count?: number;
  readonly quantity: string;
  /** Empty for a pure number. */
  readonly unit: string;
  /** Of the members, mean and STDEV, where members differ. */
  readonly ours: Spread;
  /** The ensemble's own. */
  readonly ensemble?: number;
  readonly paper?: Spread;
}

/** A round of one of the study's loops. */
export interface LoopRound {
  readonly campaign: string;
  readonly round: number;
  readonly added: number;
  readonly target: Target;
  readonly subset: 'candidates' | 'test';
  readonly count: number;
  readonly mae: Spread;
  readonly r2: Spread;
  readonly ensembleMae: number;
}

interface ImportantFeature {
  readonly target: Target;
  /** From 1. */
  readonly rank: number;
  readonly feature: string;
  readonly group: string;
  /** Share of the gain of all features. */
  readonly gainShare: number;
}

export interface StudyResults {
  readonly rows: readonly StudyRow[];
  readonly loops: readonly LoopRound[];
  readonly importances: readonly ImportantFeature[];
  /** What must be known to read them. */
  readonly notes: readonly string[];
}
