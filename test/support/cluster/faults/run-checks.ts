import type { EventRecord } from '../../../../src/model/event-record.ts';
import type { DomainEvent } from '../../../../src/protocol/domain-event.ts';
import { fromRecord } from '../../../../src/protocol/event-message.ts';
import { checkHistory } from '../../history/check-history.ts';
import type { OperationHistory } from '../../history/operation-history.ts';
import { conflictingEvents, type LogContent } from '../../simulation/checked-guarantees.ts';
import { comparableOutcome, outcomeDifferences } from '../same-outcome.ts';
import type { FaultCampaign } from './fault-campaign.ts';
import type { FaultInjection } from './inject-fault.ts';
import { type ReadingClient, submittedVersion } from './reading-client.ts';
import { SUBMISSIONS, type SubmittingClient } from './submitting-client.ts';

/** The results of the checks of a run's log, and counts of its content. */
export interface CheckedRun {
  /** Empty if the outcome equals that of the run without faults. */
  readonly problems: readonly string[];
  readonly acknowledged: number;
  /** How many times the submitting client's stream broke. */
  readonly breaks: number;
  /** The number of answers that the reading client received. */
  readonly answers: number;
  readonly poisoned: number;
  readonly doubled: number;
  /** Results that are in the log more than once, with the same content. */
  readonly repeatedResults: number;
}

export interface RunParts {
  readonly campaign: FaultCampaign;
  readonly submitting: SubmittingClient;
  readonly reading: ReadingClient;
  /** The requests and answers of both clients. */
  readonly history: OperationHistory;
  readonly injection: FaultInjection;
}

const PROBLEMS_MAX = 10;
const PROBLEM_CHARACTERS_MAX = 600;

export function checkRun(content: LogContent, parts: RunParts): CheckedRun {
  const { campaign, submitting, reading, history, injection } = parts;
  const ours = ofCampaign(content);
  const results = [...eventsOf(content, 'ResultReceived')];
  const problems = [
    ...outcomeDifferences(ours, campaign.embedded).map((line) => `another outcome: ${line}`),
    ...conflictingEvents(ours, comparableOutcome).map((line) => `one id, two contents: ${line}`),
    ...lostSubmissions(content, submitting),
    ...brokenHistory(content, history),
    ...silentlyDropped(content, injection),
    ...calculatedTwice(results.map(({ event }) => event)),
  ];
  return {
    problems: problems.slice(0, PROBLEMS_MAX).map((line) => line.slice(0, PROBLEM_CHARACTERS_MAX)),
    acknowledged: submitting.acknowledged.size,
    breaks: submitting.breaks,
    answers: reading.answers,
    poisoned: injection.poisoned.length,
    doubled: injection.doubled(),
    repeatedResults: results.length - new Set(results.map(({ record }) => record.id)).size,
  };
}

interface FoundEvent<T extends DomainEvent['type']> {
  readonly topic: string;
  readonly partition: number;
  readonly record: EventRecord;
  readonly event: Extract<DomainEvent, { type: T }>;
}

function* eventsOf<T extends DomainEvent['type']>(content: LogContent, type: T): Generator<FoundEvent<T>> {
  for (const [topic, partitions] of content) {
    for (const [partition, records] of partitions.entries()) {
      for (const record of records) {
        const event = decoded(record);
        if (event?.type === type) yield { topic, partition, record, event: event as Extract<DomainEvent, { type: T }> };
      }
    }
  }
}

function decoded(record: EventRecord): DomainEvent | undefined {
  try {
    return fromRecord(record);
  } catch {
    return undefined;
  }
}

/** The content without other clients' submissions, without poisoned messages, and without their rejections. */
function ofCampaign(content: LogContent): LogContent {
  const isOurs = (record: EventRecord) => {
    const event = decoded(record);
    if (event === undefined) return false;
    if (event.type === 'InputRejected') return !event.rejection.source.startsWith('elastream.');
    return !('source' in event && event.source === SUBMISSIONS);
  };
  return new Map([...content].map(([topic, partitions]) => [topic, partitions.map((events) => events.filter(isOurs))]));
}

/** Each acknowledged material must be in the log and featurized, each under one event id. */
function lostSubmissions(content: LogContent, { acknowledged }: SubmittingClient): string[] {
  const ids = (type: 'MaterialIngested' | 'StructureFeaturized') => {
    const found = new Map<string, Set<string>>();
    for (const { record, event } of eventsOf(content, type)) {
      if (event.source !== SUBMISSIONS) continue;
      const id = event.type === 'MaterialIngested' ? event.material.id : event.facts.materialId;
      found.set(id, (found.get(id) ?? new Set()).add(record.id));
    }
    return found;
  };
  const [ingested, featurized] = [ids('MaterialIngested'), ids('StructureFeaturized')];
  return [...acknowledged].flatMap(({ id }) => {
    const [materials, features] = [ingested.get(id)?.size ?? 0, featurized.get(id)?.size ?? 0];
    if (materials === 1 && features === 1) return [];
    return [`acknowledged ${id} is ${materials} materials and ${features} feature vectors`];
  });
}

/**
 * Checks the clients' answers against the final content of the log. A broker that does not know yet that it is no
 * longer the leader may show less than the log holds, so reads may lag; but what one client has seen stays.
 */
export function brokenHistory(content: LogContent, { operations }: OperationHistory): string[] {
  const effects = new Map<string, string[]>();
  for (const record of [...content.values()].flat(2)) {
    const found = submittedVersion(record);
    if (found) effects.set(found.id, [...(effects.get(found.id) ?? []), found.version]);
  }
  return checkHistory(operations, effects, { reads: 'trailing' }).map((line) => `clients were told otherwise: ${line}`);
}

/**
 * Each poisoned message must be rejected with its place, except in `examples`: no service handles that topic, and its
 * readers skip bad records.
 */
function silentlyDropped(content: LogContent, { poisoned }: FaultInjection): string[] {
  const refused = new Set(
    [...eventsOf(content, 'InputRejected')].map(
      ({ event: { rejection } }) => `${rejection.source} ${rejection.locator}`,
    ),
  );
  return poisoned
    .filter(({ topic }) => !topic.startsWith('elastream.examples.'))
    .map(({ topic, partition, offset }) => `${topic} partition ${partition} offset ${offset}`)
    .filter((place) => !refused.has(place))
    .map((place) => `poison was dropped without a word: ${place}`);
}

/** An attempt has one result, and no attempt may follow a result. */
function calculatedTwice(results: readonly Extract<DomainEvent, { type: 'ResultReceived' }>[]): string[] {
  const attempts = new Map<string, number>();
  return results.flatMap(({ calculationId, attempt }) => {
    const first = attempts.get(calculationId) ?? attempt;
    attempts.set(calculationId, first);
    return first === attempt ? [] : [`calculation ${calculationId} has results of attempts ${first} and ${attempt}`];
  });
}
