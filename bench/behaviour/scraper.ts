// A Prometheus in small, in a thread of its own: what it costs to read an answer must not be measured.

import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

export class Scraper {
  scrapes = 0;
  readonly #thread: Worker;

  private constructor(thread: Worker) {
    this.#thread = thread;
    thread.on('message', () => (this.scrapes += 1));
  }

  static async of(listen: string): Promise<Scraper> {
    const thread = new Worker(new URL(import.meta.url), {
      workerData: `http://${listen}/metrics`,
    });
    await once(thread, 'online');
    return new Scraper(thread);
  }

  /** What is not answered, because the stage starts or ends, does not count. */
  scrape(): void {
    this.#thread.postMessage('scrape');
  }

  async close(): Promise<void> {
    await this.#thread.terminate();
  }
}

async function scrape(): Promise<void> {
  try {
    const response = await fetch(workerData as string);
    await response.text();
    parentPort?.postMessage('scraped');
  } catch {
    // Not there yet, or no more.
  }
}

if (!isMainThread) parentPort?.on('message', () => void scrape());
