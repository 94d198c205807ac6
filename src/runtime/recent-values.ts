/** Values that were used not long ago: a cache of so many, in which the one that was not used for longest goes first. */
export interface RecentValues<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
}

export function createRecentValues<V>(valuesMax: number): RecentValues<V> {
  /** A Map keeps the order of insertion: the one that was used last stands at the end. */
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
