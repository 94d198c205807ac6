import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterOptions } from '../../../deploy/local/kafka/kafka-cluster.ts';
import type { IssuedCertificate } from '../certificates.ts';

export interface SecuredListenerPlan {
  /** The broker's certificate; its authority also signs the clients' certificates. */
  readonly certificate: IssuedCertificate;
  readonly user: { readonly username: string; readonly password: string };
  /** Whether clients must present a certificate too. */
  readonly clients: 'required' | 'none';
}

/** A listener with SCRAM-SHA-512 over TLS for a single user. */
export function securedListener(
  directory: string,
  { certificate: { ca, certificate, key }, user, clients }: SecuredListenerPlan,
): NonNullable<ClusterOptions['secured']> {
  const [own, authority] = ['broker.pem', 'clients.pem'].map((name) => join(directory, name)) as [string, string];
  writeFileSync(own, key + certificate);
  writeFileSync(authority, ca);
  return {
    settings: {
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
      'listener.name.secured.scram-sha-512.sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': own,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': authority,
      'listener.name.secured.ssl.client.auth': clients,
    },
    format: ['--add-scram', `SCRAM-SHA-512=[name=${user.username},password=${user.password}]`],
  };
}
