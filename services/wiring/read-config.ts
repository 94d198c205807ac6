import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { AppError } from '../../src/model/app-error.ts';
import { environmentConfig, variableOf } from './environment.ts';
import { unprotected, withoutUser } from './protection.ts';
import { type ServiceConfig, serviceConfigSchema } from './service-config.ts';

export interface ConfigPlaces {
  /** A YAML file. */
  readonly file?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Name of this process, if none is configured. */
  readonly node: string;
}

/**
 * Reads the configuration from file and environment and checks it as a whole. The environment overrides the file.
 * @throws AppError `invalid_argument` that names every wrong field, its value, and the variable that sets it
 */
export function readConfig({ file, environment, node }: ConfigPlaces): ServiceConfig {
  const told = file === undefined ? {} : readFile(file);
  const given = laidOver(laidOver({ node, kafka: {} }, told), environmentConfig(environment));
  const result = serviceConfigSchema.safeParse(given);
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => problemTexts(issue, given));
    throw new AppError('invalid_argument', `the configuration cannot be used:\n${problems.join('\n')}`);
  }
  const open = unprotected(result.data);
  if (open.length === 0 || result.data.insecure) return Object.freeze(result.data);
  throw new AppError(
    'invalid_argument',
    `connections beyond this machine must be protected:\n${open.map((one) => `  ${one}`).join('\n')}\n` +
      'set up TLS for them, or allow it with insecure (ELASTREAM_INSECURE=1) where the network is trusted',
  );
}

function readFile(file: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8')) ?? {};
  } catch (cause) {
    throw new AppError('invalid_argument', `${file} cannot be read as YAML: ${(cause as Error).message}`, { cause });
  }
  if (isRecord(content)) return content;
  throw new AppError('invalid_argument', `${file} must hold names and values, such as kafka: {brokers: [...]}`);
}

function laidOver(lower: Record<string, unknown>, upper: Record<string, unknown>): Record<string, unknown> {
  const result = { ...lower };
  for (const [key, value] of Object.entries(upper)) {
    const below = result[key];
    result[key] = isRecord(below) && isRecord(value) ? laidOver(below, value) : value;
  }
  return result;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problemTexts(issue: z.core.$ZodIssue, given: unknown): string[] {
  const { path, message } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `  ${[...path, key].join('.')}: there is no such setting; --help lists them all`);
  }
  const variable = variableOf(path) ?? variableOf(path.slice(0, -1));
  const name = `  ${path.join('.')}${variable === undefined ? '' : ` (${variable})`}`;
  const value = path.reduce<unknown>(
    (within, key) => (within as Record<PropertyKey, unknown> | undefined)?.[key],
    given,
  );
  return [
    value === undefined
      ? `${name} is missing: it ${message}`
      : `${name} ${message}, not ${withoutUser(JSON.stringify(value))}`,
  ];
}
