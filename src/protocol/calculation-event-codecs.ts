import type {
  CalculationAbandoned,
  CalculationAttemptFailed,
  CalculationHalted,
  CalculationRequested,
  InputRejected,
  ResultReceived,
} from '../model/events.ts';
import { parseMaterialId } from '../model/material-id.ts';
import { inField } from './bad-message.ts';
import { hashField, nameField, requiredField } from './checked-field.ts';
import { fromDeformationMessages, toDeformationMessages } from './deformation-message.ts';
import * as wire from './generated/elastream/v1/events.generated.ts';
import { knownFields } from './known-fields.ts';
import { fromOutcomeMessage, toOutcomeMessage } from './label-message.ts';
import { messageCodec } from './message-codec.ts';
import { fromRejectionMessage } from './rejection-message.ts';

/** Codecs for the events of calculations and of rejected input. */
export const CALCULATION_EVENT_CODECS = {
  CalculationRequested: messageCodec<CalculationRequested, wire.CalculationRequested>(
    wire.CalculationRequested,
    (event) => event,
    ({ materialHash, recipe, attemptsMax, labelSet, parkings, execution, ...message }) =>
      knownFields<CalculationRequested>({
        type: 'CalculationRequested',
        ...calculationFields(message),
        materialHash: hashField(materialHash, 'material_hash'),
        recipe,
        attemptsMax,
        labelSet: nameField(labelSet, 'label_set'),
        parkings,
        execution,
      }),
  ),
  CalculationHalted: messageCodec<CalculationHalted, wire.CalculationHalted>(
    wire.CalculationHalted,
    (event) => event,
    ({ parkings, reason, ...message }) => ({
      type: 'CalculationHalted',
      ...calculationFields(message),
      parkings,
      reason,
    }),
  ),
  CalculationAttemptFailed: messageCodec<CalculationAttemptFailed, wire.CalculationAttemptFailed>(
    wire.CalculationAttemptFailed,
    (event) => event,
    ({ attempt, reason, retry, coreSeconds, ...message }) =>
      knownFields<CalculationAttemptFailed>({
        type: 'CalculationAttemptFailed',
        ...calculationFields(message),
        attempt,
        reason,
        retry,
        coreSeconds,
      }),
  ),
  CalculationAbandoned: messageCodec<CalculationAbandoned, wire.CalculationAbandoned>(
    wire.CalculationAbandoned,
    (event) => event,
    ({ attempts, reason, ...message }) => ({
      type: 'CalculationAbandoned',
      ...calculationFields(message),
      attempts,
      reason,
    }),
  ),
  ResultReceived: messageCodec<ResultReceived, wire.ResultReceived>(
    wire.ResultReceived,
    (event) => ({
      ...event,
      ...toOutcomeMessage(event),
      deformations: toDeformationMessages(event.deformations),
    }),
    ({ attempt, materialHash, labelSet, deformations, coreSeconds, ...message }) =>
      knownFields<ResultReceived>({
        type: 'ResultReceived',
        ...calculationFields(message),
        attempt,
        materialHash: hashField(materialHash, 'material_hash'),
        labelSet: nameField(labelSet, 'label_set'),
        ...fromOutcomeMessage(message, ''),
        deformations: fromDeformationMessages(deformations),
        coreSeconds,
      }),
  ),
  InputRejected: messageCodec<InputRejected, wire.InputRejected>(
    wire.InputRejected,
    (event) => event,
    ({ id, rejection, calculationId }) =>
      knownFields<InputRejected>({
        type: 'InputRejected',
        id: hashField(id, 'id'),
        rejection: fromRejectionMessage(requiredField(rejection, 'rejection')),
        calculationId: calculationId === undefined ? undefined : hashField(calculationId, 'calculation_id'),
      }),
  ),
};

function calculationFields({ calculationId, materialId }: { calculationId: string; materialId: string }) {
  return {
    calculationId: hashField(calculationId, 'calculation_id'),
    materialId: inField('material_id', () => parseMaterialId(materialId)),
  };
}
