import { describe, expect, it } from 'vitest';
import { clientName, networkOf } from '../../../src/adapters/grpc/client-name.ts';

describe('the network of an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::9', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::5', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('the name of a client', () => {
  const call = (peer: string, certificate?: object) =>
    clientName({
      getPeer: () => peer,
      getAuthContext: () => (certificate ? { sslPeerCertificate: certificate } : {}) as never,
    });

  it('is its network, whatever port it calls from', () => {
    expect(call('198.51.100.2:50000')).toBe('198.51.100.2');
    expect(call('::ffff:198.51.100.2:443')).toBe('198.51.100.2');
    expect(call('2001:db8:1:2:3:4:5:6:50000')).toBe(call('2001:db8:1:2:6:5:4:3:50001'));
    expect(call('2001:db8:1:2::1:50000')).not.toBe(call('2001:db8:1:3::1:50000'));
  });

  it('is its certificate with mutual TLS, from wherever it calls', () => {
    const of = (fingerprint256: string) => ({ subject: { CN: 'viewer' }, fingerprint256 });
    const [one, other] = [of('AA:00:11:22:33:44:55:66:77:88'), of('BB:00:11:22:33:44:55:66:77:88')];
    expect(call('198.51.100.2:5', one)).toBe('viewer (certificate AA:00:11:22:33:44:55:66)');
    expect(call('203.0.113.7:6', one)).toBe(call('198.51.100.2:5', one));
    expect(call('198.51.100.2:5', other)).not.toBe(call('198.51.100.2:5', one));
  });
});
