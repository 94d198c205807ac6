import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import type { CampaignState, RoundState } from '../../src/learning/campaign/campaign-state.ts';
import { openedSnapshots, selectedBefore } from '../../src/learning/campaign/campaign-step.ts';
import { recordedConfig } from '../../src/learning/campaign/recorded-config.ts';
import { reproducedRound } from '../../src/learning/campaign/reproduced-round.ts';
import { snapshotHash } from '../../src/learning/campaign/round-snapshot.ts';
import { MaterialCatalogue } from '../../src/learning/data/material-catalogue.ts';
import type { EventRecord } from '../../src/model/event-record.ts';
import { sortedJson } from '../../src/model/sorted-json.ts';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { createCampaignStates } from '../../src/reading/campaign-states.ts';
import { createCatalogueProjection } from '../../src/reading/catalogue-projection.ts';
import { createCompletedSources } from '../../src/reading/completed-sources.ts';
import { createSettledCalculations } from '../../src/reading/settled-calculations.ts';
import { decodeRecords } from '../../src/runtime/decode-records.ts';
import type { LogContent } from './simulation/checked-guarantees.ts';

/** Campaign files, their data, the log that version 0.1.0 wrote of them in one directory, and what it says. */
export const RECORDED = fileURLToPath(new URL('../fixtures/recorded-campaigns/', import.meta.url));

interface RecordedLine extends Omit<EventRecord, 'offset' | 'key' | 'value'> {
  readonly topic: string;
  readonly partition: number;
  /** Base64. */
  readonly key: string;
  readonly value: string;
}

/** A line for each event: those of a partition in their order, otherwise the earlier one first. */
export function recordedLines(content: LogContent): string {
  const queues = [...content].flatMap(([topic, partitions]) =>
    partitions.map((records, partition) => ({ topic, partition, records: [...records] })),
  );
  const lines: string[] = [];
  for (;;) {
    const waiting = queues.filter(({ records }) => records.length > 0);
    const [first, ...others] = waiting;
    if (first === undefined) return `${lines.join('\n')}\n`;
    const timeOf = ({ records }: typeof first) => records[0]!.time;
    const next = others.reduce((earliest, queue) => (timeOf(queue) < timeOf(earliest) ? queue : earliest), first);
    const { offset: _, key, value, ...attributes } = next.records.shift()!;
    const [keyText, valueText] = [key, value].map((bytes) => Buffer.from(bytes).toString('base64'));
    lines.push(
      JSON.stringify({ topic: next.topic, partition: next.partition, ...attributes, key: keyText, value: valueText }),
    );
  }
}

/** The recorded log, or what it held when the event of that id had just been written. */
export function recordedContent(upTo?: string): LogContent {
  const text = brotliDecompressSync(readFileSync(`${RECORDED}log.jsonl.br`)).toString('utf8');
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedLine);
  const end = upTo === undefined ? lines.length : 1 + lines.findIndex(({ id }) => id === upTo);
  const content = new Map(
    Object.values(TOPICS).map(({ name, partitions }) => [
      name,
      Array.from({ length: partitions }, (): EventRecord[] => []),
    ]),
  );
  for (const { topic, partition, key, value, ...attributes } of lines.slice(0, end)) {
    const records = content.get(topic)![partition]!;
    const [keyBytes, valueBytes] = [key, value].map((bytes) => Buffer.from(bytes, 'base64')) as [Buffer, Buffer];
    records.push({ ...attributes, key: keyBytes, value: valueBytes, offset: records.length });
  }
  return content;
}

/** What a log says of its campaigns, and what its data give again: everything that must never come out otherwise. */
export function replayed(content: LogContent) {
  const catalogue = new MaterialCatalogue({ vectors: false, partitions: TOPICS.materials.partitions });
  const states = createCampaignStates(TOPICS.campaigns, TOPICS.members);
  const projections = [
    states,
    createCatalogueProjection(catalogue, TOPICS),
    createCompletedSources(states, catalogue, TOPICS),
    createSettledCalculations(states, TOPICS),
  ];
  const refused = [...content].flatMap(([topic, partitions]) =>
    partitions.flatMap((records, partition) => {
      const batch = decodeRecords({ topic, partition, records, next: records.length });
      const takers = projections.filter(({ topics }) => topics.some(({ name }) => name === topic));
      for (const received of batch.received) for (const taker of takers) taker.take(received);
      return batch.refused.map(({ rejection }) => rejection.message);
    }),
  );
  const campaigns = states
    .names()
    .toSorted()
    .map((campaign) => campaignRecord(campaign, states.state(campaign), catalogue));
  return { refused, campaigns };
}

function campaignRecord(campaign: string, state: CampaignState, catalogue: MaterialCatalogue) {
  const { created, epoch, sequence, sources, rounds, paused, parkings, stopped, alarms } = state;
  return {
    campaign,
    config: sortedJson(recordedConfig(created!.config)),
    configHash: created!.configHash,
    ...{ epoch, sequence, paused, parkings, stopped },
    sources: [...sources].map(([source, completed]) => ({ source, ...completed })),
    alarms: [...alarms],
    rounds: [...rounds].map(([number, round]) => ({ ...roundRecord(round), ...reproduced(number, state, catalogue) })),
  };
}

function roundRecord({ opened, models, selected, settled, expired, outcomes }: RoundState) {
  // The hashes of the partitions' pools are in the snapshot's own, which is made again.
  const { offsets: _, poolByPartition: __, ...snapshot } = opened!.snapshot;
  return {
    snapshot,
    models: [...models].sort(),
    selected,
    settled: [...settled].sort(),
    expired: [...expired],
    outcomes,
  };
}

/** From the labels and features of the log, without what was recorded of the round. */
function reproduced(round: number, state: CampaignState, catalogue: MaterialCatalogue) {
  const created = state.created!;
  const partitions = TOPICS.materials.partitions;
  const { frozen, contents } = reproducedRound({
    ...{ created, catalogue, partitions },
    selectedBefore: selectedBefore(state, round),
    snapshots: openedSnapshots(state, round),
    topics: TOPICS,
    poolPartitions: [...Array(partitions).keys()],
  });
  return {
    snapshotHash: snapshotHash(created.campaign, state.rounds.get(round)!.opened!.snapshot),
    testSet: [...frozen.testSet].sort(),
    training: contents.training.map(({ label }) => label.id),
    pool: contents.pool.flat().map(({ facts }) => facts.materialId),
  };
}
