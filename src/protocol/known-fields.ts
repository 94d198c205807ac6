/** T as generated protobuf code reads it: a field that is absent in T is present and undefined. */
type Read<T> = { [K in keyof T]: Partial<Pick<T, K>> extends Pick<T, K> ? T[K] | undefined : T[K] };

/** Removes undefined fields: the domain omits unknown values, while generated code reads them as undefined. */
export function knownFields<T extends object>(fields: Read<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
