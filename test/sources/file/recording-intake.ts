// An Intake that remembers what a source tracked, and makes it wait while its gate is shut.

import type { Delivery, Intake } from '../../../src/sources/delivery.ts';

export class RecordingIntake implements Intake {
  readonly tracked: Delivery[] = [];
  waits = 0;
  gate: Promise<void> | undefined;

  track(delivery: Delivery): void {
    this.tracked.push(delivery);
  }
  room(): Promise<void> | undefined {
    this.waits++;
    return this.gate;
  }
  nextOffset(): undefined {
    return undefined;
  }
  drop(): void {}

  retire(): void {}
  removed(): void {}
  drain(): Promise<void> {
    return Promise.resolve(undefined);
  }
  committable(): [] {
    return [];
  }
}
