/** SHA-256 of a stored model's bytes, 64 hexadecimal digits. */
export type ModelName = string & { readonly __brand: 'ModelName' };

/** Trained models by content. Not truth: all of it can be deleted and trained again from the log. */
export interface ModelStore {
  /** Stores up to 256 MiB; the same bytes give the same name and are kept once. */
  put(bytes: Uint8Array): Promise<ModelName>;
  /**
   * Undefined where it is not there.
   * @throws AppError `storage_corrupt` where the bytes do not hash to the name: train again and put, which mends it
   */
  get(name: ModelName): Promise<Uint8Array | undefined>;
  /** For retention; deleting what is not there is no error. */
  delete(name: ModelName): Promise<void>;
  list(): AsyncIterable<{ readonly name: ModelName; readonly bytes: number }>;
  close(): Promise<void>;
}
