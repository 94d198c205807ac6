import { afterAll, beforeAll, expect, it } from 'vitest';
import { type KafkaCluster, startKafkaCluster } from '../../../deploy/local/kafka/kafka-cluster.ts';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import type { KafkaSecurity } from '../../../src/adapters/kafka/client-config.ts';
import { openKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { certificateAuthority } from '../../support/certificates.ts';
import { events } from '../../support/events.ts';
import { describeWithKafka } from '../../support/kafka/describe-with-kafka.ts';
import { securedListener } from '../../support/kafka/secured-listener.ts';

const SASL = { mechanism: 'scram-sha-512', username: 'elastream', password: 'right' } as const;

describeWithKafka(
  'a broker with TLS, client certificates and SCRAM',
  () => {
    const scratch = scratchDirectory();
    let cluster: KafkaCluster;
    let tls: { ca: string; certificate: string; key: string };

    beforeAll(async () => {
      const issue = certificateAuthority(scratch.path);
      tls = issue('client');
      const secured = securedListener(scratch.path, { certificate: issue('kafka'), user: SASL, clients: 'required' });
      cluster = await startKafkaCluster(1, { secured });
    }, 400_000);
    afterAll(async () => {
      await cluster?.stop();
      await scratch.remove();
    });

    const open = (security: KafkaSecurity) =>
      openKafkaEventLog({ brokers: cluster.secured, clientId: 'elastream-test', security, replicas: 1 });

    it('serves who has both', async () => {
      const log = await open({ tls, sasl: SASL });
      await log.declare([{ name: 'secured', partitions: 1 }]);
      expect(await log.append({ topic: 'secured', partition: 0 }, events(2))).toEqual([0, 1]);
      await log.close();
    });

    it.each([
      ['a wrong password', () => ({ tls, sasl: { ...SASL, password: 'wrong' } }), /password|credentials/],
      [
        'an unknown authority',
        () => ({ tls: { certificate: tls.certificate, key: tls.key }, sasl: SASL }),
        /certificate/,
      ],
      ['no certificate', () => ({ tls: { ca: tls.ca }, sasl: SASL }), /certificate/],
    ])('refuses %s, which is said at once and not tried again', async (_, security, text) => {
      const began = performance.now();
      await expect(open(security())).rejects.toMatchObject({
        code: 'invalid_argument',
        retryable: false,
        message: expect.stringMatching(text),
      });
      expect(performance.now() - began).toBeLessThan(5000);
    });
  },
  { ownBrokers: true },
);
