import type { ContentHash } from '../model/content-hash.ts';
import type { CalculationRequested } from '../model/events.ts';
import type { MaterialId } from '../model/material-id.ts';
import type { Topics } from '../model/topics.ts';
import type { Projection } from './projection.ts';

export const CALCULATION_STATES = ['open', 'halted', 'completed', 'rejected', 'abandoned'] as const;
type CalculationState = (typeof CALCULATION_STATES)[number];

interface FailedAttempt {
  readonly attempt: number;
  readonly reason: string;
  readonly retry?: string;
}

/** A calculation that some campaign has requested, as the log tells of it. */
export interface ListedCalculation {
  readonly calculationId: ContentHash;
  readonly materialId: MaterialId;
  readonly state: CalculationState;
  /** The present or the last one, from 1. */
  readonly attempt: number;
  readonly attemptsMax: number;
  readonly failures: readonly FailedAttempt[];
  /** Of all attempts that have ended. */
  readonly coreSeconds: number;
  /** Why it is halted, abandoned or rejected. */
  readonly reason?: string;
  readonly recipe: string;
  /** JSON of an Execution; absent where it runs no program. */
  readonly execution?: string;
  readonly labelSets: readonly string[];
  /** RFC 3339. */
  readonly requestedAt: string;
  readonly endedAt?: string;
}

interface Entry {
  request: CalculationRequested;
  readonly requestedAt: string;
  readonly labelSets: Set<string>;
  readonly failures: Map<number, FailedAttempt>;
  readonly coreSeconds: Map<number, number>;
  end?: { readonly state: CalculationState; readonly at: string; readonly reason?: string };
  halted?: { readonly parkings: number; readonly reason: string };
}

export interface CalculationList extends Projection {
  /** In the order of their requests within a partition. */
  all(): ListedCalculation[];
}

export function createCalculationList({ calculations, results, rejections }: Topics): CalculationList {
  const entries = new Map<ContentHash, Entry>();

  function end(id: ContentHash, state: CalculationState, at: string, reason?: string): void {
    const entry = entries.get(id);
    // A result may be refused after it came; what came first stands otherwise.
    if (entry === undefined || (entry.end !== undefined && state !== 'rejected')) return;
    entry.end = { state, at, ...(reason !== undefined && { reason }) };
  }

  function used(id: ContentHash, attempt: number, coreSeconds: number | undefined): void {
    if (coreSeconds !== undefined) entries.get(id)?.coreSeconds.set(attempt, coreSeconds);
  }

  return {
    topics: [calculations, results, rejections],
    take({ event, time }) {
      switch (event.type) {
        case 'CalculationRequested': {
          const fresh = { request: event, requestedAt: time, labelSets: new Set<string>() };
          const entry = entries.get(event.calculationId) ?? { ...fresh, failures: new Map(), coreSeconds: new Map() };
          entries.set(event.calculationId, entry);
          entry.labelSets.add(event.labelSet);
          if (event.parkings > entry.request.parkings) entry.request = event;
          return;
        }
        case 'CalculationAttemptFailed': {
          const { calculationId, attempt, reason, retry, coreSeconds } = event;
          entries.get(calculationId)?.failures.set(attempt, { attempt, reason, ...(retry !== undefined && { retry }) });
          return used(calculationId, attempt, coreSeconds);
        }
        case 'CalculationHalted': {
          const entry = entries.get(event.calculationId);
          if (entry) entry.halted = { parkings: event.parkings, reason: event.reason };
          return;
        }
        case 'CalculationAbandoned':
          return end(event.calculationId, 'abandoned', time, event.reason);
        case 'ResultReceived':
          end(event.calculationId, 'completed', time);
          return used(event.calculationId, event.attempt, event.coreSeconds);
        case 'InputRejected':
          if (event.calculationId) end(event.calculationId, 'rejected', time, event.rejection.message);
      }
    },
    all: () => [...entries.values()].map(listed),
  };
}

function listed({ request, requestedAt, labelSets, failures, coreSeconds, end, halted }: Entry): ListedCalculation {
  const { calculationId, materialId, attemptsMax, recipe, execution } = request;
  const isHalted = end === undefined && halted !== undefined && halted.parkings >= request.parkings;
  const reason = end?.reason ?? (isHalted ? halted.reason : undefined);
  const isOver = end?.state === 'abandoned';
  return {
    ...{ calculationId, materialId, attemptsMax, recipe, requestedAt },
    state: end?.state ?? (isHalted ? 'halted' : 'open'),
    attempt: Math.max(1, failures.size + (isOver ? 0 : 1)),
    failures: [...failures.values()].sort((a, b) => a.attempt - b.attempt),
    coreSeconds: [...coreSeconds.values()].reduce((sum, seconds) => sum + seconds, 0),
    labelSets: [...labelSets],
    ...(reason !== undefined && { reason }),
    ...(execution !== undefined && { execution }),
    ...(end !== undefined && { endedAt: end.at }),
  };
}
