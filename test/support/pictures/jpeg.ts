/** The markers of a JPEG in their order, and how many bytes stand behind its end. */
export function jpegMarkers(bytes: Buffer): { markers: string[]; trailing: number } {
  const markers: string[] = [];
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes.readUInt8(at + 1);
    if (bytes[at] !== 0xff) throw new Error(`no marker at ${at}`);
    if (marker === 0xd9) return { markers, trailing: bytes.length - at - 2 };
    markers.push(marker.toString(16));
    at += 2 + bytes.readUInt16BE(at + 2);
    if (marker === 0xda) at = endOfScan(bytes, at);
  }
  if (bytes.readUInt16BE(at) !== 0xffd9) throw new Error("no end");
  return { markers, trailing: bytes.length - at - 2 };
}

function endOfScan(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] !== 0xff || bytes[at + 1] === 0 || isRestart(bytes[at + 1] ?? 0)) at += 1;
  return at;
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}

export function jpegSegment(marker: number, body: Uint8Array): Buffer {
  const length = body.length + 2;
  return Buffer.concat([Buffer.from([0xff, marker, length >> 8, length & 0xff]), body]);
}

/** With segments of one's own right behind its start. */
export function withSegments(jpeg: Buffer, ...segments: Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

/** A megabyte of comments: a segment holds at most 64 kB. */
export function megabyteOfComments(): Buffer[] {
  return Array<Buffer>(17).fill(jpegSegment(0xfe, Buffer.from("CANARY-COMMENT ".repeat(4_100))));
}

/** Grey and tall: each scan goes over all 557,056 blocks and costs 70 bytes, so that a small file is hours of work. */
export function jpegOfManyScans(scans: number): Buffer {
  const [width, height] = [16_384, 2_176];
  const blocks = (width * height) / 64;
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  const scan = Buffer.concat([jpegSegment(0xda, Buffer.from([1, 1, 0, 1, 63, 0])), emptyBlocks(blocks)]);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    jpegSegment(0xdb, Buffer.from([0, ...Array<number>(64).fill(1)])),
    jpegSegment(0xc2, Buffer.from([8, ...size, 1, 1, 0x11, 0])),
    codeTable(0x00, { lengths: [1], symbols: [0] }),
    jpegSegment(0xda, Buffer.from([1, 1, 0, 0, 0, 0])),
    Buffer.alloc(blocks / 8),
    codeTable(0x10, { lengths: [1], symbols: [endOfBandRun] }),
    ...Array<Buffer>(scans).fill(scan),
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** “The next 16,384 blocks and as many more as 14 bits say are empty.” */
const endOfBandRun = 0xe0;

function codeTable(id: number, { lengths, symbols }: { lengths: number[]; symbols: number[] }): Buffer {
  return jpegSegment(
    0xc4,
    Buffer.from([id, ...lengths, ...Array<number>(16 - lengths.length).fill(0), ...symbols]),
  );
}

function emptyBlocks(blocks: number): Buffer {
  const run = 16_384;
  const bits = `0${"0".repeat(14)}`.repeat(blocks / run);
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1").match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
