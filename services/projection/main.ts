import { openResults } from '../wiring/open-adapters.ts';
import { runService } from '../wiring/run-service.ts';
import { PROJECTION_GROUP, projectedTopics, startProjection } from './projection.ts';

await runService({
  name: 'projection',
  summary: 'Brings rounds, members, selections and rejections to the tables in ClickHouse.',
  groups: (topics) => ({ [PROJECTION_GROUP]: [...projectedTopics(topics), topics.examples.name] }),
  async start({ config, ports, open }) {
    return startProjection(ports, await open('ClickHouse', () => openResults(config, ports.telemetry)));
  },
});
