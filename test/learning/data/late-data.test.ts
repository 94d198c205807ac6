import { expect, it } from 'vitest';
import { lateLabel, lateMaterial } from '../../../src/learning/data/late-data.ts';
import { eventBytes } from '../../../src/model/event-record.ts';
import type { LabelIngested } from '../../../src/model/events.ts';
import { toNewEvent } from '../../../src/protocol/event-message.ts';
import { routeOf } from '../../../src/protocol/event-routes.ts';
import { exampleOf, featurized } from '../../support/catalogues.ts';
import { SIMULATED_TOPICS } from '../../support/simulation/service-world.ts';

/** Nearly all that an event holds. */
const LONG = 'x'.repeat(500_000);
const ORIGIN = { time: '2026-01-01T00:00:00Z', source: '/elastream/test', traceparent: undefined };

it('refuses what comes late in an event that fits the log, however long the names are', () => {
  const features = { ...featurized({ id: 'a' }), source: LONG };
  const { label } = exampleOf(features, { g_vrh: 1 }, { provenance: LONG });
  const ingested: LabelIngested = { type: 'LabelIngested', source: LONG, label };
  for (const event of [ingested, lateLabel(ingested), lateMaterial(features)]) {
    const fitting = () => eventBytes(toNewEvent(event, routeOf(event, SIMULATED_TOPICS), ORIGIN));
    expect(fitting, event.type).not.toThrow();
  }
});
