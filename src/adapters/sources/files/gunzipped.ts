import { createGunzip } from 'node:zlib';
import { RejectedInput } from '../../../model/rejection.ts';

/**
 * Number of compressed bytes that are given to zlib at a time. Deflate expands at most 1,032-fold, so they yield at
 * most 17 MiB, even from a gzip bomb. All of it is passed on before the next slice.
 */
const SLICE_BYTES = 16 * 1024;

/** Text of numbers shrinks ten-fold, and the emptiest output of a run less than a hundred-fold. */
const EXPANSION_MAX = 256;
/** Small files may expand as they like. */
const EXPANDED_BYTES_FREE = 32 * 1024 * 1024;

/**
 * Decompresses gzip with one or several members. Data before a damaged or missing end is yielded before the error; a
 * pipe into zlib's stream would drop it.
 * @throws RejectedInput `truncated`, `bad_encoding`, `too_large` for a gzip bomb
 */
export async function* gunzipped(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  let outputs: Uint8Array[] = [];
  let failure: NodeJS.ErrnoException | undefined;
  gunzip.on('data', (output: Uint8Array) => outputs.push(output));
  gunzip.on('error', (error) => {
    failure ??= error;
  });
  // After an error zlib closes without calling back, so the close event must also wake the waiting writer.
  let wake = () => {};
  const closed = new Promise<void>((resolve) => {
    gunzip.once('close', () => {
      resolve();
      wake();
    });
  });
  const size = { given: 0, expanded: 0 };
  const drain = () => {
    const drained = outputs;
    outputs = [];
    for (const { length } of drained) size.expanded += length;
    if (size.expanded > EXPANDED_BYTES_FREE && size.expanded > EXPANSION_MAX * size.given) throw bomb();
    return drained;
  };
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length && !gunzip.destroyed; at += SLICE_BYTES) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          size.given += Math.min(SLICE_BYTES, chunk.length - at);
          gunzip.write(chunk.subarray(at, at + SLICE_BYTES), () => resolve());
        });
        yield* drain();
      }
      if (gunzip.destroyed) break;
    }
    if (!gunzip.destroyed) gunzip.end();
    await closed;
    yield* drain();
    if (failure) throw rejectionOf(failure);
  } finally {
    gunzip.destroy();
  }
}

function bomb(): RejectedInput {
  const message = `the gzip data expands more than ${EXPANSION_MAX}-fold: no output or table does; give the file unpacked`;
  return new RejectedInput('too_large', message);
}

function rejectionOf(error: NodeJS.ErrnoException): RejectedInput {
  if (error.code === 'Z_BUF_ERROR') {
    return new RejectedInput('truncated', 'the gzip data ends early; what stood before is kept; fetch the file again');
  }
  return new RejectedInput('bad_encoding', `the gzip data is damaged (${error.message}); fetch the file again`);
}
