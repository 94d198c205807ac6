import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyPartition, memberPartition, murmur2 } from '../../src/model/partitioner.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('murmur2', () => {
  // From Apache Kafka's own UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of %s is %i, as in Kafka', (text, expected) => {
    expect(murmur2(bytes(text))).toBe(expected);
  });

  it('reads bytes, whatever buffer they lie in', () => {
    const whole = bytes('..foobar');
    expect(murmur2(whole.subarray(2))).toBe(-790332482);
  });
});

describe('partitions', () => {
  it('of keys follow Kafka: (murmur2 & 0x7fffffff) mod n', () => {
    expect(keyPartition(bytes('foobar'), 64)).toBe((-790332482 & 0x7fffffff) % 64);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 130 }), fc.integer({ min: 1, max: 128 }), (key, n) => {
        const partition = keyPartition(key, n);
        return Number.isInteger(partition) && partition >= 0 && partition < n;
      }),
    );
  });

  it('of material ids are evenly filled', () => {
    const counts = new Array<number>(64).fill(0);
    for (let i = 0; i < 64_000; i++) counts[keyPartition(bytes(`mp-${i}`), 64)]!++;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });

  it('of members are their index mod n', () => {
    expect([0, 1, 63, 64, 130].map((member) => memberPartition(member, 64))).toEqual([0, 1, 63, 0, 2]);
  });
});
