import type { CampaignCreated, RoundOpened, Selected } from '../../src/learning/campaign-events.ts';
import { selectionReason } from '../../src/learning/selection-reason.ts';
import type { MemberTrained } from '../../src/model/events.ts';
import type { Topics } from '../../src/model/topics.ts';
import type { MemberResult, ResultStore, RoundResult, SelectedCandidate } from '../../src/ports/result-store.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { decodeRecords, type Received } from '../../src/runtime/decode-records.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';

interface KnownCampaign {
  created?: CampaignCreated;
  readonly opened: Map<number, { event: RoundOpened; time: string }>;
}

/** Rows that follow from a batch of events. */
export interface ProjectedRows {
  readonly members: MemberResult[];
  readonly rounds: RoundResult[];
  readonly selections: SelectedCandidate[];
}

export const PROJECTION_GROUP = 'projection';

export function projectedTopics({ campaigns, members, rejections }: Topics): string[] {
  return [campaigns.name, members.name, rejections.name];
}

/** Keeps the tables of people's queries up to date with the log, except for the predictions, which shards bring. */
export function startProjection(ports: ServicePorts, results: ResultStore): Promise<Service> {
  const { campaigns } = ports.topics;
  const projector = createProjector();
  return startConsumer(ports, createPublisher(ports, 'projection'), {
    group: PROJECTION_GROUP,
    topics: projectedTopics(ports.topics),
    async onAssigned(partitions) {
      const ranges = partitions.map(({ offset: to, ...at }) => ({ ...at, from: 0, to }));
      const read = ranges.filter(({ topic, to }) => topic === campaigns.name && to > 0);
      for await (const batch of ports.log.read(read)) projector.rows(decodeRecords(batch).received);
    },
    async handle(received) {
      const rows = projector.rows(received);
      const refused = received.flatMap(({ event }) => (event.type === 'InputRejected' ? [event] : []));
      if (rows.members.length > 0) await results.storeMembers(rows.members);
      if (rows.rounds.length > 0) await results.storeRounds(rows.rounds);
      if (rows.selections.length > 0) await results.storeSelections(rows.selections);
      if (refused.length > 0) await results.storeRejections(refused.map(({ id, rejection }) => ({ id, ...rejection })));
    },
  });
}

export function createProjector() {
  const known = new Map<string, KnownCampaign>();
  const trained = new Set<string>();

  function campaignOf(name: string): KnownCampaign {
    const campaign = known.get(name) ?? { opened: new Map() };
    known.set(name, campaign);
    return campaign;
  }

  function take({ event, key, time }: Received, rows: ProjectedRows): void {
    const campaign = campaignOf(key);
    if (event.type === 'CampaignCreated') campaign.created ??= event;
    else if (event.type === 'RoundOpened') {
      if (!campaign.opened.has(event.snapshot.round)) campaign.opened.set(event.snapshot.round, { event, time });
    } else if (event.type === 'Selected') {
      const opened = campaign.opened.get(event.round);
      if (opened) rows.rounds.push(roundResult(key, event, time, opened, campaign.opened.get(event.round - 1)?.event));
      rows.selections.push(...selectionRows(key, event, campaign.created));
    } else if (event.type === 'MemberTrained') {
      // The first is the model.
      const name = `${event.snapshotHash} ${event.member}`;
      if (!trained.has(name)) rows.members.push(...memberResults(event));
      trained.add(name);
    }
  }

  return {
    rows(received: readonly Received[]): ProjectedRows {
      const rows: ProjectedRows = { members: [], rounds: [], selections: [] };
      for (const one of received) take(one, rows);
      return rows;
    },
  };
}

function memberResults({ campaign, round, member, targets, engine, seconds }: MemberTrained): MemberResult[] {
  return targets.map(({ target, treesHash, heldOut, heldOutRows }) => ({
    ...{ campaign, round, epoch: 0, member, target },
    modelHash: treesHash,
    heldOut: { count: heldOutRows.length, ...heldOut },
    seconds,
    engineFingerprint: engine,
  }));
}

function trainingLabels({ snapshot: { examples, testSet } }: RoundOpened): number {
  return examples.count - testSet.count;
}

function roundResult(
  campaign: string,
  { round, epoch, metrics }: Selected,
  time: string,
  opened: { event: RoundOpened; time: string },
  before: RoundOpened | undefined,
): RoundResult {
  const labels = trainingLabels(opened.event);
  return {
    ...{ campaign, round, epoch, labels },
    added: before ? labels - trainingLabels(before) : 0,
    seconds: (Date.parse(time) - Date.parse(opened.time)) / 1000,
    snapshotHash: opened.event.snapshotHash,
    metrics: metrics.map(({ target, subset, count, mae, rmse, r2, maeStandardDeviation }) => {
      return { target, subset, count, mae, rmse, r2, maeStdev: maeStandardDeviation };
    }),
  };
}

function selectionRows(
  campaign: string,
  selected: Selected,
  created: CampaignCreated | undefined,
): SelectedCandidate[] {
  const { round, epoch, candidates } = selected;
  return candidates.map((candidate, i) => ({
    ...{ campaign, round, epoch, rank: i + 1 },
    materialId: candidate.materialId,
    score: candidate.score,
    why: created ? selectionReason(created.config, candidate) : '',
  }));
}
