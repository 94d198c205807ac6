import { VARIABLES } from './environment.ts';

/** Returns the text of a service's `--help`. */
export function helpText({ name, summary }: { readonly name: string; readonly summary: string }): string {
  const width = Math.max(...Object.keys(VARIABLES).map((variable) => variable.length));
  const variables = Object.entries(VARIABLES).map(
    ([variable, { path, meaning }]) => `  ${variable.padEnd(width)}  ${meaning} [${path.join('.')}]`,
  );
  return `Usage: node dist/services/${name}/main.js [--config FILE]

${summary}

Settings come from a YAML file (--config) and from the environment, which wins; the file's names stand in brackets.
${variables.join('\n')}

Health: /health/live and /health/ready, metrics: /metrics, at ELASTREAM_HTTP_LISTEN. Logs are JSON lines on standard
output. SIGTERM stops well: what is at work is finished, and the partitions are handed over.

Exit codes: 0 stopped, 1 failed (start it again), 2 the configuration cannot be used.

Example:
  KAFKA_BROKERS=127.0.0.1:9092 NATS_URL=nats://127.0.0.1:4222 CLICKHOUSE_URL=http://127.0.0.1:8123 \\
    node dist/services/${name}/main.js
`;
}
