import type {
  ExampleFormed,
  LabelIngested,
  MaterialIngested,
  SourcePartitionCompleted,
  StructureFeaturized,
} from '../model/events.ts';
import { hashField, nameField, requiredField } from './checked-field.ts';
import * as wire from './generated/elastream/v1/events.generated.ts';
import { knownFields } from './known-fields.ts';
import { fromFidelityMessages, fromLabelMessage, toFidelityMessages, toLabelMessage } from './label-message.ts';
import { fromFactsMessage, fromMaterialMessage, toMaterialMessage } from './material-message.ts';
import { messageCodec } from './message-codec.ts';

/** Codecs for the events of a source's materials and labels. */
export const SOURCE_EVENT_CODECS = {
  MaterialIngested: messageCodec<MaterialIngested, wire.MaterialIngested>(
    wire.MaterialIngested,
    (event) => ({ ...event, material: toMaterialMessage(event.material) }),
    ({ source, material, materialHash }) => ({
      type: 'MaterialIngested',
      source: nameField(source, 'source'),
      material: fromMaterialMessage(requiredField(material, 'material'), 'material'),
      materialHash: hashField(materialHash, 'material_hash'),
    }),
  ),
  LabelIngested: messageCodec<LabelIngested, wire.LabelIngested>(
    wire.LabelIngested,
    (event) => ({ ...event, label: toLabelMessage(event.label) }),
    ({ source, label }) => ({
      type: 'LabelIngested',
      source: nameField(source, 'source'),
      label: fromLabelMessage(requiredField(label, 'label'), 'label'),
    }),
  ),
  SourcePartitionCompleted: messageCodec<SourcePartitionCompleted, wire.SourcePartitionCompleted>(
    wire.SourcePartitionCompleted,
    (event) => event,
    ({ source, partition, count, hash }) => ({
      type: 'SourcePartitionCompleted',
      source: nameField(source, 'source'),
      partition,
      count,
      hash: hashField(hash, 'hash'),
    }),
  ),
  StructureFeaturized: messageCodec<StructureFeaturized, wire.StructureFeaturized>(
    wire.StructureFeaturized,
    (event) => ({
      ...event,
      vector: Array.from(event.vector),
      fidelities: toFidelityMessages(event.fidelities),
    }),
    ({ source, facts, featuresHash, vector, fidelities }) =>
      knownFields<StructureFeaturized>({
        type: 'StructureFeaturized',
        source: nameField(source, 'source'),
        facts: fromFactsMessage(requiredField(facts, 'facts'), 'facts'),
        featuresHash: hashField(featuresHash, 'features_hash'),
        vector: Float64Array.from(vector),
        fidelities: fromFidelityMessages(fidelities),
      }),
  ),
  ExampleFormed: messageCodec<ExampleFormed, wire.ExampleFormed>(
    wire.ExampleFormed,
    (event) => ({
      ...event,
      label: toLabelMessage(event.label),
      vector: Array.from(event.vector),
      fidelities: toFidelityMessages(event.fidelities),
    }),
    ({ source, label, facts, featuresHash, vector, featureSchema, fidelities }) =>
      knownFields<ExampleFormed>({
        type: 'ExampleFormed',
        source: nameField(source, 'source'),
        label: fromLabelMessage(requiredField(label, 'label'), 'label'),
        facts: fromFactsMessage(requiredField(facts, 'facts'), 'facts'),
        featuresHash: hashField(featuresHash, 'features_hash'),
        vector: Float64Array.from(vector),
        featureSchema,
        fidelities: fromFidelityMessages(fidelities),
      }),
  ),
};
