import { cpus } from 'node:os';
import type { FaultRun } from './fault-run.ts';

/** Of a problem, the beginning says what kind it is; the run's output has all of it. */
const PROBLEM_CHARACTERS = 160;

/** The outcome of each run, as a Markdown table. */
export function faultRunsTable(faultless: FaultRun, runs: readonly FaultRun[]): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |\n`;
  const head = [
    'seed',
    'faults (second of the run)',
    'outcome',
    'time',
    'restarts',
    'submits',
    'reads',
    'doubled',
    'poison',
    'repeated results',
  ];
  const line = (run: FaultRun) =>
    row([
      run.seed ?? '-',
      run.faults.join('; ') || 'none',
      run.problems.length === 0
        ? 'the same'
        : `**${run.problems.length} problems** ${run.problems[0]!.split('\n')[0]!.slice(0, PROBLEM_CHARACTERS)}`.replaceAll(
            '|',
            ' ',
          ),
      Number.isNaN(run.seconds) ? '-' : `${run.seconds.toFixed(1)} s, x${(run.seconds / faultless.seconds).toFixed(1)}`,
      run.restarts,
      run.acknowledged,
      run.answers,
      run.doubled,
      run.poisoned,
      run.repeatedResults,
    ]);
  return [row(head), '|---|---|---|---|---:|---:|---:|---:|---:|---:|\n', ...[faultless, ...runs].map(line)].join('');
}

/** The content of docs/fault-runs.md. */
export function faultRunsPage(faultless: FaultRun, runs: readonly FaultRun[]): string {
  const failed = runs.filter(({ problems }) => problems.length > 0).length;
  const worst = Math.max(
    ...runs.map(({ seconds }) => seconds / faultless.seconds).filter((ratio) => !Number.isNaN(ratio)),
  );
  const date = new Date().toISOString().slice(0, 10);
  return `# Fault runs
\`npm run faults -- --runs 30 --markdown docs/fault-runs.md\` wrote this page on ${date} on ${cpus().length} shared cores
(${cpus()[0]?.model.trim()}), Node ${process.version}: ${runs.length} runs, ${runs.length - failed} of them with the outcome of the run
without faults, the slowest in ${worst.toFixed(1)} times its time (5 are allowed). \`--seed N\` plays one of them again.

A run is three campaigns at once, which differ in their strategy, on a cluster of their own: three Kafka brokers, NATS, ClickHouse
(its HTTP interface over chdb), two training shards, two acquisition and two calculation services, one of each other. While they go
on, a client submits materials through the gateway and another one reads them back. The next fault strikes 5 to 15 s after everything
was ready again; a quarter of them is quiet, and with a quarter another one strikes another party at once.

* kill: SIGKILL; a service and ClickHouse come back by themselves, a broker and NATS after 3 s.
* freeze: SIGSTOP for 10 s.
* slow ClickHouse: every piece on its way to and from it comes 1 s later, for 10 s.
* slow, reset, half-open link: a TCP proxy between two parties delays by 250 ms for 10 s, breaks all connections three times, or
  swallows one direction or both for 20 s without a word.
* broker link: likewise between a broker and all services ("kafka of broker"), or between it and the other brokers ("replicas of
  broker"). cut: all connections are broken and none is taken for 10 s.
* kill two brokers: both are away for 8 s: nothing is acknowledged meanwhile, and nothing that was is lost.
* wipe: the server is killed, and comes back without anything that it kept.
* poison: eight messages that are no events in every topic: bytes that are no protobuf, unknown types and versions, no attributes.
* double: from then on to the end every event of every topic is appended a second time, in other places.

The outcome is **the same** where all of this holds: every event of every topic, features, models, scores and selections, is that of
the run in one process without faults, bit for bit; no event id has two contents; every acknowledged submit is one material and one
feature vector; what both clients were told fits the log in the end, and no read showed less than one before it; the tables hold the
same rows in the end, those that were lost meanwhile too; no calculation has results of two attempts; every poison is refused with its
place; \`elastream run\` ended without a word; every service stopped well. Time is that of \`elastream run --cluster\`. Restarts counts
services, the killed ones too.
Repeated results are those that stand in the log more than once, with the same content: "double" appends them, and a replay that
was at work in a service that was killed or frozen is begun again by whoever takes over.

${faultRunsTable(faultless, runs)}`;
}
