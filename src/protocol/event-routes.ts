import type { CampaignStreamEvent } from '../learning/campaign/campaign-events.ts';
import { AppError } from '../model/app-error.ts';
import { contentHash } from '../model/content-hash.ts';
import { KEY_BYTES_MAX } from '../model/event-record.ts';
import type { SourcePartitionCompleted } from '../model/events.ts';
import { keyPartition, memberPartition } from '../model/partitioner.ts';
import type { Topic, Topics } from '../model/topics.ts';
import type { DomainEvent } from './domain-event.ts';

/** Destination and id of an event. The id derives from its cause, so a replayed handler writes the same event. */
export interface EventRoute {
  readonly topic: string;
  readonly partition: number;
  /** UTF-8. */
  readonly key: Uint8Array;
  readonly id: string;
}

/** All events except watermarks, which occur in four topics: see `watermarkRoute`. */
export type RoutedEvent = Exclude<DomainEvent, SourcePartitionCompleted>;

/** Longer names are hashed, so that the hashes beside them fit into the 1024 bytes of an id. */
const NAME_BYTES_MAX = 256;
const encoder = new TextEncoder();

/**
 * @param campaign the campaign of the stream; required for a campaign's own events, of which only CampaignCreated names
 * it
 * @throws AppError `internal` if `campaign` is required and missing
 */
export function routeOf(event: RoutedEvent, topics: Topics, campaign?: string): EventRoute {
  switch (event.type) {
    case 'MaterialIngested': {
      const { source, material, materialHash } = event;
      return keyed(topics.materials, material.id, `material/${materialHash}/${nameInId(source)}`);
    }
    case 'LabelIngested':
      return keyed(topics.labels, event.label.materialId, `label/${event.label.id}/${nameInId(event.source)}`);
    case 'StructureFeaturized': {
      const { source, facts, featuresHash } = event;
      return keyed(
        topics.features,
        facts.materialId,
        `features/${facts.materialHash}/${featuresHash}/${nameInId(source)}`,
      );
    }
    case 'ExampleFormed': {
      const { source, label, featuresHash } = event;
      return keyed(topics.examples, label.materialId, `example/${label.id}/${featuresHash}/${nameInId(source)}`);
    }
    case 'TrainMember':
    case 'MemberTrained':
    case 'MemberFailed':
    case 'PredictionsStored':
      return trainingRoute(event, topics);
    case 'CalculationRequested':
    case 'CalculationHalted':
    case 'CalculationAttemptFailed':
    case 'CalculationAbandoned':
    case 'ResultReceived':
      return calculationRoute(event, topics);
    case 'InputRejected':
      return keyed(topics.rejections, event.id, `rejection/${event.id}`);
    default:
      return campaignRoute(event, topics.campaigns, event.type === 'CampaignCreated' ? event.campaign : campaign);
  }
}

/** @param topic materials, labels, features or examples: the topic that is complete */
export function watermarkRoute(event: SourcePartitionCompleted, topic: Topic): EventRoute {
  const { source, partition, hash } = event;
  const id = `completed/${topic.name}/${partition}/${hash}/${nameInId(source)}`;
  return { topic: topic.name, partition, key: keyOf(source), id };
}

type OfType<T extends DomainEvent['type']> = Extract<DomainEvent, { type: T }>;

function trainingRoute(
  event: OfType<'TrainMember' | 'MemberTrained' | 'MemberFailed' | 'PredictionsStored'>,
  { training, members }: Topics,
): EventRoute {
  const round = `${nameInId(event.campaign)}/${event.snapshotHash}`;
  switch (event.type) {
    case 'TrainMember':
      return ofMember(training, event.member, `train/${round}/${event.member}${again(event)}`);
    case 'MemberFailed':
      return ofMember(members, event.member, `failed/${round}/${event.member}${again(event)}`);
    case 'MemberTrained':
      return ofMember(members, event.member, `trained/${round}/${event.member}/${event.modelHash}`);
    case 'PredictionsStored': {
      const { partition } = event;
      return { topic: members.name, partition, key: keyOf(`${partition}`), id: `predictions/${round}/${partition}` };
    }
  }
}

/** The suffix of a command's id. Without parking it is empty: these ids are older than parking and must not change. */
function again({ parkings }: { readonly parkings: number }): string {
  return parkings === 0 ? '' : `/${parkings}`;
}

function calculationRoute(
  event: OfType<
    | 'CalculationRequested'
    | 'CalculationHalted'
    | 'CalculationAttemptFailed'
    | 'CalculationAbandoned'
    | 'ResultReceived'
  >,
  { calculations, results }: Topics,
): EventRoute {
  const { calculationId, materialId } = event;
  const id = `calculation/${calculationId}`;
  switch (event.type) {
    case 'CalculationRequested':
      return keyed(calculations, materialId, `${id}/requested/${nameInId(event.labelSet)}${again(event)}`);
    case 'CalculationHalted':
      return keyed(calculations, materialId, `${id}/halted${again(event)}`);
    case 'CalculationAttemptFailed':
      return keyed(calculations, materialId, `${id}/failed/${event.attempt}`);
    case 'CalculationAbandoned':
      return keyed(calculations, materialId, `${id}/abandoned`);
    case 'ResultReceived':
      return keyed(results, materialId, `result/${calculationId}/${event.attempt}`);
  }
}

function campaignRoute(event: CampaignStreamEvent, topic: Topic, campaign: string | undefined): EventRoute {
  if (campaign === undefined) throw new AppError('internal', `${event.type} needs the campaign that it belongs to`);
  return keyed(topic, campaign, `campaign/${nameInId(campaign)}/${placeInStream(event)}`);
}

function placeInStream(event: CampaignStreamEvent): string {
  if (event.type === 'CampaignCreated') return `created/${event.configHash}`;
  const writer = nameInId(event.writer);
  if (event.type === 'EpochClaimed') return `claimed/${event.epoch}/${writer}`;
  return `${event.epoch}/${writer}/${event.sequence}`;
}

function keyed(topic: Topic, name: string, id: string): EventRoute {
  const key = keyOf(name);
  return { topic: topic.name, partition: keyPartition(key, topic.partitions), key, id };
}

function ofMember(topic: Topic, member: number, id: string): EventRoute {
  return { topic: topic.name, partition: memberPartition(member, topic.partitions), key: keyOf(`${member}`), id };
}

/** The key for a name: the name itself, or its hash if it is too long. */
export function keyOf(name: string): Uint8Array {
  const key = encoder.encode(name);
  return key.length <= KEY_BYTES_MAX ? key : encoder.encode(contentHash('key', [name]));
}

/** The form of a name in ids: the name itself, or its hash if it is too long. */
export function nameInId(name: string): string {
  return encoder.encode(name).length <= NAME_BYTES_MAX ? name : contentHash('name', [name]);
}
