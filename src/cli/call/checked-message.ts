import { type ContractField, type Contracts, camelCase } from '../../adapters/proto-loader/contracts.ts';
import { AppError } from '../../model/app-error.ts';

/**
 * Reads a message from JSON and checks it: a field that is misspelt would otherwise be left out, and a text where a number
 * belongs would become 0, without a word.
 * @throws AppError `invalid_argument` that names field, value and remedy
 */
export function checkedMessage(contracts: Contracts, message: string, json: string): object {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new AppError('invalid_argument', `the message is not JSON: ${(cause as Error).message}`, { cause });
  }
  return checkedObject(contracts, message, value, message);
}

function checkedObject(contracts: Contracts, message: string, value: unknown, at: string): object {
  const fields = contracts.fieldsOf(message);
  if (fields === undefined) return value as object;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(at, value, 'an object');
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = camelCase(key);
      const field = fields.get(name);
      if (field) return [name, checkedField(contracts, field, inner, `${at}.${key}`)];
      const known = fields.size === 0 ? 'it has no fields' : `it has ${[...fields.keys()].join(', ')}`;
      throw new AppError('invalid_argument', `${message} has no field ${key}: ${known}`);
    }),
  );
}

function checkedField(contracts: Contracts, field: ContractField, value: unknown, at: string): unknown {
  if (!field.isRepeated) return checkedValue(contracts, field, value, at);
  if (!Array.isArray(value)) throw wrong(at, value, 'a list');
  return value.map((one, i) => checkedValue(contracts, field, one, `${at}[${i}]`));
}

function checkedValue(contracts: Contracts, { kind, message }: ContractField, value: unknown, at: string): unknown {
  switch (kind) {
    case 'message':
      return checkedObject(contracts, message!, value, at);
    case 'text':
      if (typeof value !== 'string') throw wrong(at, value, 'a text');
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong(at, value, 'true or false');
      return value;
    case 'number':
      if (typeof value !== 'number' && !/^(-?\d+|NaN|-?Infinity)$/.test(String(value)))
        throw wrong(at, value, 'a number');
      return value;
  }
}

function wrong(at: string, value: unknown, kind: string): AppError {
  return new AppError('invalid_argument', `${at} must be ${kind}, not ${JSON.stringify(value)}`);
}
