import { once } from 'node:events';
import { Command, InvalidArgumentError } from 'commander';
import { assertOurs } from './campaign/campaign-directory.ts';
import { listenForInterruption } from './interruption.ts';
import { openLoop } from './run/open-loop.ts';
import { keptRounds, threads } from './run/run-options.ts';
import { assertProtected } from './serve/serve-network.ts';

const HELP_AFTER = `
Programs call it as they call a cluster's gateway (protos/elastream/v1/services.proto; examples/python has a client in
Python), and every command takes its address with --cluster. The campaigns of the directory go on meanwhile, and more
can be made from elsewhere. A directory that is not there is made.

Without certificates it listens on this machine alone, where every user can call it. With ELASTREAM_GRPC_CA_FILE,
ELASTREAM_GRPC_CERTIFICATE_FILE and ELASTREAM_GRPC_KEY_FILE (PEM) calls are protected by mutual TLS, and the common name
of a caller's certificate is its role, as in a cluster.

Whoever can create campaigns here could start programs as you: campaigns of calculator.kind: command start those alone
that --programs names, as their argv does.

Ctrl-C finishes what is at work and stops; again stops at once.

Examples:
  elastream serve --dir campaigns
  elastream run campaign.yaml --cluster grpc://127.0.0.1:7400
  elastream status --cluster grpc://127.0.0.1:7400`;

interface ServeFlags {
  readonly listen: string;
  readonly tables: boolean;
  readonly quiet?: boolean;
  readonly workers?: number;
  readonly keepModels?: number;
  readonly programs: readonly string[] | 'any';
}

/** `elastream serve --dir DIR`: a directory's campaigns at a network address. */
export function serveCommand(): Command {
  return new Command('serve')
    .summary('let programs use a directory over gRPC')
    .description('Runs the campaigns of a directory, and serves programs at a network address until it is stopped.')
    .argument('<dir>')
    .option('--listen <host:port>', 'where to listen; port 0 takes a free one', address, '127.0.0.1:7400')
    .option('--workers <n>', 'threads that featurize and train, each (default: the number of cores)', threads)
    .option('--keep-models <n|all>', 'newest rounds whose models are kept (default: 1)', keptRounds)
    .option('--programs <names|any>', 'programs that campaigns may start, with commas between', programs, [])
    .option('--no-tables', 'do not fill the tables of elastream sql')
    .option('-q, --quiet', 'no lines on standard error')
    .addHelpText('after', HELP_AFTER)
    .action(serve);
}

async function serve(directory: string, flags: ServeFlags): Promise<void> {
  const { listen, tables, quiet, workers, keepModels, programs: allowed } = flags;
  assertOurs(directory);
  assertProtected(listen, process.env);
  const note = (line: string) => void (quiet || process.stderr.write(`${line}\n`));
  const stopping = new AbortController();
  const interruption = listenForInterruption(() => {
    note('finishing what is at work; press Ctrl-C again to stop at once');
    stopping.abort();
  });
  const loop = await openLoop(directory, {
    // Nobody knows yet what the campaigns of a new directory will want: the longest vectors hold all sets.
    ...{ tables, note, listen, programs: allowed, features: 'all+g' },
    ...(workers !== undefined && { workers }),
    ...(keepModels !== undefined && { keepModels }),
  });
  try {
    note(`serves ${directory} at ${loop.url}; Ctrl-C stops`);
    await Promise.race([aborted(stopping.signal), loop.failed]);
  } finally {
    await loop.close();
  }
  interruption.dispose();
}

function programs(text: string): readonly string[] | 'any' {
  return text === 'any' ? text : text.split(',').map((name) => name.trim());
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

function address(text: string): string {
  if (Number(/^[^\s/]+:(\d{1,5})$/.exec(text)?.[1] ?? Number.NaN) <= 65_535) return text;
  throw new InvalidArgumentError('give host:port with a port up to 65535');
}
