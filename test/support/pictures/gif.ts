/** Width 10,799 begins a comment for who reads the file as a script. */
const slashStar = 0x2a2f;

type GifShape = { width: number; height: number; frames?: number; comment?: string; after?: string };

/** A GIF whose frames are one pixel each, on a canvas of the given size. */
export function buildGif({ width, height, frames = 1, comment, after = "" }: GifShape): Buffer {
  const head = Buffer.alloc(13);
  head.write("GIF89a", "latin1");
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  head[10] = 0x80; // a palette of two colours
  const palette = Buffer.from([200, 30, 30, 0, 0, 255]);
  return Buffer.concat([
    head,
    palette,
    ...(comment === undefined ? [] : [extension(comment)]),
    ...Array<Buffer>(frames).fill(onePixelFrame()),
    Buffer.from(`\x3b${after}`, "latin1"),
  ]);
}

/** A picture to a decoder, a script to whoever loads it as one. */
export function gifThatIsAScript(): Buffer {
  return buildGif({ width: slashStar, height: 1, comment: "*/=1;alert('CANARY');/*", after: "*/" });
}

function onePixelFrame(): Buffer {
  const control = Buffer.from([0x21, 0xf9, 4, 0, 1, 0, 0, 0]);
  const place = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0]);
  return Buffer.concat([control, place, Buffer.from([2, 2, 0x44, 1, 0])]);
}

function extension(comment: string): Buffer {
  const words = Buffer.from(comment, "latin1");
  return Buffer.concat([Buffer.from([0x21, 0xfe, words.length]), words, Buffer.from([0])]);
}
