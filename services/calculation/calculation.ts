import { AppError } from '../../src/model/app-error.ts';
import type { ResultReceived } from '../../src/model/events.ts';
import type { CalculationJob, CalculationResult, Calculator } from '../../src/ports/calculator.ts';
import type { StartOffset } from '../../src/ports/event-log.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { decodeRecords } from '../../src/runtime/decode-records.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { retrying } from '../../src/runtime/retry.ts';
import { combineServices, createFailure, type Service, type ServicePorts } from '../../src/runtime/service.ts';
import { type Calculation, createOpenCalculations } from './open-calculations.ts';

/*
 * Invariants:
 * 1. A calculation is at work at most once in this process, and only while its partition is ours.
 * 2. What is open follows from the log alone: requested, and neither abandoned nor with a result.
 * 3. A result or an end is in the log before the calculation counts as done here.
 * 4. What no calculator here can follow stays open: another node's or a newer elastream's may, and an end is for good.
 */

export interface CalculationOptions {
  readonly calculator: Calculator;
  /** Told why calculations wait, once for all of one recipe. */
  readonly onWaiting?: (why: string) => void;
}

/** Runs the calculations that campaigns ask for, each at most `attemptsMax` times. */
export async function startCalculation(
  ports: ServicePorts,
  { calculator, onWaiting }: CalculationOptions,
): Promise<Service> {
  const { calculations, results } = ports.topics;
  const publisher = createPublisher(ports, 'calculation');
  const open = createOpenCalculations();
  const failure = createFailure();
  const atWork = new Set<Promise<void>>();
  const unfollowed = new Set<string>();

  /** Reads all that is there, beyond the committed offsets too: a request whose commit was lost may have its result. */
  async function rebuild(partitions: readonly StartOffset[]): Promise<void> {
    const ours = new Set(partitions.map(({ partition }) => partition));
    // Results are asked for second: a calculation is known before its result is.
    for (const { name: topic } of [calculations, results]) {
      const ends = await ports.log.endOffsets(topic);
      const ranges = [...ours].map((partition) => ({ topic, partition, from: 0, to: ends[partition]! }));
      for await (const batch of ports.log.read(ranges.filter(({ to }) => to > 0))) {
        for (const received of decodeRecords(batch).received) open.note(received);
      }
    }
    for (const calculation of open.all()) if (ours.has(calculation.partition)) start(calculation);
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
    while (calculation.attemptsFailed < request.attemptsMax) {
      const attempt = calculation.attemptsFailed + 1;
      const job = { calculationId, attempt, materialId, materialHash, recipe };
      const result = await resultOf(job, signal);
      if (signal.aborted || result === undefined) return;
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
      const { reason } = result;
      const event = { type: 'CalculationAttemptFailed', calculationId, materialId, attempt, reason } as const;
      await publisher.publish([{ event }]);
      // What the log knows by now, the partition's next owner goes on from.
      if (signal.aborted) return;
      Object.assign(calculation, { attemptsFailed: attempt, reason });
    }
    const { attemptsFailed: attempts, reason } = calculation;
    await publisher.publish([{ event: { type: 'CalculationAbandoned', calculationId, materialId, attempts, reason } }]);
    calculation.done = true; // 3
  }

  /** Undefined where no calculator here follows the recipe. */
  async function resultOf(job: CalculationJob, signal: AbortSignal): Promise<CalculationResult | undefined> {
    try {
      return await retrying({ ...ports, signal }, () => calculator.run(job, signal));
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'invalid_argument')) throw error;
      tellOfWaiting(job, error); // 4
      return undefined;
    }
  }

  function tellOfWaiting({ recipe, calculationId }: CalculationJob, error: AppError): void {
    if (unfollowed.has(recipe)) return;
    unfollowed.add(recipe);
    ports.telemetry?.log('error', 'calculations wait: no calculator here can do them', { calculationId, err: error });
    onWaiting?.(error.message);
  }

  const consumer = await startConsumer(ports, publisher, {
    group: 'calculation',
    topics: [calculations.name],
    onAssigned: rebuild,
    async onRevoked(partitions) {
      open.release(partitions);
    },
    async handle(received) {
      for (const one of received) open.note(one);
      for (const { event } of received) {
        if (event.type === 'CalculationRequested') start(open.get(event.calculationId)!);
      }
    },
  });
  const work: Service = {
    failed: failure.promise,
    async stop() {
      for (const { work: running } of open.all()) running?.abort();
      await Promise.all(atWork);
    },
  };
  return combineServices([work, consumer]);
}
