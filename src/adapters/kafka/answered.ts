import { AppError } from '../../model/app-error.ts';
import { systemTiming, type Timing } from './timing.ts';

/** kafkajs itself waits 15 s for an answer; this limit must be longer. */
const ANSWER_MS_MAX = 20_000;

/**
 * Resolves with Kafka's answer, or rejects with a retryable failure if no answer comes in time. kafkajs has its own
 * request timeout and still loses some requests. Observed case: a broker hung for 10 s, and afterwards an offset commit
 * was neither answered nor refused, although all connections were idle. The group member waited for that commit forever
 * and never rejoined its group.
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
  // An explicit reason avoids the exception with a stack trace that Node would create for every request.
  return Promise.race([asked, silence]).finally(() => over.abort(null));
}
