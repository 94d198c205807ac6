import type { CatalogueTopic, MaterialCatalogue } from '../learning/data/material-catalogue.ts';
import type { Topics } from '../model/topics.ts';
import type { Projection } from './projection.ts';

const BOTH: readonly CatalogueTopic[] = ['features', 'examples'];

/**
 * Brings to a catalogue what the events of `features` and `examples` say; watermarks too, since they close sources.
 * @param read which of the two; both unless told
 */
export function createCatalogueProjection(
  catalogue: MaterialCatalogue,
  topics: Topics,
  read: readonly CatalogueTopic[] = BOTH,
): Projection {
  return {
    topics: read.map((name) => topics[name]),
    take({ event, topic, partition, offset }) {
      if (event.type === 'StructureFeaturized') catalogue.addVersion(event, { partition, offset });
      else if (event.type === 'ExampleFormed') catalogue.addExample(event, { partition, offset });
      else if (event.type === 'SourcePartitionCompleted') {
        const of = BOTH.find((name) => topics[name].name === topic);
        if (of) catalogue.addWatermark(of, event);
      }
    },
  };
}
