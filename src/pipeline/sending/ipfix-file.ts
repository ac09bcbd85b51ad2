// One IPFIX File (RFC 5655) being written: whole Messages, one after the other. It is called
// NAME.part until it is finished, so that nobody takes it for whole before. What is in the Messages
// and when the next file begins is not known here.

import { access, type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a file is called while it is being written. */
const partSuffix = '.part';

export class IpfixFile {
  /** The name it has once it is finished. */
  readonly path: string;
  /** All of them in whole Messages. */
  octets = 0;
  /** The octets of these that are on the disk, whatever happens to the machine. */
  #syncedOctets = 0;
  /** A write failed in the midst of a Message, and what it left behind is there yet. */
  #isTorn = false;
  #syncing: Promise<void> = Promise.resolve();
  #syncError: Error | undefined;
  readonly #handle: FileHandle;
  readonly #syncs: boolean;

  private constructor(path: string, handle: FileHandle, syncs: boolean) {
    this.path = path;
    this.#handle = handle;
    this.#syncs = syncs;
  }

  /**
   * A new file by the first of these names that is free, finished files and .part alike. `syncs`:
   * the disk, and not only the kernel, has what `sync` and `finish` have spoken for.
   */
  static async create(paths: Iterable<string>, syncs: boolean): Promise<IpfixFile> {
    for (const path of paths) {
      const handle = await openNew(`${path}${partSuffix}`);
      if (!handle) continue;
      // Only the holder of NAME.part may become NAME: looked for after that, not before.
      if (await exists(path)) {
        await handle.close();
        await rm(`${path}${partSuffix}`);
        continue;
      }
      try {
        if (syncs) await syncFolder(path);
      } catch (error) {
        await handle.close();
        await rm(`${path}${partSuffix}`);
        throw error;
      }
      return new IpfixFile(path, handle, syncs);
    }
    throw new Error('no name is left for a new file');
  }

  /** All of the Message, or an error and nothing of it. */
  async append(message: Buffer, length: number): Promise<void> {
    if (this.#isTorn) await this.#cutBack();
    try {
      for (let done = 0; done < length;) {
        const rest = length - done;
        const { bytesWritten } = await this.#handle.write(message, done, rest, this.octets + done);
        done += bytesWritten;
      }
      this.octets += length;
    } catch (error) {
      this.#isTorn = true;
      // Where even that fails, it is tried again before the next Message.
      await this.#cutBack().catch(() => undefined);
      throw error;
    }
  }

  async #cutBack(): Promise<void> {
    await this.#handle.truncate(this.octets);
    this.#isTorn = false;
  }

  /** Resolves when all that is written by now is on the disk. Once it has failed it always fails. */
  sync(): Promise<void> {
    // The kernel reports octets that it could not write back only once, and then forgets them.
    if (this.#syncError) return Promise.reject(this.#syncError);
    if (!this.#syncs) return Promise.resolve();
    const { octets } = this;
    this.#syncing = this.#handle.datasync().then(
      () => void (this.#syncedOctets = octets),
      (error: unknown) => {
        this.#syncError = error as Error;
        throw error;
      },
    );
    return this.#syncing;
  }

  /** Puts all of it on the disk and gives it its name. */
  async finish(): Promise<void> {
    await this.#syncing.catch(() => undefined);
    if (this.#isTorn) await this.#cutBack();
    await this.sync();
    await this.#handle.close();
    await this.#giveName();
  }

  /** After it failed: keeps what was spoken for, and no more, if the disk still lets us. */
  async abandon(): Promise<void> {
    await this.#syncing.catch(() => undefined);
    const keptOctets = this.#syncs ? this.#syncedOctets : this.octets;
    try {
      await this.#handle.truncate(keptOctets);
      await this.#handle.close();
      if (keptOctets > 0) await this.#giveName();
      else await rm(`${this.path}${partSuffix}`);
    } catch {
      await this.close();
    }
  }

  async #giveName(): Promise<void> {
    await rename(`${this.path}${partSuffix}`, this.path);
    if (this.#syncs) await syncFolder(this.path);
  }

  /** Leaves it as it is, a .part. */
  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }
}

async function openNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

// A file whose octets are on the disk is lost all the same where its name is not.
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
