// Which of the generated events have come, and how often: by their flowId, which counts from 1.

export class FlowTally {
  readonly events: number;
  readonly #came: Uint8Array;
  #received = 0;
  #distinct = 0;
  #foreign = 0;

  constructor(events: number) {
    this.events = events;
    this.#came = new Uint8Array(events + 1);
  }

  /** One Data Record; undefined where it has no flowId. */
  add(flowId: number | undefined): void {
    this.#received += 1;
    const came = flowId === undefined || flowId === 0 ? undefined : this.#came[flowId];
    if (came === undefined) {
      this.#foreign += 1;
      return;
    }
    if (came > 0) return;
    this.#came[flowId!] = 1;
    this.#distinct += 1;
  }

  /** Data Records, whatever they are. */
  get received(): number {
    return this.#received;
  }

  /** Events of which no record came. */
  get lost(): number {
    return this.events - this.#distinct;
  }

  /** Records of events that had come before. */
  get duplicated(): number {
    return this.#received - this.#foreign - this.#distinct;
  }

  /** Records of events that were never generated. */
  get foreign(): number {
    return this.#foreign;
  }
}
