import type { MaterialCatalogue } from '../learning/data/material-catalogue.ts';
import type { Topics } from '../model/topics.ts';
import type { Received } from './decode-records.ts';

/** Adds the content of an event of `features` or `examples` to a catalogue; a watermark closes its source there. */
export function addToCatalogue(
  catalogue: MaterialCatalogue,
  { features, examples }: Topics,
  { event, topic, partition, offset }: Received,
): void {
  if (event.type === 'StructureFeaturized') catalogue.addVersion(event, { partition, offset });
  else if (event.type === 'ExampleFormed') catalogue.addExample(event, { partition, offset });
  else if (event.type !== 'SourcePartitionCompleted') return;
  else if (topic === features.name) catalogue.addWatermark('features', event);
  else if (topic === examples.name) catalogue.addWatermark('examples', event);
}
