import { RejectedInput } from '../model/rejection.ts';

/** What a message says is not what it must say; the field is named as in the .proto file. */
export function badMessage(field: string, problem: string): RejectedInput {
  return new RejectedInput('bad_message', `${field} ${problem}`);
}

/** Whatever refuses a field's content, it is the message that is bad. */
export function inField<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RejectedInput) throw badMessage(field, `is refused: ${error.message}`);
    throw error;
  }
}
