import type { MemberFailed, MemberTrained, PredictionsStored, TrainedTarget, TrainMember } from '../model/events.ts';
import { badMessage } from './bad-message.ts';
import { hashField, nameField, requiredField, targetField } from './checked-field.ts';
import * as wire from './generated/elastream/v1/events.generated.ts';
import { messageCodec } from './message-codec.ts';

const MODEL_NAME = /^[0-9a-f]{64}$/;
const INT32_MAX = 2 ** 31 - 1;

/** Codecs for the commands to the shards and for their events. */
export const TRAINING_EVENT_CODECS = {
  TrainMember: messageCodec<TrainMember, wire.TrainMember>(
    wire.TrainMember,
    (event) => event,
    ({ member, parkings, ...message }) => ({ type: 'TrainMember', ...snapshotFields(message), member, parkings }),
  ),
  MemberFailed: messageCodec<MemberFailed, wire.MemberFailed>(
    wire.MemberFailed,
    (event) => event,
    ({ member, parkings, reason, ...message }) => {
      return { type: 'MemberFailed', ...snapshotFields(message), member, parkings, reason };
    },
  ),
  MemberTrained: messageCodec<MemberTrained, wire.MemberTrained>(
    wire.MemberTrained,
    (event) => ({ ...event, targets: event.targets.map(toTargetMessage) }),
    ({ member, modelHash, targets, engine, seconds, ...message }) => ({
      type: 'MemberTrained',
      ...snapshotFields(message),
      member,
      modelHash: hashField(modelHash, 'model_hash'),
      targets: targets.map(fromTargetMessage),
      engine,
      seconds,
    }),
  ),
  PredictionsStored: messageCodec<PredictionsStored, wire.PredictionsStored>(
    wire.PredictionsStored,
    (event) => event,
    ({ partition, ...message }) => ({ type: 'PredictionsStored', ...snapshotFields(message), partition }),
  ),
};

function snapshotFields({
  campaign,
  round,
  snapshotHash,
}: Pick<wire.TrainMember, 'campaign' | 'round' | 'snapshotHash'>) {
  return {
    campaign: nameField(campaign, 'campaign'),
    round,
    snapshotHash: hashField(snapshotHash, 'snapshot_hash'),
  };
}

function toTargetMessage(target: TrainedTarget): wire.TrainedTarget {
  const { heldOutRows, heldOutPredictions } = target;
  return { ...target, heldOutRows: Array.from(heldOutRows), heldOutPredictions: Array.from(heldOutPredictions) };
}

function fromTargetMessage(message: wire.TrainedTarget): TrainedTarget {
  const { model, trainingRows, heldOutRows, heldOutPredictions } = message;
  if (!MODEL_NAME.test(model)) throw badMessage('targets.model', `must be 64 hexadecimal digits, not "${model}"`);
  if (heldOutRows.length !== heldOutPredictions.length) {
    const lengths = `${heldOutPredictions.length} numbers for ${heldOutRows.length} rows`;
    throw badMessage('targets.held_out_predictions', `have ${lengths}`);
  }
  const beyond = heldOutRows.find((row) => row > INT32_MAX);
  if (beyond !== undefined) throw badMessage('targets.held_out_rows', `has ${beyond}; at most ${INT32_MAX} is a row`);
  return {
    target: targetField(message.target, 'targets.target'),
    model,
    treesHash: hashField(message.treesHash, 'targets.trees_hash'),
    trainingRows,
    heldOutRows: Int32Array.from(heldOutRows),
    heldOutPredictions: Float64Array.from(heldOutPredictions),
    heldOut: requiredField(message.heldOut, 'targets.held_out'),
  };
}
