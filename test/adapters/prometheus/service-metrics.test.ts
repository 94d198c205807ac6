import { describe, expect, it } from 'vitest';
import type { TopicLag } from '../../../src/adapters/prometheus/consumer-lag.ts';
import { createServiceMetrics } from '../../../src/adapters/prometheus/service-metrics.ts';
import { AppError, ERROR_CODES } from '../../../src/model/app-error.ts';
import { shownSeries } from '../../support/driven-metrics.ts';
import { createVirtualClock } from '../../support/simulation/virtual-clock.ts';

function open(consumerLag?: () => Promise<readonly TopicLag[]>) {
  const clock = createVirtualClock();
  const metrics = createServiceMetrics({ clock, ...(consumerLag && { consumerLag }) });
  /** Lines of ours. */
  const scraped = async () => {
    const { body } = await metrics.exposition();
    return body.split('\n').filter((line) => line.startsWith('elastream_'));
  };
  const seriesValue = async (series: string) => {
    const line = (await scraped()).find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };
  return { clock, metrics, scraped, seriesValue };
}

/** What each metric counts. A unit that Prometheus names stands at the end of the name. */
const UNITS: Readonly<Record<string, string>> = {
  elastream_append_seconds: 'seconds',
  elastream_batch_seconds: 'seconds',
  elastream_build_info: 'info',
  elastream_call_seconds: 'seconds',
  elastream_candidates_scored_total: 'candidates',
  elastream_certificate_expiry_timestamp_seconds: 'seconds',
  elastream_consumer_lag: 'events',
  elastream_events_appended_total: 'events',
  elastream_events_handled_total: 'events',
  elastream_events_refused_total: 'events',
  elastream_held_partitions: 'partitions',
  elastream_limits_reached_total: 'calls',
  elastream_member_training_seconds: 'seconds',
  elastream_members_failed_total: 'members',
  elastream_members_trained_total: 'members',
  elastream_newer_events_total: 'events',
  elastream_parked_campaigns: 'campaigns',
  elastream_partition_ranking_seconds: 'seconds',
  elastream_partitions_ranked_total: 'partitions',
  elastream_ready: 'processes',
  elastream_retries_total: 'attempts',
  elastream_submissions_held_bytes: 'bytes',
};
const UNIT_SUFFIX: Readonly<Record<string, RegExp>> = { seconds: /_seconds$/, bytes: /_bytes$/, info: /_info$/ };
/** Labels whose values the code fixes, or a version or error code does. Any other would need a bound of its own. */
const LABELS = ['code', 'group', 'le', 'limit', 'method', 'topic', 'use', 'version'];

describe('service metrics', () => {
  it('count and time what the services tell', async () => {
    const { metrics, seriesValue } = open();
    for (const handled of [5, 2]) metrics.batchHandled({ group: 'g', topic: 't', handled, refused: 1, seconds: 0.2 });
    metrics.appended({ topic: 't', events: 3, seconds: 0.004 });
    metrics.retried({ error: new AppError('unavailable', 'x', { retryable: true }), attempt: 1 });
    for (const partitions of [8, 4]) metrics.partitionsHeld({ group: 'g', partitions });
    metrics.memberTrained({ seconds: 12 });
    for (const candidates of [100, 50]) metrics.partitionRanked({ candidates, seconds: 1 });
    metrics.memberFailed();
    for (const parked of [2, 1]) metrics.campaignsParked({ parked });
    metrics.newerEventMet({ topic: 't' });
    const expected = {
      elastream_members_failed_total: 1,
      elastream_parked_campaigns: 1,
      'elastream_newer_events_total{topic="t"}': 1,
      'elastream_events_handled_total{group="g",topic="t"}': 7,
      'elastream_events_refused_total{group="g",topic="t"}': 2,
      'elastream_batch_seconds_count{group="g",topic="t"}': 2,
      'elastream_batch_seconds_bucket{le="0.1",group="g",topic="t"}': 0,
      'elastream_batch_seconds_bucket{le="0.25",group="g",topic="t"}': 2,
      'elastream_events_appended_total{topic="t"}': 3,
      'elastream_append_seconds_sum{topic="t"}': 0.004,
      'elastream_retries_total{code="unavailable"}': 1,
      'elastream_held_partitions{group="g"}': 4,
      elastream_members_trained_total: 1,
      elastream_member_training_seconds_sum: 12,
      elastream_partitions_ranked_total: 2,
      elastream_partition_ranking_seconds_count: 2,
      elastream_candidates_scored_total: 150,
    };
    for (const [series, value] of Object.entries(expected)) expect(await seriesValue(series), series).toBe(value);
  });

  it("come in Prometheus' text format, named and described by its conventions, with the process's own", async () => {
    const { metrics } = open(async () => []);
    const { contentType, body } = await metrics.exposition();
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    const types = [...body.matchAll(/^# TYPE (elastream_\w+) (\w+)$/gm)].map(([, name, type]) => [name!, type!]);
    expect(types.map(([name]) => name).toSorted()).toEqual(Object.keys(UNITS).toSorted());
    for (const [name, type] of types) {
      expect(name!.endsWith('_total'), name).toBe(type === 'counter');
      if (type === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(name, `${name} counts ${UNITS[name!]}`).toMatch(UNIT_SUFFIX[UNITS[name!]!] ?? /^elastream(_[a-z]+)+$/);
      expect(body).toMatch(new RegExp(`^# HELP ${name} [A-Z].+\\.$`, 'm'));
    }
    expect(body).toMatch(/^process_resident_memory_bytes \d/m);
    expect(body).toMatch(/^nodejs_eventloop_lag_seconds /m);
  });

  it('have labels with few values alone, which name no campaign, material, client or text', async () => {
    const labels = [...(await shownSeries())].flatMap(([name, of]) => (name.startsWith('elastream_') ? [...of] : []));
    expect([...new Set(labels)].toSorted()).toEqual(LABELS);
  });

  it('tell whether the process is ready, and when its certificates end', async () => {
    let hindrances = ['starting'];
    const metrics = createServiceMetrics({
      clock: createVirtualClock(),
      version: '1.2.3',
      hindrances: () => hindrances,
      certificates: () => ({ grpc: 1_700_000_000 }),
    });
    const body = async () => (await metrics.exposition()).body;
    expect(await body()).toMatch(/^elastream_ready 0$/m);
    hindrances = [];
    expect(await body()).toMatch(/^elastream_ready 1$/m);
    expect(await body()).toMatch(/^elastream_build_info\{version="1.2.3"\} 1$/m);
    expect(await body()).toMatch(/^elastream_certificate_expiry_timestamp_seconds\{use="grpc"\} 1700000000$/m);
  });

  it('do not grow with what is counted', async () => {
    const { metrics, scraped } = open();
    const tell = () => {
      for (const code of ERROR_CODES) metrics.retried({ error: new AppError(code, `${Math.random()}`), attempt: 1 });
      metrics.batchHandled({ group: 'g', topic: 't', handled: 1, refused: 0, seconds: Math.random() });
    };
    tell();
    const { length } = await scraped();
    for (let i = 0; i < 100; i++) tell();
    expect(await scraped()).toHaveLength(length);
  });

  it('of one process are apart from those of another in the same test', async () => {
    const [one, other] = [open(), open()];
    one.metrics.memberTrained({ seconds: 1 });
    expect(await other.seriesValue('elastream_members_trained_total')).toBe(0);
  });
});

describe('consumer lag', () => {
  const SERIES = 'elastream_consumer_lag{group="g",topic="t"}';
  const lagOf = (lag: number): TopicLag[] => [{ group: 'g', topic: 't', lag }];

  it('is asked when it is scraped, at most every 5 s', async () => {
    let asked = 0;
    const { clock, seriesValue } = open(async () => lagOf(++asked));
    expect(asked).toBe(0);
    expect(await seriesValue(SERIES)).toBe(1);
    await clock.advance(4999);
    expect(await seriesValue(SERIES)).toBe(1);
    await clock.advance(1);
    expect(await seriesValue(SERIES)).toBe(2);
    expect(clock.sleepers).toBe(0);
  });

  it('is left out where it does not come within a second, and does not hold up the rest', async () => {
    let answer = (_: TopicLag[]) => {};
    let asked = 0;
    const { clock, seriesValue } = open(() => {
      asked++;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    for (let i = 0; i < 3; i++) {
      const scraping = seriesValue(SERIES);
      await clock.advance(1000);
      expect(await scraping).toBeUndefined();
    }
    // One question at a time; its answer is of use when it comes late, too.
    expect(asked).toBe(1);
    answer(lagOf(9));
    expect(await seriesValue(SERIES)).toBe(9);
  });

  it('is left out where it cannot be told, and not asked again at once', async () => {
    let asked = 0;
    const { clock, seriesValue } = open(async () => {
      if (++asked === 2) throw new AppError('unavailable', 'no brokers', { retryable: true });
      return lagOf(asked);
    });
    expect(await seriesValue(SERIES)).toBe(1);
    await clock.advance(5000);
    expect(await seriesValue(SERIES)).toBeUndefined();
    expect(await seriesValue(SERIES)).toBeUndefined();
    expect(asked).toBe(2);
    await clock.advance(5000);
    expect(await seriesValue(SERIES)).toBe(3);
  });
});
