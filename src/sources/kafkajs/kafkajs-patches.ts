// All that is changed inside kafkajs, by one list. It is applied when this file is first imported, and
// only to the version that it was written for.

import { withoutEmptyRest } from './kafka-socket.ts';
import { checkInstalledVersion } from './kafkajs-inside.ts';
import * as membership from './kafkajs-membership.ts';
import * as recordSets from './kafkajs-record-sets.ts';
import * as requests from './kafkajs-requests.ts';

const patches = [
  requests.metadataWithTopicIds,
  requests.metadataAnswersOrFails,
  requests.fetchByTopicId,
  requests.commitOfEachPartition,
  requests.patientSyncGroup,
  recordSets.recordsAsTheyCame,
  recordSets.fetchForReaders,
  membership.groupsFetchRecordSets,
  membership.groupsLeaveOutTheAway,
  membership.groupsKeepTheirFetchers,
  membership.heartbeatsInTime,
  membership.hookedJoins,
  membership.keepsASeedBroker,
  membership.fetchersEndWithTheirRunner,
  withoutEmptyRest,
];

checkInstalledVersion();
for (const patch of patches) patch();
