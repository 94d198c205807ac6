import { describe, it } from 'vitest';
import { missingForBrokers } from './broker-jars.ts';

/** A `describe` that needs brokers: without Java one skipped test that says so; with ELASTREAM_CI set, a failure. */
export function describeWithKafka(name: string, body: () => void, needs: { ownBrokers?: boolean } = {}): void {
  const given = process.env.KAFKA_BROKERS !== undefined && !needs.ownBrokers;
  const missing = given ? undefined : missingForBrokers();
  if (missing === undefined) describe(name, body);
  else if (process.env.ELASTREAM_CI === undefined) it.skip(`${name} (skipped: ${missing})`);
  else {
    it(name, () => {
      throw new Error(`${missing}; CI must have it (unset ELASTREAM_CI to skip)`);
    });
  }
}
