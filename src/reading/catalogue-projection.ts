import type { CatalogueTopic, MaterialCatalogue } from '../learning/data/material-catalogue.ts';
import type { Topics } from '../model/topics.ts';
import type { Projection } from './projection.ts';

const BOTH: readonly CatalogueTopic[] = ['features', 'examples'];

/**
 * Adds the content of the events of `features` and `examples` to a catalogue; a watermark closes its source there.
 * @param read which of the two topics are read. Default: both
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
