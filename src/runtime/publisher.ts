import type { NewEvent } from '../model/event-record.ts';
import type { SourcePartitionCompleted } from '../model/events.ts';
import type { Topic } from '../model/topics.ts';
import type { TopicPartition } from '../ports/event-log.ts';
import { toNewEvent } from '../protocol/event-message.ts';
import { type EventRoute, type RoutedEvent, routeOf, watermarkRoute } from '../protocol/event-routes.ts';
import { retrying } from './retry.ts';
import type { ServicePorts } from './service.ts';
import { spanned } from './spanned.ts';

/** An event, and its destination if that does not follow from the event itself. */
export type Publication =
  | {
      readonly event: RoutedEvent;
      /** Needed for a campaign's own events, which do not name the campaign. */
      readonly campaign?: string;
      readonly topic?: undefined;
    }
  /** A watermark: it occurs in several topics. */
  | { readonly event: SourcePartitionCompleted; readonly topic: Topic };

/** Appends events to the log. */
export interface Publisher {
  /**
   * Resolves when all events are durable. Events of one partition keep their order, even if some of them had to be
   * appended again; events of different partitions have no order.
   */
  publish(publications: readonly Publication[]): Promise<void>;
}

/** @param service the producer's name in every event */
export function createPublisher(ports: ServicePorts, service: string): Publisher {
  const { log, topics, clock, telemetry } = ports;
  const source = `/elastream/${service}`;
  return {
    async publish(publications) {
      if (publications.length === 0) return;
      const span = {
        name: 'publish',
        kind: 'producer',
        attributes: { 'messaging.system': 'kafka', 'messaging.batch.message_count': publications.length },
      } as const;
      await spanned(telemetry, span, () => publishNow(publications));
    },
  };

  async function publishNow(publications: readonly Publication[]): Promise<void> {
    const origin = { time: new Date(clock.now()).toISOString(), source, traceparent: telemetry?.traceparent() };
    const byPlace = new Map<string, { at: TopicPartition; events: NewEvent[] }>();
    for (const publication of publications) {
      const route = placeOf(publication);
      const key = `${route.partition} ${route.topic}`;
      const group = byPlace.get(key) ?? { at: { topic: route.topic, partition: route.partition }, events: [] };
      group.events.push(toNewEvent(publication.event, route, origin));
      byPlace.set(key, group);
    }
    // One append per partition: a log has no append over two.
    await Promise.all([...byPlace.values()].map(({ at, events }) => append(at, events)));
  }

  async function append(at: TopicPartition, events: readonly NewEvent[]): Promise<void> {
    const begun = clock.monotonic();
    await retrying(ports, () => log.append(at, events));
    telemetry?.appended({ topic: at.topic, events: events.length, seconds: (clock.monotonic() - begun) / 1000 });
  }

  function placeOf(publication: Publication): EventRoute {
    if (publication.topic !== undefined) return watermarkRoute(publication.event, publication.topic);
    return routeOf(publication.event, topics, publication.campaign);
  }
}
