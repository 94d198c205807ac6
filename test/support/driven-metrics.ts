import { createServiceMetrics } from '../../src/adapters/prometheus/service-metrics.ts';
import { AppError } from '../../src/model/app-error.ts';
import { createVirtualClock } from './simulation/virtual-clock.ts';

/** Metrics of ours of which each has been told something, so that all their labels show. */
function drivenMetrics() {
  const metrics = createServiceMetrics({
    clock: createVirtualClock(),
    version: '1.2.3',
    certificates: () => ({ grpc: 1_700_000_000 }),
    consumerLag: async () => [{ group: 'g', topic: 't', lag: 1 }],
  });
  metrics.batchHandled({ group: 'g', topic: 't', handled: 5, refused: 1, seconds: 0.2 });
  metrics.appended({ topic: 't', events: 3, seconds: 0.004 });
  metrics.retried({ error: new AppError('unavailable', 'x', { retryable: true }), attempt: 1 });
  metrics.partitionsHeld({ group: 'g', partitions: 1 });
  metrics.memberTrained({ seconds: 1 });
  metrics.memberFailed();
  metrics.campaignsParked({ parked: 1 });
  metrics.newerEventMet({ topic: 't' });
  metrics.partitionRanked({ candidates: 1, seconds: 1 });
  metrics.limitReached({ limit: 'limits.calls' });
  metrics.submissionsHeld({ bytes: 1 });
  metrics.callEnded({ method: 'elastream.v1.Gateway/Tell', code: 'OK', seconds: 1 });
  return metrics;
}

/** The labels of each series that a scrape shows, by its name. */
export async function shownSeries(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { body } = await drivenMetrics().exposition();
  const series = new Map<string, Set<string>>();
  for (const line of body.split('\n')) {
    const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined) continue;
    const known = series.get(name) ?? new Set();
    series.set(name, known);
    for (const [, label] of labels.matchAll(/(\w+)="/g)) known.add(label!);
  }
  return series;
}
