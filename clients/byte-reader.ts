/** Reads a stream of bytes by counts. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Undefined at the end of the stream; fewer bytes than wanted are its last ones. */
  async read(count: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let missing = count;
    for await (const part of this.stream(count)) {
      parts.push(part);
      missing -= part.length;
      if (missing === 0) break;
    }
    return missing === count && count > 0 ? undefined : Buffer.concat(parts);
  }

  /** The next bytes in whatever pieces they come, at most `count` together. */
  async *stream(count: number): AsyncGenerator<Buffer> {
    let missing = count;
    while (missing > 0) {
      if (this.#held.length === 0) {
        const next = await this.#source.next();
        if (next.done === true) return;
        this.#held = Buffer.from(next.value);
        continue;
      }
      const part = this.#held.subarray(0, missing);
      this.#held = this.#held.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }
}
