import { type DestinationStream, destination as openDestination, pino } from 'pino';
import { AppError } from '../../model/app-error.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger, LogLevel } from '../../ports/telemetry.ts';
import { createRepeatedErrors, type LeftOut } from './repeated-errors.ts';
import { withoutSecrets } from './without-secrets.ts';

export interface ServiceLoggerOptions {
  readonly service: string;
  /** Name of this process of the service. */
  readonly node: string;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Default: `info`. */
  readonly level?: LogLevel;
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

export interface ServiceLogger extends Logger {
  /** Logs how often errors were left out. */
  close(): void;
}

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Creates a logger that writes one JSON object per line. */
export function createServiceLogger(options: ServiceLoggerOptions): ServiceLogger {
  const { service, node, clock, level: levelMin = 'info' } = options;
  // Written synchronously: the last line before a crash is the most important one.
  const destination = options.destination ?? openDestination({ dest: 1, sync: true });
  const logger = pino(
    {
      level: levelMin,
      base: { service, node },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      // The error is already a plain object, which the default serializer would change.
      serializers: { err: (err: unknown) => err },
    },
    destination,
  );
  const repeated = createRepeatedErrors<Line>(clock);
  const write = ({ level, message, fields }: Line) => logger[level](fields, message);
  const writeLeftOut = ({ line, count }: LeftOut<Line>) => {
    write({ ...line, fields: { ...line.fields, left_out: count } });
  };
  return {
    log(level, message, fields = {}) {
      if (!logger.isLevelEnabled(level)) return;
      const { err, ...others } = fields;
      const line = {
        level,
        message: String(withoutSecrets(message)),
        fields: withoutSecrets(others) as Line['fields'],
      };
      if (err === undefined) write(line);
      else logError(line, errorFields(err));
      repeated.over().forEach(writeLeftOut);
    },
    close: () => repeated.all().forEach(writeLeftOut),
  };

  function logError({ level, message, fields }: Line, err: ErrorFields): void {
    const line = { level, message, fields: { ...fields, err } };
    const count = repeated.admit(`${level} ${message} ${err.code} ${err.message}`, line);
    if (count === 0) write(line);
    else if (count !== undefined) writeLeftOut({ line, count });
  }
}

interface ErrorFields {
  readonly code: string;
  readonly retryable: boolean;
  readonly message: string;
  readonly stack?: string;
}

/**
 * Any other error than an AppError is a defect of this program. Only defects need a stack: an AppError says what to do.
 */
function errorFields(error: unknown): ErrorFields {
  const { code, retryable } = error instanceof AppError ? error : { code: 'internal', retryable: false };
  const message = error instanceof Error ? error.message : String(error);
  const stack = code === 'internal' && error instanceof Error ? error.stack : undefined;
  return withoutSecrets({ code, retryable, message, ...(stack !== undefined && { stack }) }) as ErrorFields;
}
