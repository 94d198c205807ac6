/** A stream of bytes whose beginning can be examined before it is read. */
export class PeekedStream {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #head = Buffer.alloc(0);
  #failure: { readonly error: unknown } | undefined;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /**
   * Reads ahead until `isEnough` returns true or the stream ends. It throws a failure only if no bytes came before it.
   */
  async peek(isEnough: (head: Buffer) => boolean): Promise<Buffer> {
    while (this.#failure === undefined && !isEnough(this.#head)) {
      try {
        const next = await this.#iterator.next();
        if (next.done) break;
        this.#head = Buffer.concat([this.#head, next.value]);
      } catch (error) {
        this.#failure = { error };
      }
    }
    if (this.#failure && this.#head.length === 0) throw this.#failure.error;
    return this.#head;
  }

  /**
   * Yields the whole stream, including the peeked bytes, without the first `skip` bytes, which must have been peeked.
   */
  async *chunks(skip = 0): AsyncGenerator<Uint8Array, void, void> {
    if (this.#head.length > skip) yield this.#head.subarray(skip);
    if (this.#failure) throw this.#failure.error;
    for (let next = await this.#iterator.next(); !next.done; next = await this.#iterator.next()) yield next.value;
  }

  /** Closes the stream, however far it was read. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }
}
