import { AppError } from '../../model/app-error.ts';
import { isClusterUrl } from './cluster-url.ts';

/** Commands whose first argument is a directory, or else a cluster's gateway. */
const WITH_A_PLACE: ReadonlySet<string> = new Set([
  ...['status', 'predict', 'report', 'export', 'sql', 'rebuild'],
  ...['pause', 'resume', 'cancel'],
]);
const OPTION = '--cluster';

/** Whether a command can be given a cluster. */
export function takesCluster(command: string): boolean {
  return command === 'run' || WITH_A_PLACE.has(command);
}

/**
 * The command line with `--cluster URL` put where a directory would stand, so that every command knows one place only.
 * @param args without program and script
 * @throws AppError `invalid_argument` where the URL is none
 */
export function withClusterAsPlace(args: readonly string[]): string[] {
  const at = args.findIndex((arg) => arg === OPTION || arg.startsWith(`${OPTION}=`));
  // What stands behind -- is no option.
  if (at < 0 || (args.includes('--') && args.indexOf('--') < at)) return [...args];
  const isOne = args[at] !== OPTION;
  const url = isOne ? args[at]!.slice(OPTION.length + 1) : args[at + 1];
  if (url === undefined || !isClusterUrl(url)) {
    const message = `--cluster needs the address of a gateway, grpc://host:port or grpcs://host:port, not ${url ?? 'nothing'}`;
    throw new AppError('invalid_argument', message);
  }
  const [command, ...others] = [...args.slice(0, at), ...args.slice(at + (isOne ? 1 : 2))];
  if (command === 'run') return ['run', ...others, '--dir', url];
  if (command !== undefined && takesCluster(command)) return [command, url, ...others];
  throw new AppError('invalid_argument', `elastream ${command ?? ''} works without a cluster: leave --cluster out`);
}
