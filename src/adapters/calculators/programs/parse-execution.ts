import { z } from 'zod';
import { AppError } from '../../../model/app-error.ts';
import { type Execution, QUEUE_KINDS } from '../../../model/execution.ts';

const text = z.string().min(1).max(1_000);
const launcher = z.union([
  z.object({ kind: z.literal('local'), parallel: z.number().int().min(1) }),
  z.object({
    kind: z.enum(QUEUE_KINDS),
    partition: text.exactOptional(),
    account: text.exactOptional(),
    options: z.array(text).exactOptional(),
    jobsMax: z.number().int().min(1),
    pollSeconds: z.number().positive(),
    ssh: text.exactOptional(),
  }),
]);
const execution = z.object({
  campaign: text,
  launcher,
  runDir: text.exactOptional(),
  coreHoursMax: z.number().positive().exactOptional(),
  program: z.array(z.string()).min(1).exactOptional(),
  folders: z.record(text, text).exactOptional(),
  cores: z.number().int().min(1),
  memoryMiB: z.number().positive(),
  minutes: z.number().positive(),
});

/** @throws AppError `invalid_argument` for any other text: a newer elastream may understand it */
export function parseExecution(given: string | undefined): Execution {
  const remedy = 'the campaign was created by another version, whose calculation service is needed';
  if (given === undefined)
    throw new AppError('invalid_argument', `a calculation says nothing of its launcher: ${remedy}`);
  try {
    return execution.parse(JSON.parse(given));
  } catch (cause) {
    throw new AppError('invalid_argument', `how to run a calculation is not understood here (${given}): ${remedy}`, {
      cause,
    });
  }
}
