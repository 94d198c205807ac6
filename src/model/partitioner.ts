const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/**
 * MurmurHash2 of the bytes, 32 bits, as Kafka's Java producer computes it.
 * Equation: per 4 little-endian bytes k: k *= m; k ^= k >>> 24; k *= m; h = h * m ^ k, from h = seed ^ length.
 * Source: A. Appleby, MurmurHash2 (public domain); Apache Kafka `org.apache.kafka.common.utils.Utils.murmur2`.
 * Returns: a signed 32-bit integer.
 * Known value: murmur2('foobar') = -790332482.
 */
export function murmur2(data: Uint8Array): number {
  const length = data.length;
  const whole = length & ~3;
  let h = SEED ^ length;
  for (let i = 0; i < whole; i += 4) {
    let k = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24);
    k = Math.imul(k, M);
    k ^= k >>> R;
    k = Math.imul(k, M);
    h = Math.imul(h, M) ^ k;
  }
  if (length > whole) {
    for (let i = length - 1; i >= whole; i--) h ^= data[i]! << (8 * (i - whole));
    h = Math.imul(h, M);
  }
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
}

/** The partition of a key: the one that Kafka's default partitioner gives, so that other producers agree. */
export function keyPartition(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** The partition of an ensemble member's events, so that members are spread evenly over the shards. */
export function memberPartition(member: number, partitions: number): number {
  return member % partitions;
}
