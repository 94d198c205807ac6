import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { knock } from '../../../src/adapters/grpc/knock.ts';

describe('knock', () => {
  it('tells whether something listens, also at an IPv6 address', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await knock(`127.0.0.1:${port}`);
    await new Promise((resolve) => server.close(resolve));
    await expect(knock(`127.0.0.1:${port}`)).rejects.toThrow('ECONNREFUSED');
    await expect(knock(`[::1]:${port}`)).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL/);
  });

  it('tells that a name is not known', async () => {
    await expect(knock('no-such-host.invalid:7400')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });
});
