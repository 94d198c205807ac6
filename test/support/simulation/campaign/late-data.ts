import { materialHash } from '../../../../src/model/material-hash.ts';
import { parseMaterialId } from '../../../../src/model/material-id.ts';
import { createIngestedSources } from '../../../../src/reading/log-lookup.ts';
import type { Received } from '../../../../src/runtime/decode-records.ts';
import { createPublisher } from '../../../../src/runtime/publisher.ts';
import { retrying } from '../../../../src/runtime/retry.ts';
import { materialEvents } from '../../../../src/runtime/source-events.ts';
import type { LogContent } from '../checked-guarantees.ts';
import { SIMULATED_TOPICS as TOPICS } from '../service-world.ts';
import type { World } from '../world.ts';
import type { CampaignPlan, Latecomer, PlannedSource } from './campaign-plan.ts';
import { receivedOf } from './recorded-log.ts';

/** The provenance of every late label, and the prefix of every late material's id. */
const LATE = 'late-';
const POLL_MS = 5_000;

/** Submits a new material with its label, another label of a known material, and data that are already there. */
export async function arriveLate(world: World, plan: CampaignPlan, { source, atMs }: Latecomer): Promise<void> {
  const { log, clock, random } = world.node('latecomer').ports();
  const ports = { log, clock, random, topics: TOPICS };
  const until = clock.now() + plan.calmAfterMs;
  await clock.sleep(atMs);
  await retrying(ports, () => log.declare(Object.values(TOPICS)));
  const { id } = plan.sources[source]!;
  while (!(await retrying(ports, () => createIngestedSources(log, TOPICS)())).has(id)) {
    if (clock.now() > until) return;
    await clock.sleep(POLL_MS);
  }
  const events = lateEvents(plan.sources[source]!);
  await createPublisher(ports, 'ingestion').publish(events.map((event) => ({ event })));
}

function lateEvents({ id: source, labelSet, items }: PlannedSource) {
  const known = items.find((item) => item.kind === 'material');
  if (known === undefined) return [];
  const { material, label: of } = known;
  const label = {
    method: { kind: 'dft' as const },
    values: { g_vrh: 99, k_vrh: 111 },
    labelSet,
    provenance: `${LATE}label`,
  };
  const more = { ...material, id: parseMaterialId(`${LATE}${material.id}`) };
  return [
    ...materialEvents(source, material, materialHash(material), of ? [{ ...of, labelSet }] : []),
    ...materialEvents(source, more, materialHash(more), [label]),
    ...materialEvents(source, material, materialHash(material), [label]),
  ];
}

export function isLate(event: Received['event']): boolean {
  switch (event.type) {
    case 'MaterialIngested':
      return event.material.id.startsWith(LATE);
    case 'StructureFeaturized':
      return event.facts.materialId.startsWith(LATE);
    case 'LabelIngested':
    case 'ExampleFormed':
      return event.label.provenance.startsWith(LATE) || event.label.materialId.startsWith(LATE);
    case 'InputRejected':
      return event.rejection.code === 'source_complete';
    default:
      return false;
  }
}

/** Late data must have no example and exactly one rejection each. */
export function wronglyLate(content: LogContent): string[] {
  const all = receivedOf(content, [...content.keys()]).flatMap(({ event }) => (isLate(event) ? [event] : []));
  const idsOf = (of: (event: Received['event']) => string | undefined) =>
    new Set(all.flatMap((event) => of(event) ?? []));
  const nameOf = (source: string, id: string) => `${id} of ${source}`;
  const examples = idsOf((event) => (event.type === 'ExampleFormed' ? event.label.id : undefined));
  const brought = idsOf((event) => {
    if (event.type === 'MaterialIngested') return nameOf(event.source, event.materialHash);
    return event.type === 'LabelIngested' ? nameOf(event.source, event.label.id) : undefined;
  });
  const refused = idsOf((event) => (event.type === 'InputRejected' ? event.id : undefined));
  return [
    ...[...examples].map((id) => `(1) the late label ${id} became an example`),
    ...(brought.size === refused.size ? [] : [`(3) ${brought.size} late inputs, ${refused.size} rejections of them`]),
  ];
}
