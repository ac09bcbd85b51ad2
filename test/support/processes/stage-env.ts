// The settings that every stage of a test or bench needs: from where, as which group, to where.

export interface StageAround {
  readonly brokers: string | readonly string[];
  /** Several are separated by commas. */
  readonly topic: string;
  readonly group: string;
  /** As COLLECTORS has it. */
  readonly collector: string;
}

/** A group without offsets begins at the first record, so that a stage can start after the producer. */
export const stageEnv = ({ brokers, topic, group, collector }: StageAround) => ({
  KAFKA_BROKERS: [brokers].flat().join(','),
  KAFKA_TOPICS: topic,
  KAFKA_GROUP_ID: group,
  KAFKA_AUTO_OFFSET_RESET: 'earliest',
  COLLECTORS: collector,
});
