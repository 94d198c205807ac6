import type { ContentHash } from '../../src/model/content-hash.ts';
import type { CalculationRequested, ResultReceived } from '../../src/model/events.ts';
import type { Calculator } from '../../src/ports/calculator.ts';
import type { StartOffset, TopicPartition } from '../../src/ports/event-log.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { decodeRecords, type Received } from '../../src/runtime/decode-records.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { retrying } from '../../src/runtime/retry.ts';
import { combineServices, createFailure, type Service, type ServicePorts } from '../../src/runtime/service.ts';

/*
 * Invariants:
 * 1. A calculation is at work at most once in this process, and only while its partition is ours.
 * 2. What is open follows from the log alone: requested, and neither abandoned nor with a result.
 * 3. A result or an end is in the log before the calculation counts as done here.
 */

interface Calculation {
  readonly partition: number;
  readonly request: CalculationRequested;
  attemptsFailed: number;
  done: boolean;
  work?: AbortController;
}

/** Runs the calculations that campaigns ask for, each at most `attemptsMax` times. */
export async function startCalculation(ports: ServicePorts, calculator: Calculator): Promise<Service> {
  const { calculations, results } = ports.topics;
  const publisher = createPublisher(ports, 'calculation');
  const known = new Map<ContentHash, Calculation>();
  const failure = createFailure();
  const atWork = new Set<Promise<void>>();

  function note({ event, partition }: Pick<Received, 'event' | 'partition'>): void {
    if (event.type === 'CalculationRequested') {
      if (known.has(event.calculationId)) return;
      known.set(event.calculationId, { partition, request: event, attemptsFailed: 0, done: false });
    } else if (event.type === 'CalculationAttemptFailed') {
      const calculation = known.get(event.calculationId);
      if (calculation) calculation.attemptsFailed = Math.max(calculation.attemptsFailed, event.attempt);
    } else if (event.type === 'CalculationAbandoned' || event.type === 'ResultReceived') {
      const calculation = known.get(event.calculationId);
      if (!calculation) return;
      calculation.done = true;
      calculation.work?.abort();
    }
  }

  async function rebuild(partitions: readonly StartOffset[]): Promise<void> {
    const requests = partitions.map(({ offset: to, ...at }) => ({ ...at, from: 0, to }));
    // Results are asked for second: a calculation is known before its result is.
    const ends = await ports.log.endOffsets(results.name);
    const answers = partitions.map(({ partition }) => ({ topic: results.name, partition, from: 0, to: ends[partition]! }));
    for (const ranges of [requests, answers]) {
      for await (const batch of ports.log.read(ranges.filter(({ from, to }) => from < to))) {
        for (const received of decodeRecords(batch).received) note(received);
      }
    }
    const ours = new Set(partitions.map(({ partition }) => partition));
    for (const calculation of known.values()) if (ours.has(calculation.partition)) start(calculation);
  }

  function start(calculation: Calculation): void {
    if (calculation.done || calculation.work) return; // 1
    const work = new AbortController();
    calculation.work = work;
    const running = run(calculation, work.signal).catch((error) => {
      if (!work.signal.aborted) failure.fail(error);
    });
    atWork.add(running);
    void running.finally(() => atWork.delete(running));
  }

  async function run(calculation: Calculation, signal: AbortSignal): Promise<void> {
    const { request } = calculation;
    const { calculationId, materialId, materialHash, recipe, labelSet } = request;
    let reason = '';
    while (calculation.attemptsFailed < request.attemptsMax) {
      const attempt = calculation.attemptsFailed + 1;
      const job = { calculationId, attempt, materialId, materialHash, recipe };
      const result = await retrying({ ...ports, signal }, () => calculator.run(job, signal));
      if (signal.aborted) return;
      if (result.outcome === 'completed') {
        const { method, values, tensor } = result;
        const received: ResultReceived = {
          type: 'ResultReceived',
          ...{ calculationId, attempt, materialId, materialHash, labelSet, method, values },
          ...(tensor && { tensor }),
        };
        await publisher.publish([{ event: received }]);
        calculation.done = true; // 3
        return;
      }
      reason = result.reason;
      const event = { type: 'CalculationAttemptFailed', calculationId, materialId, attempt, reason } as const;
      await publisher.publish([{ event }]);
      calculation.attemptsFailed = attempt;
    }
    const attempts = calculation.attemptsFailed;
    await publisher.publish([
      { event: { type: 'CalculationAbandoned', calculationId, materialId, attempts, reason } },
    ]);
    calculation.done = true; // 3
  }

  function release(partitions: readonly TopicPartition[]): void {
    const lost = new Set(partitions.map(({ partition }) => partition));
    for (const [id, { partition, work }] of known) {
      if (!lost.has(partition)) continue;
      work?.abort();
      known.delete(id); // 1: whoever gets the partition reads it anew
    }
  }

  const consumer = await startConsumer(ports, publisher, {
    group: 'calculation',
    topics: [calculations.name],
    onAssigned: rebuild,
    async onRevoked(partitions) {
      release(partitions);
    },
    async handle(received) {
      for (const one of received) {
        note(one);
        if (one.event.type === 'CalculationRequested') start(known.get(one.event.calculationId)!);
      }
    },
  });
  const work: Service = {
    failed: failure.promise,
    async stop() {
      for (const { work: running } of known.values()) running?.abort();
      await Promise.all(atWork);
    },
  };
  return combineServices([work, consumer]);
}
