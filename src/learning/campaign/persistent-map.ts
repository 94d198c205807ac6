/**
 * Persistent maps and sets: every version stays unchanged, and a new version costs one entry and no copy.
 *
 * 1. All versions share one Map, which the newest version owns. An older version stores its difference from the next
 *    one.
 * 2. Reading an older version moves the Map there, step by step; so reading the newest version is as fast as reading a
 *    Map.
 * 3. A version without references is garbage: older versions refer to newer ones, never the other way round.
 *
 * Source: H. G. Baker, "Shallow binding makes functional arrays fast", SIGPLAN Notices 26(8), 145 (1991),
 * DOI 10.1145/122598.122614; known from Conchon and Filliatre's persistent arrays (2007).
 */
export class PersistentMap<K, V> implements ReadonlyMap<K, V> {
  /** Present in the version that was read or created last. */
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

  /** The version with this entry added. */
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

  /** A copy of the entries: reading another version during the iteration would move the Map away. */
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

  /** Makes comparison and printing treat it as a Map. */
  get [Symbol.toStringTag](): string {
    return 'Map';
  }

  /** The Map with this version's entries; moves it here first. */
  #own(): Map<K, V> {
    if (this.#map !== undefined) return this.#map;
    const path: PersistentMap<K, V>[] = [];
    let at: PersistentMap<K, V> = this;
    for (; at.#other !== undefined; at = at.#other.from) path.push(at);
    for (const version of path.toReversed()) at = version.#takeOver(at);
    return this.#map!;
  }

  /** Takes the Map from the version that differs from this one by one entry. */
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
  /** Undefined if there is no such entry. */
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

  /** The version with this member added. */
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
