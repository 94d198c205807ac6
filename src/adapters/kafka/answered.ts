import { AppError } from '../../model/app-error.ts';
import { systemTiming, type Timing } from './timing.ts';

/** Longer than kafkajs waits itself for one answer, which is 15 s. */
const ANSWER_MS_MAX = 20_000;

/**
 * What Kafka was asked for, or a retryable failure where no answer comes. kafkajs has a clock for its requests and still
 * loses some: after a broker had hung for 10 s, a commit was neither answered nor refused while all connections were
 * idle, and its member, which waited for it, was out of its group and yet alive for ever.
 */
export function answered<T>(
  what: string,
  asked: Promise<T>,
  msMax = ANSWER_MS_MAX,
  timing: Timing = systemTiming,
): Promise<T> {
  const over = new AbortController();
  const silence = new Promise<never>((_, reject) => {
    void timing.sleep(msMax, over.signal).then(() => {
      if (over.signal.aborted) return;
      reject(new AppError('unavailable', `${what}: no answer of Kafka for ${msMax / 1000} s`, { retryable: true }));
    });
  });
  // With a reason of ours: for one of its own Node makes an exception and its stack, at every request.
  return Promise.race([asked, silence]).finally(() => over.abort(null));
}
