import type { SeededRandom } from '../seeded-random.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Accidents, Way } from './kafka-network.ts';
import type { SimulatedKafka } from './simulated-kafka.ts';

/** A temporary fault of the brokers or of the paths to them. */
type Episode = { readonly fromMs: number; readonly forMs: number } & (
  | { readonly kind: 'broker killed'; readonly broker: number; readonly lost: number }
  | { readonly kind: 'broker frozen'; readonly broker: number }
  /** The broker's disk is full: like a real broker, it ends. */
  | { readonly kind: 'disk full'; readonly broker: number }
  | { readonly kind: 'brokers apart'; readonly between: readonly [number, number] }
  | { readonly kind: 'leaders moved'; readonly broker: number }
  | { readonly kind: 'way cut'; readonly way: Way }
  | { readonly kind: 'connections reset'; readonly broker: number; readonly client: string }
  | { readonly kind: 'process blocked'; readonly client: string }
);

export interface Weather {
  readonly episodes: readonly Episode[];
  /** Probabilities per request. */
  readonly lost: number;
  readonly slow: number;
  /** From this time on no new fault occurs. */
  readonly calmAfterMs: number;
}

export interface WeatherArea {
  readonly brokers: number;
  readonly clients: readonly string[];
  readonly spanMs: number;
}

/** Most episodes are short; some are longer than any retry lasts. */
const EPISODE_MS_MAX = 90_000;
const SLOW_MS_MAX = 4000;
const HOP_MS = 1;

export function drawWeather(random: SeededRandom, area: WeatherArea): Weather {
  const single = Array.from({ length: random.int(12) }, () => drawEpisode(random, area));
  return {
    episodes: random.chance(0.3) ? [...single, ...drawShortage(random, area)] : single,
    lost: random.pick([0, 0.01, 0.05]),
    slow: random.pick([0, 0.02, 0.1]),
    calmAfterMs: area.spanMs,
  };
}

function drawEpisode(random: SeededRandom, { brokers, clients, spanMs }: WeatherArea): Episode {
  const fromMs = random.int(spanMs);
  const forMs = Math.min(spanMs - fromMs, Math.round(EPISODE_MS_MAX ** random.uniform()));
  const [broker, other] = random.shuffle(Array.from({ length: brokers }, (_, id) => id)) as [number, number?];
  const client = random.pick(clients);
  const times = { fromMs, forMs };
  const kinds: readonly (() => Episode)[] = [
    () => ({ ...times, kind: 'broker killed', broker, lost: random.pick([0, 0, 5]) }),
    () => ({ ...times, kind: 'broker frozen', broker }),
    () => ({ ...times, kind: 'disk full', broker }),
    () => ({ ...times, kind: 'brokers apart', between: [broker, other ?? broker] }),
    () => ({ ...times, kind: 'leaders moved', broker }),
    () => ({ ...times, kind: 'way cut', way: drawWay(random, client, broker) }),
    () => ({ ...times, kind: 'connections reset', broker, client }),
    () => ({ ...times, kind: 'process blocked', client }),
  ];
  return random.pick(kinds)();
}

/** All brokers except one are down, for about as long as an appending client retries. */
function drawShortage(random: SeededRandom, { brokers, spanMs }: WeatherArea): Episode[] {
  const times = { fromMs: random.int(spanMs / 2), forMs: 25_000 + random.int(spanMs / 4) };
  const all = random.shuffle(Array.from({ length: brokers }, (_, id) => id));
  return all.slice(1).map((broker) => ({ ...times, kind: 'broker killed', broker, lost: 0 }));
}

/** Usually cuts one direction: requests arrive and answers do not, or the other way round. */
function drawWay(random: SeededRandom, client: string, broker: number): Way {
  return {
    client: random.pick([client, client, '*']),
    broker: random.pick([broker, broker, '*']),
    direction: random.pick(['there', 'back']),
  };
}

/** The weather as it runs from `begin` on. */
export interface RunningWeather {
  readonly accidents: Accidents;
  begin(kafka: SimulatedKafka): void;
}

export function createWeather(
  { episodes, lost, slow, calmAfterMs }: Weather,
  { clock, random, tell }: Pick<Surroundings, 'clock' | 'random' | 'tell'>,
): RunningWeather {
  const chance = random.fork('accidents');
  let calmAt = Number.NEGATIVE_INFINITY;
  const isCalm = () => clock.now() >= calmAt;
  return {
    accidents: {
      delayMs: () => (!isCalm() && chance.chance(slow) ? Math.ceil(SLOW_MS_MAX ** chance.uniform()) : HOP_MS),
      isLost: () => !isCalm() && chance.chance(lost),
    },
    begin(kafka) {
      calmAt = clock.now() + calmAfterMs;
      const hold = createHolds();
      for (const episode of episodes) {
        const { begin, end } = course(episode, kafka, hold);
        void (async () => {
          await clock.sleep(episode.fromMs);
          tell('weather', JSON.stringify(episode));
          begin();
          await clock.sleep(episode.forMs);
          end();
        })();
      }
    },
  };
}

type Hold = (what: string, begin: () => void, end: () => void) => Course;

/** If several episodes hold the same thing, it is released when the last of them ends. */
function createHolds(): Hold {
  const holds = new Map<string, number>();
  return (what, begin, end) => ({
    begin: () => {
      holds.set(what, (holds.get(what) ?? 0) + 1);
      if (holds.get(what) === 1) begin();
    },
    end: () => {
      holds.set(what, holds.get(what)! - 1);
      if (holds.get(what) === 0) end();
    },
  });
}

interface Course {
  begin(): void;
  end(): void;
}

function course(episode: Episode, { brokers, network }: SimulatedKafka, hold: Hold): Course {
  const once = (begin: () => void): Course => ({ begin, end: () => {} });
  const down = (broker: number, lost: number) =>
    hold(
      `down ${broker}`,
      () => {
        brokers.kill(broker, lost);
        network.reset(broker);
      },
      () => brokers.restart(broker),
    );
  switch (episode.kind) {
    case 'broker killed':
      return down(episode.broker, episode.lost);
    case 'disk full':
      return down(episode.broker, 0);
    case 'broker frozen':
      return hold(
        `frozen ${episode.broker}`,
        () => brokers.freeze(episode.broker),
        () => brokers.thaw(episode.broker),
      );
    case 'brokers apart': {
      const [a, b] = episode.between;
      if (a === b) return once(() => {});
      return hold(
        `apart ${Math.min(a, b)} ${Math.max(a, b)}`,
        () => brokers.setReplication(a, b, false),
        () => brokers.setReplication(a, b, true),
      );
    }
    case 'leaders moved':
      return once(() => brokers.moveLeaders(episode.broker));
    case 'way cut':
      return hold(
        JSON.stringify(episode.way),
        () => network.cut(episode.way),
        () => network.mend(episode.way),
      );
    case 'connections reset':
      return once(() => network.reset(episode.broker, episode.client));
    case 'process blocked':
      return once(() => network.block(episode.client, episode.forMs));
  }
}
