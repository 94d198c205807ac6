import { describe, expect, it } from 'vitest';
import { hostOf, unprotected } from '../../../services/wiring/protection.ts';
import { type ServiceConfig, serviceConfigSchema } from '../../../services/wiring/service-config.ts';

const LOCAL = { node: 'n', kafka: { brokers: ['localhost:9092'] } };
const config = (parts: object): ServiceConfig => serviceConfigSchema.parse({ ...LOCAL, ...parts });

it.each([
  ['127.0.0.1:9092', '127.0.0.1'],
  ['[::1]:9092', '::1'],
  ['[2001:db8::1]:9092', '2001:db8::1'],
  ['nats://host:4222', 'host'],
  ['nats://user:pass@host:4222', 'host'],
  ['tls://user@[::1]:4222', '::1'],
  ['https://host/path?a=b@c', 'host'],
  ['http://127.0.0.1@evil.example:8123', 'evil.example'],
  ['http://evil.example?@127.0.0.1:8123', 'evil.example'],
  ['http://evil.example#@127.0.0.1:8123', 'evil.example'],
  ['host', 'host'],
])('the host of %s is %s', (address, host) => {
  expect(hostOf(address)).toBe(host);
});

describe('unprotected', () => {
  it.each(['127.0.0.1:1', '127.1.2.3:1', 'localhost:1', 'LOCALHOST:1', '[::1]:1'])('lets %s pass', (address) => {
    const clickhouse = { url: `http://${address}` };
    const parts = {
      kafka: { brokers: [address] },
      nats: { servers: [address] },
      clickhouse,
      grpc: { listen: address },
      http: { listen: address },
    };
    expect(unprotected(config(parts))).toEqual([]);
  });

  it.each([
    ...['10.0.0.1:1', 'kafka:1', '0.0.0.0:1', '[::]:1', '[2001:db8::1]:1', '127.0.0.1.example.com:1'],
    'localhost.example.com:1',
  ])('names %s wherever it stands', (address) => {
    const parts = {
      kafka: { brokers: ['127.0.0.1:1', address] },
      nats: { servers: [address] },
      grpc: { listen: address },
      http: { listen: address },
    };
    expect(unprotected(config({ ...parts, clickhouse: { url: `http://${address}` } }))).toEqual([
      `kafka.brokers ${address}: no kafka.tls`,
      `nats.servers ${address}: no nats.tls`,
      `clickhouse.url http://${address}: not https`,
      `grpc.listen ${address}: no grpc.tls`,
      `http.listen ${address}: no http.tls`,
    ]);
  });

  it('asks for nothing more where there is TLS', () => {
    const tls = { ca_file: 'a', certificate_file: 'b', key_file: 'c' };
    const parts = {
      kafka: { brokers: ['k:1'], tls: {} },
      nats: { servers: ['n:1'], tls },
      grpc: { listen: '0.0.0.0:1', tls },
      http: { listen: '0.0.0.0:2', tls: { certificate_file: 'b', key_file: 'c' } },
    };
    expect(unprotected(config({ ...parts, clickhouse: { url: 'HTTPS://c:8443' } }))).toEqual([]);
  });

  it('does not show a password in an address', () => {
    const [text] = unprotected(config({ nats: { servers: ['nats://user:secret@far:4222'] } }));
    expect(text).toBe('nats.servers nats://far:4222: no nats.tls');
  });
});
