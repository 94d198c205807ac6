/**
 * Maps and sets of which every version stays as it was, and the next one costs one entry and no copy.
 *
 * 1. All versions share one Map, which is in the newest. An older one holds what it has other than the next one.
 * 2. Whoever reads an older version brings the Map there, step by step, so that reading the newest is reading a Map.
 * 3. A version that nobody holds any more is garbage: older ones know newer ones, never the other way round.
 *
 * Source: H. G. Baker, "Shallow binding makes functional arrays fast", SIGPLAN Notices 26(8), 145 (1991),
 * DOI 10.1145/122598.122614; known from Conchon and Filliatre's persistent arrays (2007).
 */
export class PersistentMap<K, V> implements ReadonlyMap<K, V> {
  /** In the version that was read or made last. */
  #map: Map<K, V> | undefined;
  #other: Difference<K, V> | undefined;
  readonly size: number;

  private constructor(map: Map<K, V>, size: number) {
    this.#map = map;
    this.size = size;
  }

  static of<K, V>(entries: Iterable<readonly [K, V]> = []): PersistentMap<K, V> {
    const map = new Map(entries);
    return new PersistentMap(map, map.size);
  }

  /** The version with this entry. */
  with(key: K, value: V): PersistentMap<K, V> {
    const map = this.#own();
    const before = entryOf(map, key);
    map.set(key, value);
    const next = new PersistentMap(map, map.size);
    this.#leave(next, { key, before });
    return next;
  }

  get(key: K): V | undefined {
    return this.#own().get(key);
  }

  has(key: K): boolean {
    return this.#own().has(key);
  }

  /** As they are now: whoever goes on to read another version meanwhile moves the Map away. */
  entries(): MapIterator<[K, V]> {
    return new Map(this.#own()).entries();
  }

  keys(): MapIterator<K> {
    return new Map(this.#own()).keys();
  }

  values(): MapIterator<V> {
    return new Map(this.#own()).values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(callback: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }

  /** Compared and printed as what it is. */
  get [Symbol.toStringTag](): string {
    return 'Map';
  }

  /** The Map with this version's entries, taken over from where it is. */
  #own(): Map<K, V> {
    if (this.#map !== undefined) return this.#map;
    const path: PersistentMap<K, V>[] = [];
    let at: PersistentMap<K, V> = this;
    for (; at.#other !== undefined; at = at.#other.from) path.push(at);
    for (const version of path.toReversed()) at = version.#takeOver(at);
    return this.#map!;
  }

  /** From the version that this one differs from by one entry. */
  #takeOver(from: PersistentMap<K, V>): this {
    const map = from.#map!;
    const { key, before } = this.#other!;
    const after = entryOf(map, key);
    if (before === undefined) map.delete(key);
    else map.set(key, before.value);
    this.#map = map;
    this.#other = undefined;
    from.#leave(this, { key, before: after });
    return this;
  }

  #leave(from: PersistentMap<K, V>, { key, before }: Omit<Difference<K, V>, 'from'>): void {
    this.#map = undefined;
    this.#other = { from, key, before };
  }
}

interface Difference<K, V> {
  readonly from: PersistentMap<K, V>;
  readonly key: K;
  /** Undefined where there is no such entry. */
  readonly before: { readonly value: V } | undefined;
}

function entryOf<K, V>(map: ReadonlyMap<K, V>, key: K): { readonly value: V } | undefined {
  return map.has(key) ? { value: map.get(key)! } : undefined;
}

export class PersistentSet<T> implements ReadonlySet<T> {
  readonly #members: PersistentMap<T, true>;

  private constructor(members: PersistentMap<T, true>) {
    this.#members = members;
  }

  static of<T>(): PersistentSet<T> {
    return new PersistentSet(PersistentMap.of());
  }

  /** The version with this member. */
  with(member: T): PersistentSet<T> {
    return this.has(member) ? this : new PersistentSet(this.#members.with(member, true));
  }

  get size(): number {
    return this.#members.size;
  }

  has(member: T): boolean {
    return this.#members.has(member);
  }

  keys(): SetIterator<T> {
    return new Set(this.#members.keys()).values();
  }

  values(): SetIterator<T> {
    return this.keys();
  }

  entries(): SetIterator<[T, T]> {
    return new Set(this.#members.keys()).entries();
  }

  [Symbol.iterator](): SetIterator<T> {
    return this.keys();
  }

  forEach(callback: (member: T, same: T, set: ReadonlySet<T>) => void): void {
    for (const member of this) callback(member, member, this);
  }

  get [Symbol.toStringTag](): string {
    return 'Set';
  }
}
