import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { KafkaSecurity } from '../../../src/adapters/kafka/client-config.ts';
import { openKafkaEventLog } from '../../../src/adapters/kafka/event-log.ts';
import { events } from '../../support/events.ts';
import { type KafkaCluster, startKafkaCluster } from '../../support/kafka/cluster.ts';
import { describeWithKafka } from '../../support/kafka/describe-with-kafka.ts';
import { scratchDirectory } from '../../support/scratch.ts';

const SASL = { mechanism: 'scram-sha-512', username: 'elastream', password: 'right' } as const;

describeWithKafka(
  'a broker with TLS, client certificates and SCRAM',
  () => {
    const scratch = scratchDirectory();
    let cluster: KafkaCluster;
    let tls: { ca: string; certificate: string; key: string };

    beforeAll(async () => {
      // One self-signed certificate is authority, broker and client: who is trusted is not what is tested here.
      const [key, certificate, both] = ['key.pem', 'certificate.pem', 'both.pem'].map((n) => join(scratch.path, n));
      const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
      const made = [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '2',
        '-keyout',
        key!,
        '-out',
        certificate!,
      ];
      execFileSync('openssl', [...made, ...subject], { stdio: 'ignore' });
      tls = { ca: read(certificate!), certificate: read(certificate!), key: read(key!) };
      writeFileSync(both!, tls.key + tls.certificate);
      const settings = {
        'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
        'listener.name.secured.scram-sha-512.sasl.jaas.config':
          'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': both!,
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': certificate!,
        'listener.name.secured.ssl.client.auth': 'required',
      };
      const user = `SCRAM-SHA-512=[name=${SASL.username},password=${SASL.password}]`;
      cluster = await startKafkaCluster(1, { secured: { settings, format: ['--add-scram', user] } });
    }, 400_000);
    afterAll(async () => {
      await cluster?.stop();
      await scratch.remove();
    });

    const open = (security: KafkaSecurity) =>
      openKafkaEventLog({ brokers: cluster.secured, clientId: 'elastream-test', security });

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
        code: 'unavailable',
        retryable: false,
        message: expect.stringMatching(text),
      });
      expect(performance.now() - began).toBeLessThan(5000);
    });
  },
  { ownBrokers: true },
);

function read(path: string): string {
  return readFileSync(path, 'utf8');
}
