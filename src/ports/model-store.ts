/** SHA-256 of a stored model's bytes, 64 hexadecimal digits. */
export type ModelName = string & { readonly __brand: 'ModelName' };

/** Trained models, addressed by content. Not a source of truth: all can be deleted and trained again from the log. */
export interface ModelStore {
  /** Stores up to 256 MiB; equal bytes get the same name and are stored once. */
  put(bytes: Uint8Array): Promise<ModelName>;
  /**
   * Returns undefined if the model is not there.
   * @throws AppError `storage_corrupt` if the bytes do not hash to the name; training and storing it again repairs it
   */
  get(name: ModelName): Promise<Uint8Array | undefined>;
  /** For retention; deleting an absent model is not an error. */
  delete(name: ModelName): Promise<void>;
  list(): AsyncIterable<{ readonly name: ModelName; readonly bytes: number }>;
  close(): Promise<void>;
}
