import { startEmbedded } from '../../services/embedded/embedded.ts';
import type { DomainEvent } from '../../src/protocol/domain-event.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { ingestSource } from './ingest-source.ts';
import type { RecordedTelemetry } from './recorded-telemetry.ts';
import { drawPlan } from './simulation/campaign/campaign-plan.ts';
import { openServiceWorld, receivedIn, SIMULATED_TOPICS as topics } from './simulation/service-world.ts';

const SEED = 3;
const MINUTE_MS = 60_000;

/** A small campaign from its data to its end, all services in one process. */
export async function runLoop(recorded?: RecordedTelemetry) {
  const { sources, arms } = drawPlan(SEED);
  const { world, node, ports: own, run } = openServiceWorld({ seed: SEED });
  const ports = { ...own, ...(recorded && { telemetry: recorded.telemetry }) };
  const { controlPlane: control, modelStore: models, regressor, featurizer, calculator } = node;
  const parts = { ports, control, models, regressor, featurizer, calculator, writer: 'w', engine: 'stumps' };
  const loop = await run(startEmbedded(parts));
  const publisher = createPublisher(ports, 'ingestion');
  for (const { id, labelSet, items } of sources)
    await run(ingestSource(node.source(id, items), { topics, publisher, labelSet }));
  const config = arms[0]!;
  await run(
    loop.acquisition.create(
      config.name,
      config,
      sources.map(({ id }) => id),
    ),
  );
  await world.clock.runUntil(() => loop.acquisition.state(config.name).stopped !== undefined, 600 * MINUTE_MS);
  await run(loop.stop());
  const records = Object.values(topics).flatMap(({ name }) => world.stored.log.records(name).flat());
  const eventsOf = <T extends DomainEvent['type']>(type: T) =>
    Object.values(topics)
      .flatMap((topic) => receivedIn(world, topic))
      .flatMap(({ event }) => (event.type === type ? [event as Extract<DomainEvent, { type: T }>] : []));
  return { records, eventsOf };
}
