import type { Operation } from './operation-history.ts';

/*
 * The checks, for each key separately:
 * 1. An acknowledged value is in effect. A value is not in effect if every request for it failed, or if nobody
 *    requested it.
 * 2. A value that was acknowledged before another was first requested takes effect before it; the values of one write
 *    take effect in their order.
 * 3. A read shows a prefix of the final values, and no value that was first requested after the read was answered.
 * 4. Reads never go back: a read that was requested after another was answered shows at least as much. A fresh read
 *    shows everything that was acknowledged before it was requested.
 */

export interface HistoryRules {
  /** Whether reads may lag behind acknowledged writes; if so, only the reads of one client never go back. */
  readonly reads: 'fresh' | 'trailing';
}

/** The final values of each key, in order; a repeated value counts at its first position. */
export type Effects = ReadonlyMap<string, readonly string[]>;

interface Value {
  /** Its position; -1 if it is not in effect. */
  readonly place: number;
  /** When it was first requested, and when it was first acknowledged. */
  asked: number;
  acknowledged: number;
  hasFailed: boolean;
}

/** The contradictions between history and effects; empty if there are none. */
export function checkHistory(operations: readonly Operation[], effects: Effects, rules: HistoryRules): string[] {
  const byKey = new Map<string, Operation[]>([...effects.keys()].map((key) => [key, []]));
  for (const operation of operations) {
    const found = byKey.get(operation.key);
    if (found) found.push(operation);
    else byKey.set(operation.key, [operation]);
  }
  return [...byKey].flatMap(([key, all]) => {
    const order = [...new Set(effects.get(key) ?? [])];
    return checkKey(all, order, rules).map((line) => `${key}: ${line}`);
  });
}

function checkKey(operations: readonly Operation[], order: readonly string[], rules: HistoryRules): string[] {
  const values = valuesOf(operations, order);
  return [
    ...wrongEffects(values),
    ...wrongOrder(operations, values, order),
    ...wrongReads(operations, values, order),
    ...readsGoingBack(operations, values, rules),
  ];
}

function valuesOf(operations: readonly Operation[], order: readonly string[]): Map<string, Value> {
  const unasked = { asked: Infinity, acknowledged: Infinity, hasFailed: true };
  const values = new Map<string, Value>(order.map((value, place) => [value, { place, ...unasked }]));
  for (const { question, asked, ended, outcome } of operations) {
    if (question.kind !== 'write') continue;
    for (const name of question.values) {
      const value = values.get(name) ?? { place: -1, ...unasked };
      values.set(name, value);
      value.asked = Math.min(value.asked, asked);
      if (outcome === 'acknowledged') value.acknowledged = Math.min(value.acknowledged, ended!);
      if (outcome !== 'failed') value.hasFailed = false;
    }
  }
  return values;
}

/** Check 1. */
function wrongEffects(values: ReadonlyMap<string, Value>): string[] {
  return [...values].flatMap(([name, { place, asked, acknowledged, hasFailed }]) => {
    if (place < 0) return acknowledged < Infinity ? [`${name} was acknowledged and is not in effect`] : [];
    if (asked === Infinity) return [`${name} is in effect and nobody asked for it`];
    return hasFailed ? [`${name} failed and is in effect`] : [];
  });
}

/** Check 2. */
function wrongOrder(
  operations: readonly Operation[],
  values: ReadonlyMap<string, Value>,
  order: readonly string[],
): string[] {
  const broken: string[] = [];
  // Of all values behind, the one that was acknowledged first.
  let behind = { name: '', acknowledged: Infinity };
  for (const name of order.toReversed()) {
    const { asked, acknowledged } = values.get(name)!;
    if (asked < Infinity && behind.acknowledged < asked) {
      broken.push(`${behind.name} was acknowledged before ${name} was asked for and stands behind it`);
    }
    if (acknowledged < behind.acknowledged) behind = { name, acknowledged };
  }
  for (const { question } of operations) {
    if (question.kind !== 'write') continue;
    const places = question.values.map((name) => values.get(name)!.place);
    const at = places.findIndex((place, i) => i > 0 && place >= 0 && !(places[i - 1]! >= 0 && places[i - 1]! <= place));
    if (at > 0) broken.push(`${question.values[at]} is in effect without ${question.values[at - 1]} before it`);
  }
  return broken;
}

/** Check 3. */
function wrongReads(
  operations: readonly Operation[],
  values: ReadonlyMap<string, Value>,
  order: readonly string[],
): string[] {
  return operations.flatMap(({ client, ended, answer }) => {
    if (!answer || !('values' in answer)) return [];
    const wrong = answer.values.findIndex((name, i) => order[i] !== name);
    if (wrong >= 0) return [`${client} read ${answer.values[wrong]} where ${order[wrong] ?? 'nothing'} is in effect`];
    const early = answer.values.find((name) => values.get(name)!.asked > ended!);
    return early === undefined ? [] : [`${client} read ${early} before anybody had asked for it`];
  });
}

/** Check 4. */
function readsGoingBack(
  operations: readonly Operation[],
  values: ReadonlyMap<string, Value>,
  { reads }: HistoryRules,
): string[] {
  const answered = operations.filter(({ answer }) => answer !== undefined);
  const broken: string[] = [];
  for (const group of reads === 'fresh' ? [answered] : byClient(answered)) {
    const endings = group.toSorted((a, b) => a.ended! - b.ended!);
    let [next, most] = [0, 0];
    for (const read of group) {
      for (; next < endings.length && endings[next]!.ended! < read.asked; next++) {
        most = Math.max(most, amount(endings[next]!));
      }
      if (amount(read) < most) broken.push(`${read.client} read ${amount(read)} after ${most} had been read`);
    }
  }
  if (reads === 'trailing') return broken;
  const firm = [...values.values()]
    .filter(({ acknowledged, place }) => acknowledged < Infinity && place >= 0)
    .sort((a, b) => a.acknowledged - b.acknowledged);
  let [next, due] = [0, 0];
  for (const read of answered) {
    for (; next < firm.length && firm[next]!.acknowledged < read.asked; next++)
      due = Math.max(due, firm[next]!.place + 1);
    if (amount(read) < due) broken.push(`${read.client} read ${amount(read)} where ${due} had been acknowledged`);
  }
  return broken;
}

function byClient(operations: readonly Operation[]): Operation[][] {
  return [...new Set(operations.map(({ client }) => client))].map((client) =>
    operations.filter((one) => one.client === client),
  );
}

function amount({ answer }: Operation): number {
  return 'values' in answer! ? answer.values.length : answer!.count;
}
