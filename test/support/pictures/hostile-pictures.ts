import { gzipSync } from "node:zlib";
import sharp from "sharp";
import type { ImageRefusal } from "../../../domain/ports/image-processor.ts";
import { buildGif, gifThatIsAScript } from "./gif.ts";
import { jpegSegment, megabyteOfComments, withSegments } from "./jpeg.ts";
import { buildApng, buildPng, packedChunk, pngChunk } from "./png.ts";

/** What goes in says CANARY wherever it can; `drawn`: accepted, and only its pixels come out. */
export type HostilePicture = {
  name: string;
  bytes: () => Buffer | Promise<Buffer>;
  outcome: "drawn" | ImageRefusal;
};

/** The harmless word that every malware scanner knows, in two parts so that none finds it here. */
const eicar = ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H* CANARY"].join("");
const script = "<script>alert('CANARY')</script>";
const mib = 1024 * 1024;

export const bombs: HostilePicture[] = [
  {
    name: "a PNG of 900 million pixels in 109 kB",
    bytes: () => buildPng({ width: 30_000, height: 30_000, bitDepth: 1, colourType: 0 }),
    outcome: "too_many_pixels",
  },
  {
    name: "a PNG of ten rows, four million pixels each",
    bytes: () => buildPng({ width: 4_000_000, height: 10, colourType: 0 }),
    outcome: "too_many_pixels",
  },
  {
    name: "a PNG one pixel wide and 39 million high",
    bytes: () => buildPng({ width: 1, height: 39_000_000, bitDepth: 1, colourType: 0 }),
    outcome: "too_many_pixels",
  },
  {
    name: "a PNG that says it is 1×2^31",
    bytes: () => buildPng({ width: 1, height: 2 ** 31, rows: Buffer.alloc(4) }),
    outcome: "damaged",
  },
  {
    name: "a PNG that says it is 2^31-1 wide",
    bytes: () => buildPng({ width: 2 ** 31 - 1, height: 1, rows: Buffer.alloc(4) }),
    outcome: "damaged",
  },
  {
    name: "a JPEG that says it is 65,500×65,500",
    bytes: async () => resized(await jpeg(), 65_500),
    outcome: "too_many_pixels",
  },
  {
    name: "a PNG with 64 MB of words in 62 kB",
    bytes: () => buildPng({ width: 8, height: 8, before: [packedChunk("zTXt", 64_000_000)] }),
    outcome: "drawn",
  },
  {
    name: "a PNG with a colour profile of 64 MB in 62 kB",
    bytes: () => buildPng({ width: 8, height: 8, before: [packedChunk("iCCP", 64_000_000)] }),
    outcome: "drawn",
  },
  {
    name: "a GIF of 10,000 frames",
    bytes: () => buildGif({ width: 40, height: 40, frames: 10_000 }),
    outcome: "drawn",
  },
  { name: "an animated PNG of 10,000 frames", bytes: () => buildApng(20, 10_000), outcome: "drawn" },
  { name: "an animated WebP of 200 frames", bytes: () => animatedWebp(200), outcome: "drawn" },
  {
    name: "a JPEG of 39 million pixels",
    bytes: () => plain(6_300, 6_200).jpeg({ progressive: true }).toBuffer(),
    outcome: "drawn",
  },
];

export const disguises: HostilePicture[] = [
  { name: "a GIF that is a script, too", bytes: gifThatIsAScript, outcome: "drawn" },
  {
    name: "a GIF with HTML behind its end",
    bytes: () => buildGif({ width: 9, height: 9, after: script }),
    outcome: "drawn",
  },
  {
    name: "a JPEG that is a ZIP, too",
    bytes: async () => Buffer.concat([await jpeg(), Buffer.from("PK\x03\x04 CANARY.exe")]),
    outcome: "drawn",
  },
  {
    name: "a JPEG with PHP in its comment",
    bytes: async () => withSegments(await jpeg(), jpegSegment(0xfe, Buffer.from("<?php 'CANARY'; ?>"))),
    outcome: "drawn",
  },
  {
    name: "a JPEG with a PDF in its comment",
    bytes: async () => withSegments(await jpeg(), jpegSegment(0xfe, Buffer.from("%PDF-1.7 CANARY"))),
    outcome: "drawn",
  },
  {
    name: "a PNG with HTML in its words",
    bytes: () => buildPng({ width: 8, height: 8, before: [pngChunk("tEXt", Buffer.from(`a\0${script}`))] }),
    outcome: "drawn",
  },
  {
    name: "a PNG with malware's test word",
    bytes: () => buildPng({ width: 8, height: 8, after: [pngChunk("tEXt", Buffer.from(`a\0${eicar}`))] }),
    outcome: "drawn",
  },
  { name: "a photograph with GPS, XMP and a profile", bytes: taggedPhotograph, outcome: "drawn" },
  {
    name: "a JPEG with a megabyte of comments",
    bytes: async () => withSegments(await jpeg(), ...megabyteOfComments()),
    outcome: "drawn",
  },
  {
    name: "HTML with a JPEG behind it",
    bytes: async () => Buffer.concat([Buffer.from(script), await jpeg()]),
    outcome: "unsupported_type",
  },
  words("a PDF with HTML in it", `%PDF-1.7\n${script}`),
  words("SVG with a script", `<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`),
  words("malware's test word", eicar),
  words("a text that runs ImageMagick's commands", "push graphic-context\nimage over 0,0 0,0 'CANARY'"),
];

/** SVG with an entity and a picture from outside; as itself and packed. */
export function svgFromOutside(url: string): HostilePicture[] {
  const svg = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "${url}">]><svg xmlns="http://www.w3.org/2000/svg"><image href="${url}"/><text>&x;</text></svg>`;
  return [
    words("SVG with an entity from outside", svg),
    { name: "packed SVG", bytes: () => gzipSync(svg), outcome: "unsupported_type" },
  ];
}

export const kinds: HostilePicture[] = [
  {
    name: "a JPEG in CMYK",
    bytes: () => plain(60, 40).toColourspace("cmyk").jpeg().toBuffer(),
    outcome: "drawn",
  },
  {
    name: "a PNG of 16 bits",
    bytes: () => plain(60, 40).toColourspace("rgb16").png().toBuffer(),
    outcome: "drawn",
  },
  { name: "a grey JPEG", bytes: () => plain(60, 40).greyscale().jpeg().toBuffer(), outcome: "drawn" },
  {
    name: "a PNG with a palette",
    bytes: () => plain(60, 40).png({ palette: true }).toBuffer(),
    outcome: "drawn",
  },
  {
    name: "a PNG in passes",
    bytes: () => plain(60, 40).png({ progressive: true }).toBuffer(),
    outcome: "drawn",
  },
  { name: "a PNG with a palette that is missing", bytes: missingPalette, outcome: "damaged" },
  { name: "AVIF", bytes: () => plain(60, 40).avif().toBuffer(), outcome: "unsupported_type" },
  { name: "HEIC", bytes: heic, outcome: "unsupported_type" },
  { name: "TIFF", bytes: () => plain(60, 40).tiff().toBuffer(), outcome: "unsupported_type" },
  words("a bitmap", "BM\x46\0\0\0"),
  words("libvips' own kind", "\x08\xf2\xa6\xb6"),
  words("JPEG 2000", "\0\0\0\x0cjP  \r\n\x87\n"),
  { name: "nothing", bytes: () => Buffer.alloc(0), outcome: "empty" },
  { name: "10 MB and a byte", bytes: () => padded(10 * mib + 1), outcome: "too_large" },
  { name: "25 MB and a byte", bytes: () => padded(25 * mib + 1), outcome: "too_large" },
  { name: "10 MB to the byte", bytes: () => padded(10 * mib), outcome: "drawn" },
];

function words(name: string, content: string): HostilePicture {
  return { name, bytes: () => Buffer.from(content, "latin1"), outcome: "unsupported_type" };
}

export function plain(width: number, height: number) {
  return sharp({ create: { width, height, channels: 3, background: { r: 200, g: 30, b: 30 } } });
}

function jpeg(): Promise<Buffer> {
  return plain(60, 40).jpeg().toBuffer();
}

async function padded(size: number): Promise<Buffer> {
  const picture = await jpeg();
  return Buffer.concat([picture, Buffer.alloc(size - picture.length, "CANARY ")]);
}

/** The frame header tells another size than the picture has. */
function resized(picture: Buffer, side: number): Buffer {
  const frame = picture.indexOf(Buffer.from([0xff, 0xc0]));
  picture.writeUInt16BE(side, frame + 5);
  picture.writeUInt16BE(side, frame + 7);
  return picture;
}

function taggedPhotograph(): Promise<Buffer> {
  return plain(60, 40)
    .withExif({ IFD0: { Copyright: "CANARY-EXIF" }, IFD3: { GPSMapDatum: "CANARY-GPS" } })
    .withIccProfile("p3")
    .withXmp("<x:xmpmeta xmlns:x='adobe:ns:meta/'>CANARY-XMP</x:xmpmeta>")
    .jpeg()
    .toBuffer();
}

async function animatedWebp(count: number): Promise<Buffer> {
  const frames = Array.from({ length: count }, (_, frame) =>
    sharp({ create: { width: 20, height: 20, channels: 3, background: { r: 200, g: frame, b: 30 } } })
      .png()
      .toBuffer(),
  );
  return sharp(await Promise.all(frames), { join: { animated: true } })
    .webp()
    .toBuffer();
}

function missingPalette(): Buffer {
  return buildPng({ width: 8, height: 8, colourType: 3 });
}

async function heic(): Promise<Buffer> {
  const bytes = await plain(60, 40).avif().toBuffer();
  bytes.write("heic", 8, "latin1");
  return bytes;
}
