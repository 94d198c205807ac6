import { AppError } from '../../model/app-error.ts';

/** Longer than kafkajs waits itself for one answer, which is 15 s. */
const ANSWER_MS_MAX = 20_000;

/**
 * What Kafka was asked for, or a retryable failure where no answer comes. kafkajs has a clock for its requests and still
 * loses some: after a broker had hung for 10 s, a commit was neither answered nor refused while all connections were
 * idle, and its member, which waited for it, was out of its group and yet alive for ever.
 */
export function answered<T>(what: string, asked: Promise<T>, msMax = ANSWER_MS_MAX): Promise<T> {
  let timer: NodeJS.Timeout;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new AppError('unavailable', `${what}: no answer of Kafka for ${msMax / 1000} s`, { retryable: true }));
    }, msMax);
  });
  return Promise.race([asked, silence]).finally(() => clearTimeout(timer));
}
