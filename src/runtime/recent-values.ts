/** An LRU cache: when it is full, it drops the value that was not used for the longest time. */
export interface RecentValues<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
}

export function createRecentValues<V>(valuesMax: number): RecentValues<V> {
  /** A Map keeps insertion order, so the value used most recently is the last one. */
  const values = new Map<string, V>();
  function set(key: string, value: V): void {
    values.delete(key);
    values.set(key, value);
    if (values.size > valuesMax) values.delete(values.keys().next().value!);
  }
  return {
    get(key) {
      const value = values.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    set,
    delete: (key) => void values.delete(key),
  };
}
