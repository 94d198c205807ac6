import { z } from 'zod';
import { acquisition, stop } from './acquisition-schema.ts';
import { calculator } from './calculator-schema.ts';
import { candidate_filters, candidates, data, data_filters, labels, reserve } from './data-schema.ts';
import { ensemble, features, sampling, targets } from './learning-schema.ts';
import { count } from './value-schema.ts';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use 1 to 63 of a-z, 0-9 and -, beginning with none of the -')
  .meta({ form: '1 to 63 of a-z, 0-9, -; begins with none of the -', description: 'names the campaign' });
const seed = count(0, 2 ** 31 - 1)
  .default(1)
  .meta({ description: 'every draw of the campaign derives from it' });

/**
 * The campaign file as people write it: in snake_case, with defaults omitted. The `.meta()` of each key says what people
 * are told of it, in docs/campaign-file.md and by `elastream init`; campaign-keys.ts says what it may hold.
 */
export const campaignFile = z.strictObject({
  name,
  seed,
  data,
  labels,
  data_filters,
  candidates,
  candidate_filters,
  reserve,
  features,
  targets,
  sampling,
  ensemble,
  acquisition,
  stop,
  calculator,
});

export type CampaignFile = z.output<typeof campaignFile>;
