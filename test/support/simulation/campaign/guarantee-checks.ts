import type { Received } from '../../../../src/runtime/decode-records.ts';
import {
  conflictingEvents,
  differingEvents,
  type LogContent,
  missingEvents,
  withoutLackingNotes,
} from '../checked-guarantees.ts';
import { SIMULATED_TOPICS as TOPICS } from '../service-world.ts';
import type { StoredResults } from '../simulated-result-store.ts';
import type { World } from '../world.ts';
import { brokenHistory } from './client-history.ts';
import { isLate, wronglyLate } from './late-data.ts';
import { comparable, JUNK, receivedOf, text, withoutJunk } from './recorded-log.ts';
import type { Stage } from './stage.ts';

type Table = keyof StoredResults;
const TABLES: readonly Table[] = ['predictions', 'partitions', 'members', 'rounds', 'selections', 'rejections'];

/** The guarantees that the run broke, by their numbers; empty if it broke none. */
export function brokenGuarantees(rough: Stage, reference: Stage): string[] {
  // A run with violations did not reach its end, so check nothing else.
  if (rough.violations.length > 0) return [...rough.violations];
  const content = rough.world.logContent();
  return [
    ...missingEvents(content, rough.world.acknowledged).map((line) => `(1) ${line}`),
    ...brokenHistory(rough),
    ...lostInputs(rough),
    ...unrefusedJunk(content),
    ...wronglyLate(content),
    ...conflictingEvents(content, comparable).map((line) => `(2) ${line}`),
    ...repeatedResults(rough),
    ...(rough.plan.expiresSoon ? [] : differences(rough, reference)),
  ];
}

/** Guarantee 4b. */
function differences(rough: Stage, reference: Stage): string[] {
  const found = withoutJunk(rough.world.logContent(), isOther);
  const expected = withoutLackingNotes(reference.world.logContent(), found);
  return [
    ...differingEvents(found, expected, comparable).map((line) => `(4b) ${line.slice(0, 600)}`),
    ...differingTables(rough.world, reference.world, TABLES),
  ];
}

function isOther(event: Received['event']): boolean {
  return isLate(event) || event.type === 'NewerEvent';
}

/**
 * Guarantees 1 and 3: every item of every source and every calculation has its effect once; every rejected input has
 * one id.
 */
function lostInputs({ plan, world }: Stage): string[] {
  const content = world.logContent();
  const all = receivedOf(content, [...content.keys()]).flatMap(({ event }) => (isLate(event) ? [] : [event]));
  const broken: string[] = [];
  const exactlyOne = (what: string, ids: Iterable<string>) => {
    const count = new Set(ids).size;
    if (count !== 1) broken.push(`${what}: ${count} where 1 must be`);
  };
  for (const { id: source, items } of plan.sources) {
    for (const item of items) {
      if (item.kind === 'rejection') {
        const { locator } = item.rejection;
        const found = all.filter(
          (event) =>
            event.type === 'InputRejected' &&
            event.rejection.locator === locator &&
            event.rejection.source === item.rejection.source,
        );
        if (found.length === 0) broken.push(`(3) ${source} ${locator}: not rejected`);
        continue;
      }
      const { id } = item.material;
      exactlyOne(
        `(1) ${id} of ${source} featurized or rejected`,
        all.flatMap((event) => {
          if (event.type === 'StructureFeaturized' && event.source === source && event.facts.materialId === id)
            return event.featuresHash;
          if (event.type === 'InputRejected' && event.rejection.source === source && event.rejection.materialId === id)
            return event.id;
          return [];
        }),
      );
      if (!item.label) continue;
      exactlyOne(
        `(1) examples of ${id} of ${source}`,
        all.flatMap((event) =>
          event.type === 'ExampleFormed' && event.source === source && event.label.materialId === id
            ? event.label.id
            : [],
        ),
      );
    }
  }
  for (const event of all) {
    if (event.type !== 'ResultReceived') continue;
    const provenance = `calculation:${event.calculationId}`;
    exactlyOne(
      `(1) effects of the result of ${event.calculationId}`,
      all.flatMap((other) => {
        if (other.type === 'ExampleFormed' && other.label.provenance === provenance) return other.label.id;
        return other.type === 'InputRejected' && other.calculationId === event.calculationId ? other.id : [];
      }),
    );
  }
  return broken;
}

/** Guarantee 3: a record that cannot be decoded is rejected under one id and stops nothing. */
function unrefusedJunk(content: LogContent): string[] {
  const rejections = receivedOf(content, [TOPICS.rejections.name]).flatMap(({ event }) =>
    event.type === 'InputRejected' ? [event] : [],
  );
  return [...content].flatMap(([topic, partitions]) =>
    partitions.flatMap((records, partition) =>
      records.flatMap(({ id, offset }) => {
        if (!id.startsWith(JUNK)) return [];
        const locator = `partition ${partition} offset ${offset}`;
        const found = rejections.filter(({ rejection }) => rejection.source === topic && rejection.locator === locator);
        const ids = new Set(found.map((rejection) => rejection.id));
        return ids.size === 1 ? [] : [`(3) ${id} in ${topic}: ${ids.size} rejections where 1 must be`];
      }),
    ),
  );
}

/** Guarantee 2: a calculation has one result. */
function repeatedResults({ world }: Stage): string[] {
  const attempts = new Map<string, Set<number>>();
  for (const { event } of receivedOf(world.logContent(), [TOPICS.results.name])) {
    if (event.type !== 'ResultReceived') continue;
    const known = attempts.get(event.calculationId) ?? new Set();
    attempts.set(event.calculationId, known.add(event.attempt));
  }
  return [...attempts].flatMap(([id, { size }]) => (size === 1 ? [] : [`(2) ${id} has results of ${size} attempts`]));
}

/** Guarantee 4 for the tables that people query; they may differ in times and writers. */
export function differingTables(found: World, reference: World, tables: readonly Table[]): string[] {
  const timeless = (row: unknown) =>
    row === undefined ? 'none' : text({ ...row, seconds: 0, epoch: 0, engineFingerprint: '' });
  return tables.flatMap((table) => {
    const [rows, expected] = [found, reference].map(({ stored }) => stored.results[table]);
    const keys = new Set([...rows!.keys(), ...expected!.keys()].filter((key) => !isJunk(rows!.get(key))));
    return [...keys].flatMap((key) => {
      const [a, b] = [rows!.get(key), expected!.get(key)].map(timeless);
      return a === b ? [] : [`(4) ${table} ${key}: ${a}, in the reference ${b}`];
    });
  });
}

function isJunk(row: unknown): boolean {
  const { code } = (row as { code?: string } | undefined) ?? {};
  return code === 'bad_message' || code === 'source_complete';
}
