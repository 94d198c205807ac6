import type { MaterialCatalogue } from '../learning/data/material-catalogue.ts';
import type { Topics } from '../model/topics.ts';
import type { CampaignStates } from './campaign-states.ts';
import type { Projection } from './projection.ts';

/**
 * Adds the completed sources to the campaigns' states.
 * @param catalogue must take each event of `features` and `examples` before this projection does
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
