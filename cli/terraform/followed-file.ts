import { closeSync, openSync, readSync, rmSync } from 'node:fs';

const everyMs = 100;

/**
 * A file that a process writes and this one reads meanwhile: unlike a pipe it is still there for the process when this one was
 * killed.
 */
export class FollowedFile {
  /** For the process to write to. */
  readonly descriptor: number;
  readonly #reading: NodeJS.Timeout;
  readonly #path: string;
  readonly #hear: (chunk: string) => void;
  readonly #decoder = new TextDecoder();
  #position = 0;

  /** @param hear gets what is new, as it comes */
  constructor(path: string, hear: (chunk: string) => void) {
    // Not into one that a process from before may still write to.
    rmSync(path, { force: true });
    this.descriptor = openSync(path, 'wx+', 0o600);
    this.#path = path;
    this.#hear = hear;
    this.#reading = setInterval(() => this.#read(), everyMs);
  }

  /** Reads the rest and removes the file; to be called when the process has ended. */
  end(): void {
    clearInterval(this.#reading);
    this.#read();
    closeSync(this.descriptor);
    rmSync(this.#path, { force: true });
  }

  #read(): void {
    const buffer = Buffer.alloc(65_536);
    for (;;) {
      const length = readSync(this.descriptor, buffer, 0, buffer.length, this.#position);
      if (length === 0) return;
      this.#position += length;
      this.#hear(this.#decoder.decode(buffer.subarray(0, length), { stream: true }));
    }
  }
}
