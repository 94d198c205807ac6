import { labelProblem } from '../../src/learning/data/label-gate.ts';
import { contentHash } from '../../src/model/content-hash.ts';
import { deformationsHash } from '../../src/model/deformation.ts';
import type { InputRejected, LabelIngested, ResultReceived } from '../../src/model/events.ts';
import { createLabel } from '../../src/model/label.ts';
import { RejectedInput } from '../../src/model/rejection.ts';
import { createCalculationJudge } from '../../src/reading/calculation-judge.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { refusedAt } from '../../src/runtime/decode-records.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
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

export function acceptResult(result: ResultReceived): LabelIngested | InputRejected {
  const { materialId, materialHash, labelSet, method, values, units, tensor, deformations, calculationId } = result;
  const provenance = `calculation:${calculationId}`;
  const fitted = deformations && { deformationsHash: deformationsHash(deformations) };
  const known = { values, ...(units && { units }), ...(tensor && { tensor }), ...fitted };
  const content = { materialId, materialHash, labelSet, method, provenance, ...known };
  const refused = ({ code, message }: Pick<RejectedInput, 'code' | 'message'>): InputRejected => {
    const rejection = { code, message, source: provenance, materialId };
    return { type: 'InputRejected', id: contentHash('rejection', [provenance]), rejection, calculationId };
  };
  try {
    const label = createLabel(content);
    const problem = labelProblem(label);
    return problem ? refused(problem) : { type: 'LabelIngested', source: labelSet, label };
  } catch (error) {
    if (error instanceof RejectedInput) return refused(error);
    throw error;
  }
}
