import { crc32, deflateSync } from "node:zlib";

export type PngShape = {
  width: number;
  height: number;
  bitDepth?: 1 | 8 | 16;
  /** 0 grey, 2 colours, 3 palette. */
  colourType?: 0 | 2 | 3;
  /** The filtered rows before compression; zeros by default. */
  rows?: Buffer;
  before?: Buffer[];
  after?: Buffer[];
};

/** A PNG with whatever chunks are wanted, also such as no encoder writes. */
export function buildPng({ before = [], after = [], ...shape }: PngShape): Buffer {
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    pngHeader(shape),
    ...before,
    pngChunk("IDAT", deflateSync(shape.rows ?? zeroRows(shape), { level: 9 })),
    ...after,
    pngChunk("IEND", Buffer.alloc(0)),
  ]);
}

function pngHeader({ width, height, bitDepth = 8, colourType = 2 }: PngShape): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth;
  header[9] = colourType;
  return pngChunk("IHDR", header);
}

function zeroRows({ width, height, bitDepth = 8, colourType = 2 }: PngShape): Buffer {
  const bitsAPixel = bitDepth * (colourType === 2 ? 3 : 1);
  return Buffer.alloc((Math.ceil((width * bitsAPixel) / 8) + 1) * height);
}

export function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A compressed chunk (`zTXt` words, `iCCP` a colour profile) that unpacks to `size` bytes. */
export function packedChunk(type: "zTXt" | "iCCP", size: number): Buffer {
  return pngChunk(type, Buffer.concat([Buffer.from("CANARY\0\0"), deflateSync(Buffer.alloc(size, 0x41))]));
}

/** An animated PNG: each further frame is one pixel in another colour. */
export function buildApng(side: number, frames: number): Buffer {
  const control = Buffer.alloc(8);
  control.writeUInt32BE(frames, 0);
  const further: Buffer[] = [];
  for (let frame = 1; frame < frames; frame += 1) {
    further.push(frameControl(frame * 2 - 1, 1), frameData(frame * 2));
  }
  return buildPng({
    width: side,
    height: side,
    before: [pngChunk("acTL", control), frameControl(0, side)],
    after: further,
  });
}

const onePixel = deflateSync(Buffer.from([0, 255, 0, 0]));

function frameControl(sequence: number, side: number): Buffer {
  const data = Buffer.alloc(26);
  data.writeUInt32BE(sequence, 0);
  data.writeUInt32BE(side, 4);
  data.writeUInt32BE(side, 8);
  data.writeUInt16BE(1, 20);
  data.writeUInt16BE(100, 22);
  return pngChunk("fcTL", data);
}

function frameData(sequence: number): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(sequence, 0);
  return pngChunk("fdAT", Buffer.concat([head, onePixel]));
}
