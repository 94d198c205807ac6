import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startAcquisition } from '../../services/acquisition/acquisition.ts';
import { startCalculation } from '../../services/calculation/calculation.ts';
import { startFeaturization } from '../../services/featurization/featurization.ts';
import { LOOP_FEATURE_SCHEMA } from '../../services/featurization/loop-featurizer.ts';
import { createGateway } from '../../services/gateway/gateway.ts';
import { startIngestion } from '../../services/ingestion/ingestion.ts';
import { startProjection } from '../../services/projection/projection.ts';
import { startTrainingShard } from '../../services/training-shard/training-shard.ts';
import { openCalculators } from '../../services/wiring/open-calculators.ts';
import { topicKind } from '../../src/model/topics.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { ingestSource } from '../support/ingest-source.ts';
import { drawPlan } from '../support/simulation/campaign/campaign-plan.ts';
import { openServiceWorld, SIMULATED_TOPICS as TOPICS } from '../support/simulation/service-world.ts';

/** What a service does with the log, by kind of topic. */
interface Access {
  readonly reads: Set<string>;
  readonly writes: Set<string>;
  readonly groups: Set<string>;
}

function watched(log: EventLog): { readonly log: EventLog; readonly access: Access } {
  const access: Access = { reads: new Set(), writes: new Set(), groups: new Set() };
  const read = (topics: readonly string[]) => {
    for (const name of topics) access.reads.add(topicKind(name));
  };
  return {
    access,
    log: {
      ...log,
      append(at, events) {
        access.writes.add(topicKind(at.topic));
        return log.append(at, events);
      },
      join(member) {
        access.groups.add(member.group);
        read(member.topics);
        return log.join(member);
      },
      follow(follower) {
        read(follower.from.map(({ topic }) => topic));
        return log.follow(follower);
      },
      read(ranges) {
        read(ranges.map(({ topic }) => topic));
        return log.read(ranges);
      },
    },
  };
}

/** The lists of docs/security.md. */
function documented(): Map<string, Access> {
  const text = readFileSync(join(import.meta.dirname, '../../docs/security.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$/gm)];
  const set = (cell: string) => new Set([...cell.matchAll(/[a-z][a-z-]+/g)].map(([word]) => word));
  return new Map(
    rows.map(([, service, reads, writes, groups]) => [
      service!,
      { reads: set(reads!), writes: set(writes!), groups: set(groups!) },
    ]),
  );
}

/** Some services write there only what they refuse, or only where work fails for good, which this campaign has not. */
const ON_FAILURE: Readonly<Record<string, readonly string[]>> = {
  acquisition: [],
  calculation: ['calculations', 'rejections'],
  featurization: ['rejections'],
  ingestion: ['rejections'],
  projection: ['rejections'],
  'training-shard': ['rejections'],
};

/** A replay looks labels up, and a node that takes partitions over reads what results are there. */
const READ_ELSEWHERE: Readonly<Record<string, readonly string[]>> = { calculation: ['labels', 'results'] };

const NO_PROGRAMS = { base: '/nowhere', allowed: [], node: 'n', onTrouble: () => {} };

describe('the rights on topics that docs/security.md lists', () => {
  const used = new Map<string, Access>();

  beforeAll(async () => {
    const { sources, arms } = drawPlan(3);
    const { world, run } = openServiceWorld({ seed: 3 });
    const portsOf = (service: string) => {
      const node = world.node(service).ports();
      const { log, access } = watched(node.log);
      used.set(service, access);
      return { node, ports: { log, clock: node.clock, random: node.random, topics: TOPICS } };
    };
    const shardPorts = portsOf('training-shard');
    const { modelStore: models, controlPlane: control, resultStore: results, regressor } = shardPorts.node;
    const shard = await run(startTrainingShard({ ...shardPorts, regressor, models, results, engine: 'stumps' }));
    const { ports: own, node } = portsOf('featurization');
    const services = [
      shard,
      await run(startFeaturization(own, node.featurizer)),
      await run(startIngestion(portsOf('ingestion').ports)),
      await run(startProjection(portsOf('projection').ports, results)),
    ];
    const { ports: calculation } = portsOf('calculation');
    services.push(await run(startCalculation(calculation, { calculator: openCalculators(calculation, NO_PROGRAMS) })));
    const { ports: deciding } = portsOf('acquisition');
    const acquisition = await run(
      startAcquisition({
        ...{ ports: deciding, control, writer: 'w', shards: shard.calls },
        featureSchema: LOOP_FEATURE_SCHEMA,
      }),
    );
    const gateway = portsOf('gateway');
    createGateway({ ports: gateway.ports, models, featurizer: node.featurizer });
    const publisher = createPublisher(gateway.ports, 'ingestion');
    for (const { id, labelSet, items } of sources) {
      await run(ingestSource(gateway.node.source(id, items), { topics: TOPICS, publisher, labelSet }));
    }
    const config = arms[0]!;
    const ids = sources.map(({ id }) => id);
    await run(acquisition.create(config.name, config, ids));
    await world.clock.runUntil(() => acquisition.state(config.name).stopped !== undefined, 36_000_000);
    for (const service of [acquisition, ...services]) await run(service.stop());
  }, 120_000);

  it.each(Object.keys(ON_FAILURE))('are those that %s needs, and no others', (service) => {
    const [listed, found] = [documented().get(service)!, used.get(service)!];
    const sorted = (set: Iterable<string>) => [...set].toSorted();
    const reads = new Set([...found.reads, ...(READ_ELSEWHERE[service] ?? [])]);
    expect(sorted(reads)).toEqual(sorted(listed.reads));
    expect(sorted(found.groups)).toEqual(sorted(listed.groups));
    expect(sorted(new Set([...found.writes, ...ON_FAILURE[service]!]))).toEqual(sorted(listed.writes));
  });

  it('let the gateway read the whole log, which it hands out, and write what people bring', () => {
    const { reads, writes, groups } = documented().get('gateway')!;
    expect(reads).toEqual(new Set(Object.keys(TOPICS)));
    expect([...groups]).toEqual([]);
    for (const topic of used.get('gateway')!.writes) expect([...writes]).toContain(topic);
  });
});
