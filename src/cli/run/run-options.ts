import { InvalidArgumentError } from 'commander';

/** The value of `--workers`. */
export function threads(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 256) return value;
  throw new InvalidArgumentError('give a whole number from 1 to 256');
}

/** The value of `--keep-models`. */
export function keptRounds(text: string): number {
  const value = text === 'all' ? Number.POSITIVE_INFINITY : Number(text);
  if (value >= 1 && (Number.isInteger(value) || text === 'all')) return value;
  throw new InvalidArgumentError("give a whole number from 1, or 'all'");
}
