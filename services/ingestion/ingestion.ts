import type { ResultReceived } from '../../src/model/events.ts';
import { createCalculationJudge } from '../../src/reading/calculation-judge.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { refusedAt } from '../../src/runtime/decode-records.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { acceptResult } from '../../src/runtime/result-events.ts';
import type { Service, ServicePorts } from '../../src/runtime/service.ts';

/**
 * Turns results of calculations that campaigns have requested into labels, or into rejections that name the
 * calculation.
 */
export function startIngestion(ports: ServicePorts): Promise<Service> {
  const publisher = createPublisher(ports, 'ingestion');
  const judge = createCalculationJudge(ports.log, ports.topics);
  return startConsumer(ports, publisher, {
    group: 'ingestion',
    topics: [ports.topics.results.name],
    async handle(received, _, refuse) {
      const results: ResultReceived[] = [];
      for (const one of received) {
        if (one.event.type !== 'ResultReceived') continue;
        const problem = await judge.problem(one.event);
        if (problem === undefined) results.push(one.event);
        else refuse(refusedAt(one, { code: 'bad_message', message: `ResultReceived means nothing here: ${problem}` }));
      }
      await publisher.publish(results.map((result) => ({ event: acceptResult(result) })));
    },
  });
}
