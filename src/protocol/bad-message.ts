import { RejectedInput } from '../model/rejection.ts';

/** The error for a field whose content is invalid; the field is named as in the .proto file. */
export function badMessage(field: string, problem: string): RejectedInput {
  return new RejectedInput('bad_message', `${field} ${problem}`);
}

/** Runs `parse`; any rejection of the field's content becomes a `bad_message` that names the field. */
export function inField<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RejectedInput) throw badMessage(field, `is refused: ${error.message}`);
    throw error;
  }
}
