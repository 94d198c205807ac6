import { X509Certificate } from 'node:crypto';
import { readSecretFile } from './secret-files.ts';
import type { ServiceConfig } from './service-config.ts';

/** Returns when this process's certificates expire, in seconds since 1970; a file that cannot be read is left out. */
export function certificateExpiries({ grpc, http, kafka, nats }: ServiceConfig): Record<string, number> {
  const files = {
    grpc: grpc.tls?.certificate_file,
    http: http.tls?.certificate_file,
    kafka: kafka.tls?.certificate_file,
    nats: nats?.tls?.certificate_file,
  };
  return Object.fromEntries(
    Object.entries(files).flatMap(([use, file]) => {
      const seconds = file === undefined ? undefined : expirySeconds(file);
      return seconds === undefined ? [] : [[use, seconds]];
    }),
  );
}

function expirySeconds(file: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(readSecretFile(file)).validTo) / 1000;
  } catch {
    return undefined;
  }
}
