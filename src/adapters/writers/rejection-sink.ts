import type { Rejection } from '../../model/rejection.ts';
import type { Output } from './output-file.ts';
import { compress } from './row-sink.ts';

/** Brings rejections to an output as JSON lines; where the user wants none, to nowhere. */
export interface RejectionSink {
  add(rejection: Rejection): void;
  flush(): Promise<void>;
}

export function createRejectionSink(output: Output | undefined): RejectionSink {
  let text = '';
  return {
    add(rejection) {
      if (output) text += rejectionLine(rejection);
    },
    async flush() {
      if (!output || text === '') return;
      const bytes = Buffer.from(text, 'utf8');
      text = '';
      await output.write(output.name.endsWith('.gz') ? await compress(bytes) : bytes);
    },
  };
}

function rejectionLine({ code, message, source, locator, materialId }: Rejection): string {
  const line = { code, message, source, locator: locator ?? null, material_id: materialId ?? null };
  return `${JSON.stringify(line)}\n`;
}
