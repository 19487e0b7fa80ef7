import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { createContainedImageProcessor } from "../../clients/contained-images.ts";
import { defaultImageLimits } from "../../clients/image.ts";
import { startImageDecoder } from "../../clients/image-decoder.ts";
import { findObject, objectKeyPlace } from "../../db/objects.ts";
import type { ObjectId } from "../../domain/id.ts";
import { openTestShop, startHouse } from "../support/house.ts";
import type { House, TestShop } from "../support/house.ts";
import { rowsOf, settled } from "../support/outside.ts";
import { Customer } from "../support/people.ts";
import { bombs, disguises, kinds, svgFromOutside } from "../support/pictures/hostile-pictures.ts";
import { jpegMarkers, jpegOfManyScans } from "../support/pictures/jpeg.ts";

let house: House;
let shop: TestShop;
let isDeadly = false;
/** Where nobody may come. */
let visits = 0;
const forbidden = createServer((socket) => {
  visits += 1;
  socket.destroy();
});
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  await new Promise<void>((resolve) => forbidden.listen(0, resolve));
  house = await startHouse();
  const images = createContainedImageProcessor({
    log: house.core.log,
    limits: { ...defaultImageLimits, timeoutSeconds: 1, atOnce: 1 },
    startDecoder: (limits) => {
      const decoder = startImageDecoder(limits);
      const decode = decoder.decode.bind(decoder);
      decoder.decode = async (bytes) => {
        await decoder.ready;
        if (isDeadly) process.kill(decoder.pid ?? 0, "SIGKILL");
        return decode(bytes);
      };
      return decoder;
    },
  });
  closers.push(() => images.close());
  await house.restartWorker({ core: { images } });
});
beforeEach(async () => {
  shop = await openTestShop(house);
});
afterEach(() => {
  isDeadly = false;
});
afterAll(async () => {
  await house.close();
  for (const close of closers) await close();
  forbidden.close();
});

const apology = /can't tell what it shows|write the product's name/i;

/** Answered, and the next words of the same person too. */
async function isAnsweredPolitely(customer: Customer): Promise<void> {
  await customer.hearsText(apology, 30_000);
  await customer.say("How much is the Red Dress?");
  await customer.hearsText("45,000", 30_000);
  await settled(house, shop.shopId, 30_000);
}

const sent = async (bytes: Buffer | Promise<Buffer>) => ({ imageBase64: (await bytes).toString("base64") });

async function keptPictures(): Promise<Buffer[]> {
  const { shopId } = shop;
  const rows = await rowsOf<{ id: ObjectId }>(
    house,
    "select id from objects where shop_id = $1 and kind = 'chat_image'",
    [shopId],
  );
  return Promise.all(
    rows.map(async ({ id: objectId }) => {
      const row = await house.core.db.withShop(shopId, (trx) => findObject(trx, { shopId, objectId }));
      if (row === undefined) throw new Error("no object");
      const [key] = await house.core.sealer.open([{ place: objectKeyPlace(row), sealed: row.sealed_key }]);
      if (key === undefined) throw new Error("no key");
      return house.core.objects.get(objectId, key);
    }),
  );
}

describe("a customer's picture", () => {
  test("that is hostile is kept as pixels or not at all, and its sender is answered", async () => {
    const { port } = forbidden.address() as AddressInfo;
    const byName = new Map([...bombs, ...disguises, ...kinds].map((picture) => [picture.name, picture]));
    const named = [
      "a PNG of 900 million pixels in 109 kB",
      "a PNG of ten rows, four million pixels each",
      "a GIF of 10,000 frames",
      "a GIF that is a script, too",
      "a JPEG that is a ZIP, too",
      "a photograph with GPS, XMP and a profile",
      "a PDF with HTML in it",
      "malware's test word",
      "AVIF",
      "10 MB and a byte",
    ].map((name) => byName.get(name));
    const customer = new Customer(house, shop);
    const drawn = [];
    for (const picture of [...named, ...svgFromOutside(`http://127.0.0.1:${port}/canary`)]) {
      if (picture === undefined) throw new Error("not in the corpus");
      if (picture.outcome === "drawn") drawn.push(picture.name);
      await customer.send(await sent(picture.bytes()));
    }
    await isAnsweredPolitely(customer);
    const pictures = await keptPictures();
    expect(pictures).toHaveLength(drawn.length);
    for (const bytes of pictures) {
      expect(bytes.includes("CANARY")).toBe(false);
      expect(jpegMarkers(bytes).markers.filter((marker) => /^(e|fe)/.test(marker))).toEqual([]);
    }
    expect(visits).toBe(0);
  });

  test("that kills its decoder each time costs itself alone", async () => {
    const [customer, neighbour] = [new Customer(house, shop), new Customer(house, shop)];
    isDeadly = true;
    await customer.send(await sent(kinds[0]?.bytes() ?? Buffer.alloc(0)));
    await customer.hearsText(apology, 30_000);
    isDeadly = false;
    expect(await keptPictures()).toHaveLength(0);
    await neighbour.send(await sent(kinds[0]?.bytes() ?? Buffer.alloc(0)));
    await isAnsweredPolitely(neighbour);
    expect(await keptPictures()).toHaveLength(1);
    await isAnsweredPolitely(customer);
  });

  test("that holds its decoder for ever is given up, and the worker goes on", async () => {
    const customer = new Customer(house, shop);
    await customer.send(await sent(jpegOfManyScans(20_000)));
    await isAnsweredPolitely(customer);
    expect(await keptPictures()).toHaveLength(0);
  });

  test("whose link leads elsewhere is never fetched, and its sender is answered", async () => {
    const { port } = forbidden.address() as AddressInfo;
    const { host } = new URL(house.sim.url);
    const customer = new Customer(house, shop);
    const urls = [
      `https://127.0.0.1:${port}/a.jpg`,
      `http://127.0.0.1:${port}/a.jpg`,
      `http://${host}@127.0.0.1:${port}/a.jpg`,
      `http://2130706433:${port}/a.jpg`,
      `http://[::ffff:127.0.0.1]:${port}/a.jpg`,
      "http://169.254.169.254/latest/meta-data/",
      "file:///etc/passwd",
      `gopher://127.0.0.1:${port}/`,
      "no link at all",
    ];
    const attachments = urls.map((url) => ({ type: "image", payload: { url } }));
    const message = { mid: `m_${customer.psid}`, attachments };
    await customer.send({ raw: { message } });
    await isAnsweredPolitely(customer);
    expect(await keptPictures()).toHaveLength(0);
    expect(visits).toBe(0);
  });
});
