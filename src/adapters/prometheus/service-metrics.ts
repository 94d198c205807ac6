import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '../../ports/clock.ts';
import type { Metrics } from '../../ports/telemetry.ts';
import { createConsumerLag, type TopicLag } from './consumer-lag.ts';

export interface ServiceMetricsOptions {
  readonly clock: Clock;
  readonly version?: string;
  /** Called on a scrape: why this process is not ready, none if it is. */
  readonly hindrances?: () => readonly string[];
  /** Called on a scrape: seconds since 1970 after which a certificate is not valid, by what it is for. */
  readonly certificates?: () => Readonly<Record<string, number>>;
  /** Called on a scrape, at most every 5 s. */
  readonly consumerLag?: () => Promise<readonly TopicLag[]>;
}

export interface ServiceMetrics extends Metrics {
  /** All metrics in Prometheus' text format. */
  exposition(): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** Histogram buckets, in seconds. */
const APPEND_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 40];
/** A campaign's creation waits for its data, and a watcher stays as long as it likes. */
const CALL_BUCKETS = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 600, 3600];
const WORK_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

/**
 * Creates the metrics of a process, in its own registry. Labels have few values: names of groups, topics and
 * methods, which the code fixes, and error codes. A label never holds a campaign, a material or a message.
 */
export function createServiceMetrics({ clock, consumerLag, ...own }: ServiceMetricsOptions): ServiceMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  if (consumerLag) registerConsumerLag(registry, createConsumerLag(consumerLag, clock));
  registerProcess(registry, own);
  return {
    ...eventMetrics(registry),
    ...trainingMetrics(registry),
    ...callMetrics(registry),
    ...campaignMetrics(registry),
    exposition: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}

type EventMetrics = Pick<Metrics, 'batchHandled' | 'appended' | 'retried' | 'partitionsHeld'>;

function eventMetrics(registry: Registry): EventMetrics {
  const { counter, gauge, histogram } = within(registry);
  const handled = counter('events_handled', 'Events that a consumer group has handled.', ['group', 'topic']);
  const refused = counter('events_refused', 'Events that could not be decoded.', ['group', 'topic']);
  const batches = histogram('batch', 'Time to handle a batch of events.', WORK_BUCKETS, ['group', 'topic']);
  const appended = counter('events_appended', 'Events that have been appended to the log.', ['topic']);
  const appends = histogram('append', 'Time until appended events are durable.', APPEND_BUCKETS, ['topic']);
  const retries = counter('retries', 'Attempts that failed in passing and were made again.', ['code']);
  const held = gauge('held_partitions', 'Partitions that this process holds as a member of a group.', ['group']);
  return {
    batchHandled({ group, topic, seconds, ...events }) {
      handled.inc({ group, topic }, events.handled);
      refused.inc({ group, topic }, events.refused);
      batches.observe({ group, topic }, seconds);
    },
    appended({ topic, events, seconds }) {
      appended.inc({ topic }, events);
      appends.observe({ topic }, seconds);
    },
    retried: ({ error: { code } }) => retries.inc({ code }),
    partitionsHeld: ({ group, partitions }) => held.set({ group }, partitions),
  };
}

function campaignMetrics(registry: Registry): Pick<Metrics, 'memberFailed' | 'campaignsParked' | 'newerEventMet'> {
  const { counter, gauge } = within(registry);
  const failed = counter('members_failed', 'Ensemble members that could not be trained; their campaigns are parked.');
  const parked = gauge('parked_campaigns', 'Campaigns that no step is done of until they are resumed.', []);
  const newer = counter('newer_events', 'Events of a newer version that were passed over.', ['topic']);
  return {
    memberFailed: () => failed.inc(),
    campaignsParked: (count) => parked.set(count.parked),
    newerEventMet: ({ topic }) => newer.inc({ topic }),
  };
}

function trainingMetrics(registry: Registry): Pick<Metrics, 'memberTrained' | 'partitionRanked'> {
  const { counter, histogram } = within(registry);
  const trained = counter('members_trained', 'Ensemble members that have been trained.');
  const trainings = histogram('member_training', 'Time to train an ensemble member.', WORK_BUCKETS);
  const ranked = counter('partitions_ranked', 'Partitions whose candidates have been ranked.');
  const rankings = histogram('partition_ranking', 'Time to rank the candidates of a partition.', WORK_BUCKETS);
  const candidates = counter('candidates_scored', 'Candidates that the whole ensemble has scored.');
  return {
    memberTrained({ seconds }) {
      trained.inc();
      trainings.observe(seconds);
    },
    partitionRanked(ranking) {
      ranked.inc();
      candidates.inc(ranking.candidates);
      rankings.observe(ranking.seconds);
    },
  };
}

function callMetrics(registry: Registry): Pick<Metrics, 'limitReached' | 'submissionsHeld' | 'callEnded'> {
  const { counter, gauge, histogram } = within(registry);
  const calls = histogram('call', 'Time of a call, from its first byte to its end.', CALL_BUCKETS, ['method', 'code']);
  const reached = counter('limits_reached', 'Calls that were refused or had to wait for a limit.', ['limit']);
  const held = gauge('submissions_held_bytes', 'Bytes that have been submitted and are not answered yet.', []);
  return {
    limitReached: ({ limit }) => reached.inc({ limit }),
    callEnded: ({ method, code, seconds }) => calls.observe({ method, code }, seconds),
    submissionsHeld: ({ bytes }) => held.set(bytes),
  };
}

function registerProcess(
  registry: Registry,
  { version = '', hindrances = () => [], certificates = () => ({}) }: Omit<ServiceMetricsOptions, 'clock'>,
): void {
  const { gauge } = within(registry);
  gauge('build_info', 'Always 1; the version of this process is its label.', ['version']).set({ version }, 1);
  gauge('ready', 'Whether this process is ready: 1 if so, otherwise 0.', [], async (self) => {
    self.set(hindrances().length === 0 ? 1 : 0);
  });
  const expiry = 'Time after which a certificate is not valid, in seconds since 1970.';
  gauge('certificate_expiry_timestamp_seconds', expiry, ['use'], async (self) => {
    self.reset();
    for (const [use, seconds] of Object.entries(certificates())) self.set({ use }, seconds);
  });
}

function registerConsumerLag(registry: Registry, lagNow: () => Promise<readonly TopicLag[]>): void {
  const { gauge } = within(registry);
  gauge('consumer_lag', 'Events that a consumer group has not handled yet.', ['group', 'topic'], async (self) => {
    const lags = await lagNow();
    self.reset();
    for (const { group, topic, lag } of lags) self.set({ group, topic }, lag);
  });
}

/** Follows Prometheus' conventions: one prefix, base units, `_total` for counters. */
function within(registry: Registry) {
  const registers = [registry];
  return {
    counter: (name: string, help: string, labelNames: string[] = []) =>
      new Counter({ name: `elastream_${name}_total`, help, labelNames, registers }),
    histogram: (name: string, help: string, buckets: number[], labelNames: string[] = []) =>
      new Histogram({ name: `elastream_${name}_seconds`, help, buckets, labelNames, registers }),
    gauge(name: string, help: string, labelNames: string[], collect?: (self: Gauge) => Promise<void>): Gauge {
      const self: Gauge = new Gauge({
        name: `elastream_${name}`,
        help,
        labelNames,
        registers,
        ...(collect && { collect: () => collect(self) }),
      });
      return self;
    },
  };
}
