import type { CampaignState } from '../../src/learning/campaign/campaign-state.ts';
import type { RoundSnapshot } from '../../src/learning/campaign/round-snapshot.ts';
import type { FrozenData } from '../../src/learning/data/campaign-data.ts';
import type { MaterialCatalogue } from '../../src/learning/data/material-catalogue.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { Publisher } from '../../src/runtime/publisher.ts';
import type { TimeSlices } from '../../src/runtime/time-slices.ts';
import type { RequestedCommand } from './campaign-requests.ts';
import type { RoundSelection } from './round-selection.ts';

export interface CampaignWriterParts {
  readonly campaign: string;
  readonly writer: string;
  readonly publisher: Publisher;
  readonly catalogue: MaterialCatalogue;
  readonly featureSchema: string;
  readonly partitions: number;
  readonly topics: Pick<Topics, 'features' | 'examples'>;
  state(): CampaignState;
  /** Where the catalogue stands now. */
  offsets(): RoundSnapshot['offsets'];
  select(round: number, size: number, frozen: FrozenData): Promise<RoundSelection>;
  /** When the round's calculations are waited for no longer. */
  expiryMs(round: number): number;
  /** The clock of waits, which nobody sets. */
  nowMs(): number;
  readonly slices: TimeSlices;
  /** By chance, from 0 to 1. */
  uniform(): number;
  /** Runs a step within the trace of what it follows from. */
  traced<T>(step: { readonly name: string; readonly round?: number }, action: () => Promise<T>): Promise<T>;
  /** What people have asked for and the state does not show yet. */
  requested(): RequestedCommand | undefined;
}

/** What a campaign waits for after a step was tried. */
export type Waiting =
  | { readonly for: 'events' }
  | { readonly for: 'clock'; readonly untilMs: number }
  | { readonly for: 'lease' }
  | { readonly for: 'nothing' };

export const EVENTS = { for: 'events' } as const;
