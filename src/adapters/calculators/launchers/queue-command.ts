import { spawn } from 'node:child_process';
import { AppError } from '../../../model/app-error.ts';
import { quoted } from '../programs/run-script.ts';

/** A program of a queue, with its arguments. */
export interface QueueCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** What it reads from its standard input. */
  readonly input?: string;
}

export interface QueueAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type RunQueueCommand = (command: QueueCommand) => Promise<QueueAnswer>;

const ANSWER_MS_MAX = 60_000;
const ANSWER_BYTES_MAX = 64 * 2 ** 20;
/** Exit codes of ssh itself, and of a shell that finds no program. */
const [SSH_FAILED, NOT_FOUND] = [255, 127];

/**
 * Runs programs of a queue, here or on another machine. None is waited for longer than a minute: a queue's controller
 * that is down lets them wait without end.
 */
export function createQueueCommands(ssh: string | undefined, timeoutMs = ANSWER_MS_MAX): RunQueueCommand {
  return async ({ program, args, input = '' }) => {
    const [name, ...rest] = ssh === undefined ? [program, ...args] : overSsh(ssh, [program, ...args]);
    const answer = await answerOf(name!, rest, { input, timeoutMs, what: ssh ? `${program} on ${ssh}` : program });
    if (ssh !== undefined && answer.code === SSH_FAILED && !/job/i.test(answer.stderr)) {
      throw unavailable(`${ssh} cannot be reached: ${answer.stderr.trim().slice(0, 300)}`);
    }
    if (answer.code === NOT_FOUND) throw missing(program, ssh);
    return answer;
  };
}

/** The other machine's shell gets every argument in quotes. */
function overSsh(host: string, argv: readonly string[]): string[] {
  return ['ssh', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=15', '--', host, argv.map(quoted).join(' ')];
}

interface Asking {
  readonly input: string;
  readonly timeoutMs: number;
  readonly what: string;
}

function answerOf(name: string, args: readonly string[], { input, timeoutMs, what }: Asking): Promise<QueueAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
    let bytes = 0;
    const end = () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    const timer = setTimeout(() => {
      reject(unavailable(`${what} has not answered for ${timeoutMs / 1000} s: is the queue's controller up?`));
      end();
    }, timeoutMs);
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= ANSWER_BYTES_MAX) chunks[stream].push(chunk);
      });
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(error.code === 'ENOENT' ? missing(name, undefined) : unavailable(`${what}: ${error.message}`));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const text = (stream: 'stdout' | 'stderr') => Buffer.concat(chunks[stream]).toString('utf8');
      if (bytes > ANSWER_BYTES_MAX) reject(unavailable(`${what} has answered with over 64 MiB`));
      else resolve({ code: code ?? 1, stdout: text('stdout'), stderr: text('stderr') });
    });
    // It may end without reading.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

export function unavailable(message: string): AppError {
  return new AppError('unavailable', message, { retryable: true });
}

function missing(program: string, ssh: string | undefined): AppError {
  const where = ssh === undefined ? 'on this machine' : `on ${ssh}`;
  return new AppError(
    'dependency_missing',
    `${program} was not found ${where}: install the queue's programs, or mend PATH`,
  );
}
