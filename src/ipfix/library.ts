// What the package exports as `kafka2ipfix/ipfix`. Nothing in src/ imports it; what it names is kept
// to by Semantic Versioning, all else in this folder is not. docs/library.md shows its use.

export { type AbstractType, elementById, elementByName } from './information-element.ts';
export { ianaRegistry, type InformationElement } from './information-element.ts';
export { naturalLength } from './abstract-type.ts';
export { basicListField } from './basic-list.ts';
export { Decoder, type DecoderOptions, DecodeError } from './decoder.ts';
export type * from './decoded-message.ts';
export { EncodeError } from './encode-error.ts';
export { Encoder, type EncoderOptions, namedField } from './encoder.ts';
export { type FieldEncoder, type ListOptions, plainField } from './field-encoder.ts';
export { type ListSemantic, semanticName } from './list-semantics.ts';
export { type SequenceDomain, SequenceTracker } from './sequence-tracker.ts';
export { type FieldSpecifier, variableLength } from './template.ts';
