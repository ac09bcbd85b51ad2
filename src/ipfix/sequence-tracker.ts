// Follows Sequence Numbers as RFC 7011 §3.1 and §10.3.2 define them: the number of Data Records
// sent before this Message, mod 2^32, for each Transport Session and Observation Domain.

const modulus = 2 ** 32;
/** Further back than any network reorders: the exporter started again on the same port. */
const restartDistance = 2 ** 20;
/** Gaps remembered for each domain, so that a Message that was only late is not called missing. */
const gapsMax = 256;

/** The parts of a Message that SequenceTracker needs; a DecodedMessage has them. */
interface SequencedMessage {
  readonly observationDomainId: number;
  readonly sequenceNumber: number;
  /** Data Records in the Message, including those of Options Templates. */
  readonly dataRecordCount: number;
  /** If there are any, the Message has Data Records that cannot be counted. */
  readonly unknownSets?: { readonly length: number };
}

/** Counts of one Observation Domain of one session, or of all of them. */
export interface SequenceCounts {
  /** Messages observed. */
  messages: number;
  /** How often the Sequence Number was higher than expected. */
  gaps: number;
  /** Data Records in these gaps that have not arrived since. */
  missingRecords: number;
  /** Data Records before which a Message with unknown Sets came: they were in it, or they were lost. */
  uncountedRecords: number;
  /** Messages that arrived after later ones and filled a gap. */
  lateMessages: number;
  /** Messages below the expected number that fill no gap: they were sent or delivered twice. */
  repeatedMessages: number;
  /** How often the exporter started again at a lower number. */
  restarts: number;
}

/** The counts of one Observation Domain of one Transport Session. */
export interface SequenceDomain extends Readonly<SequenceCounts> {
  readonly session: string;
  readonly observationDomainId: number;
}

interface State extends SequenceCounts {
  readonly session: string;
  readonly observationDomainId: number;
  /** undefined before the first Message. */
  expected: number | undefined;
  uncounted: boolean;
  readonly gapsOpen: { start: number; length: number }[];
}

/**
 * Counts missing, late and repeated Data Records by the Sequence Numbers of Messages (RFC 7011 §3.1 and
 * §10.3.2), for each Transport Session and Observation Domain. A number that is more than 2^20
 * records lower than expected counts as a restart of the exporter.
 */
export class SequenceTracker {
  readonly #states = new Map<string, State>();

  /** Takes one Message, in the order of arrival. `session` is the one given to Decoder.decode. */
  observe(message: SequencedMessage, session = ''): void {
    const { observationDomainId, sequenceNumber, dataRecordCount } = message;
    const state = this.#stateOf(session, observationDomainId);
    state.messages += 1;
    if (state.expected !== undefined) {
      const ahead = distance(state.expected, sequenceNumber);
      const behind = ahead === 0 ? 0 : modulus - ahead;
      if (ahead >= modulus / 2 && behind <= restartDistance) {
        // What was expected next is still expected; this one is only about the past.
        behindMessage(state, sequenceNumber, dataRecordCount);
        return;
      }
      if (ahead >= modulus / 2) restart(state);
      else if (ahead > 0) skip(state, ahead);
    }
    state.expected = (sequenceNumber + dataRecordCount) % modulus;
    state.uncounted = (message.unknownSets?.length ?? 0) > 0;
  }

  /** Returns one entry for each session and Observation Domain, in order of appearance. */
  domains(): SequenceDomain[] {
    return Array.from(this.#states.values(), (state) => ({
      session: state.session,
      observationDomainId: state.observationDomainId,
      ...countsOf(state),
    }));
  }

  /** Returns the sums over all sessions and domains. */
  totals(): SequenceCounts {
    const sum = noCounts();
    for (const state of this.#states.values()) {
      for (const name of countNames) sum[name] += state[name];
    }
    return sum;
  }

  #stateOf(session: string, observationDomainId: number): State {
    const key = `${session} ${observationDomainId}`;
    let state = this.#states.get(key);
    if (state === undefined) {
      const unseen = { expected: undefined, uncounted: false, gapsOpen: [] };
      state = { session, observationDomainId, ...unseen, ...noCounts() };
      this.#states.set(key, state);
    }
    return state;
  }
}

function noCounts(): SequenceCounts {
  return {
    messages: 0,
    gaps: 0,
    missingRecords: 0,
    uncountedRecords: 0,
    lateMessages: 0,
    repeatedMessages: 0,
    restarts: 0,
  };
}

const countNames = Object.keys(noCounts()) as (keyof SequenceCounts)[];

function countsOf(state: State): SequenceCounts {
  const counts = noCounts();
  for (const name of countNames) counts[name] = state[name];
  return counts;
}

/** How far b is ahead of a, mod 2^32. */
function distance(a: number, b: number): number {
  return (b - a + modulus) % modulus;
}

function restart(state: State): void {
  state.restarts += 1;
  state.gapsOpen.length = 0;
}

function skip(state: State, records: number): void {
  if (state.uncounted) {
    state.uncountedRecords += records;
    return;
  }
  state.gaps += 1;
  state.missingRecords += records;
  state.gapsOpen.push({ start: state.expected ?? 0, length: records });
  if (state.gapsOpen.length > gapsMax) state.gapsOpen.shift();
}

function behindMessage(state: State, start: number, records: number): void {
  const index = state.gapsOpen.findIndex((gap) => {
    const offset = distance(gap.start, start);
    return offset < gap.length && offset + records <= gap.length;
  });
  const gap = state.gapsOpen[index];
  if (gap === undefined) {
    state.repeatedMessages += 1;
    return;
  }
  state.lateMessages += 1;
  state.missingRecords -= records;
  const before = distance(gap.start, start);
  const after = gap.length - before - records;
  const rest = [
    { start: gap.start, length: before },
    { start: (start + records) % modulus, length: after },
  ].filter(({ length }) => length > 0);
  state.gapsOpen.splice(index, 1, ...rest);
}
