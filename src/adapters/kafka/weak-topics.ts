import { AppError } from '../../model/app-error.ts';
import { type TopicDurability, weakSettings } from './topic-durability.ts';

/** A topic as it exists on the brokers. */
export interface FoundTopic {
  readonly name: string;
  readonly partitions: number;
  /** Number of replicas of the partition that has the fewest. */
  readonly replicas: number;
  readonly config: ReadonlyMap<string, string>;
}

/** Values for the commands that an error message suggests. */
export interface Mending {
  /** `host:port` of some brokers. */
  readonly bootstrap: readonly string[];
  /** Ids of all brokers. */
  readonly brokers: readonly number[];
}

/**
 * Refuses topics that are less durable than the settings require, and prints the commands that fix them. What may be
 * lost must not depend on who created a topic or on which brokers were alive then.
 * @throws AppError `storage_incompatible`; `unavailable`, retryable, while too few brokers are alive for the fix
 */
export function refuseWeakTopics(
  found: readonly FoundTopic[],
  durability: TopicDurability,
  { bootstrap, brokers }: Mending,
): void {
  const sparse = found.filter(({ replicas }) => replicas < durability.replicas);
  const lax = found.flatMap((topic) => {
    const settings = Object.entries(weakSettings(topic.config, durability));
    return settings.length > 0 ? [{ ...topic, settings }] : [];
  });
  if (sparse.length === 0 && lax.length === 0) return;
  if (sparse.length > 0 && brokers.length < durability.replicas) throw tooFewBrokers(brokers.length, durability);
  const problems = [
    ...sparse.map(({ name, replicas }) => `topic ${name} has replicas=${replicas}, not ${durability.replicas}`),
    ...lax.flatMap(({ name, config, settings }) =>
      settings.map(([setting, value]) => `topic ${name} has ${setting}=${config.get(setting)}, not ${value}`),
    ),
  ];
  const server = `--bootstrap-server ${bootstrap.join(',')}`;
  const commands = [
    ...(sparse.length > 0
      ? [
          `${assignmentText(sparse, brokers, durability.replicas)} > reassign.json`,
          `kafka-reassign-partitions.sh ${server} --reassignment-json-file reassign.json --execute`,
        ]
      : []),
    ...grouped(lax).map(
      ([settings, names]) =>
        `for topic in ${names.join(' ')}; do kafka-configs.sh ${server} --alter --entity-type topics ` +
        `--entity-name $topic --add-config ${settings}; done`,
    ),
  ];
  const less =
    sparse.length > 0
      ? `\nor ask for less where that is meant: kafka.replicas (KAFKA_REPLICAS=${Math.min(...sparse.map(({ replicas }) => replicas))})`
      : '';
  throw new AppError(
    'storage_incompatible',
    `topics would lose or refuse events:\n${lines(problems)}\nmend them, then start again:\n${lines(commands)}${less}`,
  );
}

/**
 * The failure when there are fewer brokers than replicas. Topics are never created with fewer replicas than required,
 * because they would keep that number.
 */
export function tooFewBrokers(there: number, { replicas }: TopicDurability): AppError {
  const message =
    `${there} of ${replicas} brokers are there, and topics keep ${replicas} copies: start the others, ` +
    `or ask for fewer copies with kafka.replicas (KAFKA_REPLICAS=${there})`;
  return new AppError('unavailable', message, { retryable: true });
}

/**
 * Returns a command that prints a reassignment of partitions to brokers in turn, so that each broker leads equally
 * many.
 */
function assignmentText(topics: readonly FoundTopic[], brokers: readonly number[], replicas: number): string {
  const names = topics.map(({ name, partitions }) => `${name}:${partitions}`).join(' ');
  return (
    `awk 'BEGIN { n = split("${brokers.join(' ')}", b, " "); m = split("${names}", t, " "); ` +
    'printf "{\\"version\\":1,\\"partitions\\":["; for (i = 1; i <= m; i++) { split(t[i], x, ":"); ' +
    'for (p = 0; p < x[2]; p++) { printf "%s{\\"topic\\":\\"%s\\",\\"partition\\":%d,\\"replicas\\":[", s, x[1], p; ' +
    `s = ","; for (k = 0; k < ${replicas}; k++) printf "%s%d", k ? "," : "", b[(p + k) % n + 1]; printf "]}" } } ` +
    `print "]}" }'`
  );
}

/** Groups the names of topics by the settings that they need, in the command's syntax. */
function grouped(
  topics: readonly { readonly name: string; readonly settings: readonly (readonly [string, string])[] }[],
): [settings: string, names: string[]][] {
  const groups = new Map<string, string[]>();
  for (const { name, settings } of topics) {
    const text = settings.map(([setting, value]) => `${setting}=${value}`).join(',');
    groups.set(text, [...(groups.get(text) ?? []), name]);
  }
  return [...groups];
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `  ${text}`).join('\n');
}
