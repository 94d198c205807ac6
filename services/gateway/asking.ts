import { AppError } from '../../src/model/app-error.ts';
import type { AskedCalculation, Gateway } from '../../src/protocol/generated/elastream/v1/services.generated.ts';
import { toMaterialMessage } from '../../src/protocol/material-message.ts';
import {
  createAskedCalculations,
  type AskedCalculation as ReadCalculation,
} from '../../src/reading/asked-calculations.ts';
import { createCampaignStates } from '../../src/reading/campaign-states.ts';
import { createLogLookup, type LogLookup } from '../../src/reading/log-lookup.ts';
import { readingOn } from '../../src/reading/read-to-end.ts';
import type { ServicePorts } from '../../src/runtime/service.ts';
import { stoppableStream } from '../../src/runtime/stoppable-stream.ts';
import { begunCampaign } from './manual-campaign.ts';

/** Creates the Ask call. It only reads, so whoever asks twice, or beside another, is told the same. */
export function createAsking({ log, topics }: Pick<ServicePorts, 'log' | 'topics'>): Gateway['Ask'] {
  const states = createCampaignStates(topics.campaigns);
  const asked = createAskedCalculations(states, topics);
  const readOn = readingOn(log, states, asked);
  const lookup = createLogLookup(log, topics);
  return ({ campaign, count }) =>
    stoppableStream(async function* (signal) {
      await readOn();
      const { config, method } = begunCampaign(states, campaign);
      for (const one of asked.openOf(campaign).slice(0, count)) {
        if (signal.aborted) return;
        yield await askedMessage(one, { campaign, config, method }, lookup);
      }
    });
}

/** What somebody is to calculate, with its structure. */
export async function askedMessage(
  { candidate, round, rank, attempt, lastFailure }: ReadCalculation,
  { campaign, config, method }: Pick<ReturnType<typeof begunCampaign>, 'campaign' | 'config' | 'method'>,
  lookup: Pick<LogLookup, 'materialVersion'>,
): Promise<AskedCalculation> {
  const { materialId, materialHash, calculationId, score, mean, standardDeviation } = candidate;
  const material = await lookup.materialVersion(materialId, materialHash);
  if (material === undefined) {
    throw new AppError('internal', `${campaign} asks for ${materialId}, whose structure the log does not hold`);
  }
  return {
    ...{ calculationId, round, rank, attempt, lastFailure, score, method },
    material: toMaterialMessage(material),
    ...{ targets: [...config.targets], mean: [...mean], standardDeviation: [...standardDeviation] },
  };
}
