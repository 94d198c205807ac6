import type { Deformation } from '../model/deformation.ts';
import { badMessage } from './bad-message.ts';
import type { Deformation as DeformationMessage } from './generated/elastream/v1/events.generated.ts';

const GRADIENT_ENTRIES = 9;
const STRESS_ENTRIES = 6;

export function toDeformationMessages(deformations: readonly Deformation[] = []): DeformationMessage[] {
  return deformations.map(({ gradient, stress, provenance }) => {
    return { gradient: Array.from(gradient), stress: Array.from(stress), provenance };
  });
}

/** @returns undefined for an empty list */
export function fromDeformationMessages(messages: readonly DeformationMessage[]): Deformation[] | undefined {
  if (messages.length === 0) return undefined;
  return messages.map(({ gradient, stress, provenance }) => ({
    gradient: numbersField(gradient, GRADIENT_ENTRIES, 'deformations.gradient'),
    stress: numbersField(stress, STRESS_ENTRIES, 'deformations.stress'),
    provenance,
  }));
}

function numbersField(numbers: readonly number[], entries: number, field: string): Float64Array {
  if (numbers.length === entries) return Float64Array.from(numbers);
  throw badMessage(field, `must have ${entries} entries, not ${numbers.length}`);
}
