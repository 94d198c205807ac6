/** As protobuf reads it: what is absent in T is there and undefined. */
type Read<T> = { [K in keyof T]: Partial<Pick<T, K>> extends Pick<T, K> ? T[K] | undefined : T[K] };

/** The domain leaves out what is not known; generated code reads it as undefined. */
export function knownFields<T extends object>(fields: Read<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
