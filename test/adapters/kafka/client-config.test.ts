import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { clientConfig } from '../../../src/adapters/kafka/client-config.ts';

const OPTIONS = { brokers: ['127.0.0.1:9092'], clientId: 'elastream' };

describe("kafkajs' configuration", () => {
  it('is plain unless security is asked for, and silent', () => {
    const config = clientConfig(OPTIONS);
    expect(config).toMatchObject({ ...OPTIONS, logLevel: kafkajs.logLevel.NOTHING });
    expect(config).not.toHaveProperty('ssl');
    expect(config).not.toHaveProperty('sasl');
  });

  it('maps certificates and credentials', () => {
    const sasl = { mechanism: 'scram-sha-512', username: 'elastream', password: 'secret' } as const;
    const tls = { ca: 'CA', certificate: 'CERTIFICATE', key: 'KEY' };
    expect(clientConfig({ ...OPTIONS, security: { tls, sasl } })).toMatchObject({
      ssl: { ca: ['CA'], cert: 'CERTIFICATE', key: 'KEY' },
      sasl,
    });
  });

  it('asks for secrets anew whenever it connects', () => {
    let [ca, password] = ['old', 'old'];
    const sasl = { mechanism: 'plain', username: 'elastream', password: () => password } as const;
    const config = clientConfig({ ...OPTIONS, security: { tls: () => ({ ca }), sasl } });
    [ca, password] = ['new', 'new'];
    expect(config.sasl).toMatchObject({ username: 'elastream', password: 'new' });
    // kafkajs hands on what it read at the start; the socket is opened with what is there now.
    const socket = config.socketFactory!({ host: '127.0.0.1', port: 1, ssl: { ca: ['old'] } as never, onConnect() {} });
    socket.on('error', () => {});
    socket.destroy();
    expect(() => clientConfig({ ...OPTIONS, security: { tls: () => fail() } })).toThrow('asked');
  });

  it("trusts the system's authorities where none is named", () => {
    expect(clientConfig({ ...OPTIONS, security: { tls: {} } }).ssl).toEqual({});
  });
});

function fail(): never {
  throw new Error('asked');
}
