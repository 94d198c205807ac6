import { PwOutputReader } from '../../../formats/espresso/pw-output.ts';
import { PwXmlReader } from '../../../formats/espresso/pw-xml.ts';
import { LineCutter } from '../../../formats/line-cutter.ts';
import { locate } from '../../../formats/located-rejection.ts';
import { OutcarReader } from '../../../formats/vasp/outcar.ts';
import { VasprunReader } from '../../../formats/vasp/vasprun.ts';
import type { CalculationRun } from '../../../model/calculation-run.ts';
import { XmlEvents } from './xml-events.ts';

/** Outputs of DFT codes, which are read as they stream in: they may be far larger than memory. */
const RUN_FORMATS = ['outcar', 'vasprun', 'pw-output', 'pw-xml'] as const;
export type RunFormat = (typeof RUN_FORMATS)[number];

const READERS = {
  outcar: () => new OutcarReader(),
  vasprun: () => new VasprunReader(),
  'pw-output': () => new PwOutputReader(),
  'pw-xml': () => new PwXmlReader(),
};

export function isRunFormat(format: string): format is RunFormat {
  return (RUN_FORMATS as readonly string[]).includes(format);
}

/**
 * Reads the output of one run. The numbers of interest are ASCII, so any text beside them may have any encoding.
 * @throws LocatedRejection with the line that was read last
 */
export async function readRun(
  format: RunFormat,
  chunks: AsyncIterable<Uint8Array>,
  materialId: string,
): Promise<CalculationRun> {
  const decoder = new TextDecoder('latin1');
  const sink = format === 'vasprun' || format === 'pw-xml' ? xmlSink(READERS[format]()) : lineSink(READERS[format]());
  for await (const chunk of chunks) {
    const piece = decoder.decode(chunk, { stream: true });
    try {
      sink.push(piece);
    } catch (error) {
      locate({ locator: `line ${sink.line()}`, materialId }, () => {
        throw error;
      });
    }
  }
  return locate({ materialId }, () => sink.end());
}

interface Sink {
  line(): number;
  push(piece: string): void;
  end(): CalculationRun;
}

function lineSink(reader: { read(line: string): void; end(): CalculationRun }): Sink {
  const cutter = new LineCutter();
  const readAll = (lines: Iterable<string>) => {
    for (const line of lines) reader.read(line);
  };
  return {
    line: () => cutter.line,
    push: (piece) => readAll(cutter.push(piece)),
    end() {
      readAll(cutter.end());
      return reader.end();
    },
  };
}

function xmlSink(reader: VasprunReader | PwXmlReader): Sink {
  const events = new XmlEvents(reader);
  return {
    line: () => events.line,
    push: (piece) => events.push(piece),
    end() {
      events.end();
      return reader.end();
    },
  };
}
