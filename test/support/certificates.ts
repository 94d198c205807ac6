import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** PEM texts: the certificate of the authority, the issued certificate, and its key. */
export interface IssuedCertificate {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Creates an authority, which signs certificates for 127.0.0.1 and localhost, each with a common name. */
export function certificateAuthority(directory: string, name = 'authority'): (commonName: string) => IssuedCertificate {
  const file = (of: string, kind: string) => join(directory, `${of}.${kind}`);
  const make = (of: string, options: string[]) => {
    const fresh = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const out = ['-subj', `/CN=${of}`, '-keyout', file(of, 'key'), '-out', file(of, 'crt')];
    execFileSync('openssl', ['req', ...fresh, ...out, ...options], { stdio: 'ignore' });
  };
  make(name, []);
  return (commonName) => {
    const signed = ['-CA', file(name, 'crt'), '-CAkey', file(name, 'key')];
    make(commonName, [...signed, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']);
    const [ca, certificate, key] = [file(name, 'crt'), file(commonName, 'crt'), file(commonName, 'key')];
    return {
      ca: readFileSync(ca!, 'utf8'),
      certificate: readFileSync(certificate!, 'utf8'),
      key: readFileSync(key!, 'utf8'),
    };
  };
}
