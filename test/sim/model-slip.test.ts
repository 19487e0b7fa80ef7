import OpenAI from "openai";
import { encodeQR } from "qr";
import sharp from "sharp";
import { expect, test } from "vitest";
import { z } from "zod";
import { createModelSim } from "../../sim/model/model-sim.ts";
import { drawSlip } from "../../sim/slips/draw-slip.ts";

const reading = z.strictObject({
  isSlip: z.boolean(),
  isLegible: z.boolean(),
  amount: z.string().nullable(),
  currency: z.string().nullable(),
  reference: z.string().nullable(),
  paidAt: z.string().nullable(),
  payee: z.string().nullable(),
});
const slip = {
  amountMinor: 15_000,
  currency: "MMK",
  reference: "0123456789",
  paidAt: "2026-11-20T04:05:06.000Z",
  payee: "ဒေါ်အေးအေး",
};

test("reads a slip back from its pixels after a JPEG re-encode", async () => {
  const image = await sharp(await drawSlip(slip, { isBlurred: false }))
    .jpeg({ quality: 70 })
    .toBuffer();
  expect(await read(image, "jpeg")).toEqual({
    isSlip: true,
    isLegible: true,
    amount: "15000",
    currency: "MMK",
    reference: "0123456789",
    paidAt: "2026-11-20T04:05:06.000Z",
    payee: "ဒေါ်အေးအေး",
  });
});

test("reads a slip that Messenger has made smaller", async () => {
  const slipPicture = await drawSlip(slip, { isBlurred: false });
  const image = await sharp(slipPicture).resize({ width: 540 }).jpeg({ quality: 60 }).toBuffer();
  expect(await read(image, "jpeg")).toMatchObject({ isLegible: true, amount: "15000" });
});

test("prints the amount in major units when the currency has decimals", async () => {
  const image = await drawSlip({ ...slip, amountMinor: 1_250, currency: "THB" }, { isBlurred: false });
  expect((await read(image, "png")).amount).toBe("12.50");
});

test("says of a blurred slip that it is one, but illegible", async () => {
  const image = await drawSlip(slip, { isBlurred: true });
  expect(await read(image, "png")).toMatchObject({
    isSlip: true,
    isLegible: false,
    amount: null,
    reference: null,
  });
});

test("says of a photo of goods, a foreign QR code, or garbage that it is no slip", async () => {
  const photo = sharp({ create: { width: 800, height: 600, channels: 3, background: "#b08050" } });
  expect(await read(await photo.jpeg().toBuffer(), "jpeg")).toMatchObject({ isSlip: false });
  const square = await drawCode(JSON.stringify({ hello: 1 }));
  expect(await read(square, "png")).toMatchObject({ isSlip: false });
  expect(await read(Buffer.from("no picture"), "png")).toMatchObject({ isSlip: false });
});

async function read(image: Buffer, type: "png" | "jpeg", mode: "demo" | "adversary" = "demo") {
  const sim = createModelSim();
  sim.setMode(mode);
  const client = new OpenAI({
    apiKey: "test",
    baseURL: "http://model.test/v1",
    maxRetries: 0,
    fetch: async (input, init) => sim.app.fetch(new Request(input, init)),
  });
  const response = await client.responses.create({
    model: "demo",
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text: "Read this payment slip." },
          {
            type: "input_image",
            detail: "auto",
            image_url: `data:image/${type};base64,${image.toString("base64")}`,
          },
        ],
      },
    ],
    text: {
      format: { type: "json_schema", name: "payment_slip", strict: true, schema: z.toJSONSchema(reading) },
    },
  });
  return reading.parse(JSON.parse(response.output_text));
}

async function drawCode(text: string): Promise<Buffer> {
  const svg = encodeQR(text, "svg", {
    ecc: "medium",
    border: 4,
    textEncoder: (value) => new TextEncoder().encode(value),
  });
  return sharp(Buffer.from(svg))
    .resize(420, 420, { kernel: "nearest" })
    .flatten({ background: "#ffffff" })
    .png()
    .toBuffer();
}
