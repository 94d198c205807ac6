import { readFileSync } from 'node:fs';
import type { GrpcSecurity } from '../../adapters/grpc/renewed-certificates.ts';
import { AppError } from '../../model/app-error.ts';

const FILES = {
  ca: 'ELASTREAM_GRPC_CA_FILE',
  certificate: 'ELASTREAM_GRPC_CERTIFICATE_FILE',
  key: 'ELASTREAM_GRPC_KEY_FILE',
} as const;

/** Whether the environment names certificates at all. */
export function hasCertificates(environment: NodeJS.ProcessEnv): boolean {
  return Object.values(FILES).some((variable) => environment[variable] !== undefined);
}

/**
 * The certificates that the environment names.
 * @throws AppError `invalid_argument` where a variable is not set, or its file cannot be read
 */
export function certificates(environment: NodeJS.ProcessEnv): GrpcSecurity {
  const read = (variable: string) => {
    const file = environment[variable];
    if (file === undefined) {
      throw new AppError('invalid_argument', `grpcs:// asks for certificates: ${variable} names no PEM file`);
    }
    try {
      return readFileSync(file, 'utf8');
    } catch (cause) {
      throw new AppError('invalid_argument', `${file} (${variable}) cannot be read`, { cause });
    }
  };
  return { ca: read(FILES.ca), certificate: read(FILES.certificate), key: read(FILES.key) };
}
