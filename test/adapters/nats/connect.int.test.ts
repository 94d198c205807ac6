import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nkeys } from 'nats';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type NatsServer, startNatsServer } from '../../../deploy/local/nats/nats-server.ts';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { connectNats } from '../../../src/adapters/nats/connect.ts';
import type { NatsSettings } from '../../../src/adapters/nats/connection-options.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWithNatsServer } from '../../support/nats/describe-with-nats.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const REFUSED = { code: 'invalid_argument', retryable: false, message: expect.stringContaining('credentials') };

describeWithNatsServer('connectNats', (binary) => {
  const scratch = scratchDirectory();
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer(binary);
  });
  afterAll(async () => {
    await server.stop();
    await scratch.remove();
  });

  /** Whether a round trip succeeds. */
  async function works(settings: Partial<NatsSettings> = {}): Promise<boolean> {
    const link = await connectNats({ servers: [server.url], name: 'test', ...settings });
    await link.request('asking', (connection) => connection.flush());
    await link.close();
    return true;
  }

  it('takes an nkey, and says once that a wrong one is refused', async () => {
    const user = nkeys.createUser();
    const allow = (key: string) => `authorization { users = [ { nkey: ${key} } ] }`;
    await server.restart(allow(user.getPublicKey()));
    const nkeySeed = text(user.getSeed());
    expect(await works({ credentials: { nkeySeed } })).toBe(true);
    const other = text(nkeys.createUser().getSeed());
    const start = performance.now();
    await expect(works({ credentials: { nkeySeed: other } })).rejects.toMatchObject(REFUSED);
    await expect(works()).rejects.toMatchObject(REFUSED);
    expect(performance.now() - start).toBeLessThan(2000);
    const noSeeds = [user.getPublicKey(), `${nkeySeed.slice(0, -1)}!`, text(nkeys.createAccount().getSeed()), ''];
    for (const noSeed of noSeeds) {
      await expect(works({ credentials: { nkeySeed: noSeed } })).rejects.toThrow('begin with SU');
    }

    const link = await connectNats({ servers: [server.url], name: 'test', credentials: { nkeySeed } });
    await server.restart(allow(nkeys.createUser().getPublicKey()));
    await eventually(() => link.connection.isClosed());
    const asked = link.request('asking', (connection) => connection.flush());
    await expect(asked).rejects.toMatchObject(REFUSED);
    expect(link.isUp).toBe(false);
  });

  it("takes a user's credentials file", async () => {
    const [operator, user] = [nkeys.createOperator(), nkeys.createUser()];
    const [system, account] = [nkeys.createAccount(), nkeys.createAccount()];
    const token = (issuer: typeof user, subject: typeof user, nats: object) => {
      const claims = { jti: 'x', iat: 1, iss: issuer.getPublicKey(), sub: subject.getPublicKey(), name: 'x', nats };
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const signed = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`;
      return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
    };
    const limits = { conn: -1, subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true };
    const accountToken = (of: typeof user) => token(operator, of, { type: 'account', version: 2, limits });
    const preloaded = [system, account].map((of) => `${of.getPublicKey()}: ${accountToken(of)}`);
    await server.restart(
      `operator: ${token(operator, operator, { type: 'operator', version: 2 })}\nresolver: MEMORY\n` +
        `system_account: ${system.getPublicKey()}\nresolver_preload { ${preloaded.join('\n')} }`,
    );
    const userToken = token(account, user, { type: 'user', version: 2, subs: -1, data: -1, payload: -1 });
    const credentials = (seed: string) => {
      const credentialsFile = join(scratch.path, 'user.creds');
      const block = (name: string, body: string) => `-----BEGIN ${name}-----\n${body}\n------END ${name}------\n\n`;
      writeFileSync(credentialsFile, block('NATS USER JWT', userToken) + block('USER NKEY SEED', seed));
      return { credentials: { credentialsFile } };
    };
    expect(await works(credentials(text(user.getSeed())))).toBe(true);
    await expect(works(credentials(text(nkeys.createUser().getSeed())))).rejects.toMatchObject(REFUSED);
    writeFileSync(join(scratch.path, 'other.creds'), 'not credentials');
    const other = { credentials: { credentialsFile: join(scratch.path, 'other.creds') } };
    await expect(works(other)).rejects.toMatchObject(REFUSED);
    const absent = { credentials: { credentialsFile: join(scratch.path, 'absent.creds') } };
    await expect(works(absent)).rejects.toMatchObject({ code: 'input_unreadable' });
  });

  it('speaks TLS, to servers that it can trust only', async () => {
    const file = (name: string) => join(scratch.path, name);
    const certificate = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    const names = ['-subj', '/CN=test', '-addext', 'subjectAltName=DNS:localhost'];
    for (const name of ['server', 'client']) {
      const out = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
      execFileSync('openssl', ['req', ...certificate, ...names, ...out], { stdio: 'ignore' });
    }
    const quoted = (name: string) => JSON.stringify(file(name));
    const own = `cert_file: ${quoted('server.crt')}, key_file: ${quoted('server.key')}`;
    await server.restart(`tls { ${own}, ca_file: ${quoted('client.crt')}, verify: true }`);
    const tls = { caFile: file('server.crt'), certFile: file('client.crt'), keyFile: file('client.key') };
    // By name: the client compares no IP address with a certificate.
    const servers = [server.url.replace('127.0.0.1', 'localhost')];
    expect(await works({ servers, tls })).toBe(true);
    const refused = { code: 'invalid_argument', retryable: false };
    await expect(works({ servers, tls: { certFile: tls.certFile, keyFile: tls.keyFile } })).rejects.toMatchObject(
      refused,
    );
    await expect(works({ servers, tls: { ...tls, caFile: file('absent') } })).rejects.toMatchObject(refused);
    await server.restart('');
    expect(await works()).toBe(true);
    await expect(works({ servers, tls })).rejects.toMatchObject(refused);
  });

  it('says where nobody answers, and that trying again can help', async () => {
    await server.restart('');
    await server.kill();
    const message = expect.stringContaining(server.url);
    await expect(works()).rejects.toMatchObject({ code: 'unavailable', retryable: true, message });
    const servers = ['nats://no-such-host.invalid:4222'];
    await expect(works({ servers })).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });
});
