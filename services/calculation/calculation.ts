import { isForPeople } from '../../src/model/recipe.ts';
import type { StartOffset } from '../../src/ports/event-log.ts';
import { startConsumer } from '../../src/runtime/consumer.ts';
import { decodeRecords } from '../../src/runtime/decode-records.ts';
import { createPublisher } from '../../src/runtime/publisher.ts';
import { isOurs } from '../../src/runtime/retry.ts';
import { combineServices, createFailure, type Service, type ServicePorts } from '../../src/runtime/service.ts';
import { type AttemptOptions, createCalculationAttempts } from './calculation-attempts.ts';
import { type Calculation, createOpenCalculations } from './open-calculations.ts';

/*
 * Invariants (3 and 4 in calculation-attempts.ts):
 * 1. A calculation runs at most once at a time in this process, and only while this process holds its partition.
 * 2. The open calculations follow from the log alone: requested, and neither abandoned nor with a result.
 * 3. A result or an abandonment is in the log before the calculation counts as done in this process.
 * 4. A calculation whose recipe no calculator here can follow stays open: another node or a newer elastream may be able
 *    to do it, and an abandonment is final.
 * 5. An error that no retry cures halts only its calculation, with an event in the log. A later request, which comes
 *    when the campaign is resumed, starts it again. An error that may pass is retried without limit.
 * 6. What people calculate is left to them: it stays open without a word. They tell of attempts that failed, and after
 *    the last of these it is abandoned here.
 */

/** Runs the calculations that campaigns request, each at most `attemptsMax` times. */
export async function startCalculation(ports: ServicePorts, options: AttemptOptions): Promise<Service> {
  const { calculations, results } = ports.topics;
  const publisher = createPublisher(ports, 'calculation');
  const open = createOpenCalculations();
  const failure = createFailure();
  const atWork = new Set<Promise<void>>();
  const attempts = createCalculationAttempts(ports, publisher, options);

  /**
   * Reads the partitions to their ends, also beyond the committed offsets: a request whose commit was lost may already
   * have its result.
   */
  async function rebuild(partitions: readonly StartOffset[]): Promise<void> {
    const ours = new Set(partitions.map(({ partition }) => partition));
    // Results are read second: a calculation is known before its result.
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
    if (calculation.done || calculation.isHalted || calculation.work) return; // 1
    const work = new AbortController();
    calculation.work = work;
    const run = () => runOrHalt(calculation, work.signal);
    const span = { name: 'calculation', attributes: { 'elastream.calculation': calculation.request.calculationId } };
    const traced = ports.telemetry?.inTrace(calculation.traceparent, span, run) ?? run();
    const running = traced.catch((error) => {
      if (!work.signal.aborted) failure.fail(error);
    });
    atWork.add(running);
    void running.finally(() => atWork.delete(running));
  }

  async function runOrHalt(calculation: Calculation, signal: AbortSignal): Promise<void> {
    try {
      await attempts.run(calculation, signal);
      if (!calculation.done && isForPeople(calculation.request.recipe)) delete calculation.work; // 6
    } catch (error) {
      if (signal.aborted) return;
      if (isOurs(error)) throw error;
      const { parkings } = calculation.request;
      await attempts.halt(calculation, error, signal); // 5
      if (signal.aborted) return;
      delete calculation.work;
      calculation.isHalted = calculation.request.parkings === parkings;
      // It may have been requested again in the meantime.
      start(calculation);
    }
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
        const isToStart = event.type === 'CalculationRequested' || event.type === 'CalculationAttemptFailed';
        const calculation = isToStart ? open.get(event.calculationId) : undefined;
        if (calculation) start(calculation);
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
