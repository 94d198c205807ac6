import { missingForBrokers } from '../../../deploy/local/kafka/broker-jars.ts';
import { describeUnless } from '../needs.ts';

/** A `describe` that needs brokers. */
export function describeWithKafka(name: string, body: () => void, needs: { ownBrokers?: boolean } = {}): void {
  const given = process.env.KAFKA_BROKERS !== undefined && !needs.ownBrokers;
  describeUnless(given ? undefined : missingForBrokers(), name, body);
}
