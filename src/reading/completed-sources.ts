import type { MaterialCatalogue } from '../learning/data/material-catalogue.ts';
import type { Topics } from '../model/topics.ts';
import type { CampaignStates } from './campaign-states.ts';
import type { Projection } from './projection.ts';

/**
 * Adds to campaigns' states which of their sources are complete.
 * @param catalogue knows the events of `features` and `examples` by the time that they come here
 */
export function createCompletedSources(
  states: CampaignStates,
  catalogue: MaterialCatalogue,
  { features, examples }: Topics,
): Projection {
  function complete(campaign: string): void {
    const { created, sources } = states.state(campaign);
    for (const source of created?.sources ?? []) {
      if (sources.has(source)) continue;
      const completed = catalogue.completedSource(source, ['features', 'examples']);
      if (completed) states.add(campaign, { type: 'SourceCompleted', source, ...completed });
    }
  }

  states.onChange(({ campaign, event }) => event.type === 'CampaignCreated' && complete(campaign));
  return {
    topics: [features, examples],
    take({ event }) {
      if (event.type === 'SourcePartitionCompleted') for (const campaign of states.names()) complete(campaign);
    },
  };
}
