import { ExtxyzFrames, type Frame } from '../../../formats/extxyz/extxyz.ts';
import type { InputUnit } from '../../../formats/input-unit.ts';
import { LineCutter } from '../../../formats/line-cutter.ts';
import { RejectedInput } from '../../../model/rejection.ts';
import { itemOf } from './materials-of.ts';

/**
 * Reads the frames of an extended XYZ file one by one. A file of one frame gives its name to the material; of several,
 * `#1`, `#2`, ... is added.
 * @throws RejectedInput after the frames that could be read
 */
export async function* frameUnits(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
  idHint: string,
): AsyncGenerator<InputUnit, void, void> {
  const frames = new ExtxyzFrames();
  // Held back until it is known whether it is the only one.
  let first: Frame | undefined;
  const unitOf = ({ number, parse }: Frame, id: string): InputUnit => {
    return { kind: 'item', source, item: itemOf(source, `frame ${number}`, () => parse(id)) };
  };
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const cutter = new LineCutter();
  function* unitsOf(lines: Iterable<string>): Generator<InputUnit, void, void> {
    for (const line of lines) {
      const frame = frames.read(line);
      if (frame === undefined) continue;
      if (frame.number === 1) {
        first = frame;
        continue;
      }
      if (first !== undefined) yield unitOf(first, `${idHint}#1`);
      first = undefined;
      yield unitOf(frame, `${idHint}#${frame.number}`);
    }
  }
  try {
    for await (const chunk of chunks) yield* unitsOf(cutter.push(decoded(decoder, chunk)));
    yield* unitsOf(cutter.push(decoded(decoder)));
    yield* unitsOf(cutter.end());
    frames.end();
  } catch (error) {
    if (first !== undefined) yield unitOf(first, idHint);
    throw error;
  }
  if (first !== undefined) yield unitOf(first, idHint);
}

/** @throws RejectedInput `bad_encoding` */
function decoded(decoder: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    const remedy = 'convert it, for example with iconv -f latin1 -t utf-8';
    throw new RejectedInput('bad_encoding', `the text is not UTF-8; ${remedy}`);
  }
}
