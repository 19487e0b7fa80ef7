import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { createContainedImageProcessor } from "../../clients/contained-images.ts";
import type { ContainedImageProcessor } from "../../clients/contained-images.ts";
import { readDecoderAnswer } from "../../clients/decoder-answer.ts";
import { createImageProcessor, defaultImageLimits } from "../../clients/image.ts";
import type { ImageLimits } from "../../clients/image.ts";
import { startImageDecoder } from "../../clients/image-decoder.ts";
import type { ImageDecoder } from "../../clients/image-decoder.ts";
import { createLogger } from "../../clients/log.ts";
import { eventually } from "../support/eventually.ts";
import { plain } from "../support/pictures/hostile-pictures.ts";
import { jpegOfManyScans } from "../support/pictures/jpeg.ts";
import { buildPng } from "../support/pictures/png.ts";

const open: ContainedImageProcessor[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((images) => images.close()));
});

const talkative = fileURLToPath(new URL("../support/pictures/talkative-child.ts", import.meta.url));

type Options = { limits?: Partial<ImageLimits>; atWork?: (decoder: ImageDecoder) => void; program?: string };

/** With every decoder that it ever started; `atWork` is called at the beginning of each picture. */
function contained({ limits = {}, atWork = () => undefined, program }: Options = {}) {
  const decoders: ImageDecoder[] = [];
  const images = createContainedImageProcessor({
    log: createLogger("test", { level: "silent" }),
    limits: { ...defaultImageLimits, ...limits },
    startDecoder: (given) => {
      const decoder = startImageDecoder(given, program);
      const decode = decoder.decode.bind(decoder);
      decoder.decode = async (bytes) => {
        await decoder.ready;
        atWork(decoder);
        return decode(bytes);
      };
      decoders.push(decoder);
      return decoder;
    },
  });
  open.push(images);
  return { images, decoders };
}

const photograph = () => plain(300, 200).jpeg().toBuffer();
const kill = ({ pid = 0 }: ImageDecoder) => void process.kill(pid, "SIGKILL");

function isRunning({ pid = 0 }: Pick<ImageDecoder, "pid">): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("a decoder of its own", () => {
  test("draws the same picture as one in this process, and stays warm for the next", async () => {
    const { images, decoders } = contained();
    const source = await photograph();
    expect(decoders).toHaveLength(0);
    const here = await createImageProcessor().sanitiseImage(source);
    for (let time = 0; time < 3; time += 1) expect(await images.sanitiseImage(source)).toEqual(here);
    expect(decoders).toHaveLength(1);
  });

  test("is not started for what size and first bytes refuse", async () => {
    const { images, decoders } = contained();
    for (const bytes of [Buffer.alloc(0), Buffer.from("<svg>"), Buffer.alloc(11 * 1024 * 1024, 0xff)]) {
      expect(await images.sanitiseImage(bytes)).toMatchObject({ ok: false });
    }
    expect(decoders).toHaveLength(0);
  });

  test("works on as many pictures at once as allowed, each in another process", async () => {
    const { images, decoders } = contained({ limits: { atOnce: 2 } });
    const source = await photograph();
    const results = await Promise.all(Array.from({ length: 6 }, () => images.sanitiseImage(source)));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(decoders).toHaveLength(2);
  });

  test.runIf(process.platform === "linux")("is told no settings of ours", async () => {
    process.env["OPENAI_API_KEY"] = "sk-CANARY";
    try {
      const { images, decoders } = contained();
      await images.sanitiseImage(await photograph());
      const environment = readFileSync(`/proc/${decoders[0]?.pid}/environ`, "utf8").split("\0");
      const names = environment.map((setting) => setting.split("=")[0]).filter((name) => name !== "");
      expect(names.filter((name) => name !== "PWD" && !name?.startsWith("NODE_CHANNEL_"))).toEqual([]);
    } finally {
      delete process.env["OPENAI_API_KEY"];
    }
  });

  test("is gone after closing, also in the middle of a picture", async () => {
    const { images, decoders } = contained({ atWork: () => void images.close() });
    const drawn = images.sanitiseImage(await photograph());
    await expect(drawn).rejects.toThrow(/image\.closed/);
    await images.close();
    expect(decoders.map(isRunning)).toEqual([false]);
    await expect(images.sanitiseImage(await photograph())).rejects.toThrow(/image\.closed/);
  });

  test.runIf(process.platform === "linux")(
    "goes down with a worker that is killed in the middle of a picture",
    async () => {
      const program = `
      import { startImageDecoder } from "./clients/image-decoder.ts";
      import { defaultImageLimits } from "./clients/image.ts";
      import { jpegOfManyScans } from "./test/support/pictures/jpeg.ts";
      const decoder = startImageDecoder({ ...defaultImageLimits, timeoutSeconds: 60 });
      await decoder.ready;
      void decoder.decode(jpegOfManyScans(20_000));
      process.stdout.write(String(decoder.pid));`;
      const parent = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [printed] = (await once(parent.stdout, "data")) as [Buffer];
      const decoder = { pid: Number(printed.toString()) };
      const idle = busyTicks(decoder);
      await eventually("the decoder is at work", () => busyTicks(decoder) > idle + 30);
      parent.kill("SIGKILL");
      await eventually("the decoder is gone", () => !isRunning(decoder));
    },
  );
});

/** Hundredths of a second on a processor. */
function busyTicks({ pid = 0 }: Pick<ImageDecoder, "pid">): number {
  const afterName = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1] ?? "";
  return Number(afterName.split(" ")[11]);
}

describe("a picture that", () => {
  test("kills its decoder costs itself alone", async () => {
    let isDeadly = true;
    const { images, decoders } = contained({ atWork: (decoder) => isDeadly && kill(decoder) });
    expect(await images.sanitiseImage(await photograph())).toEqual({ ok: false, reason: "damaged" });
    expect(decoders.map(isRunning)).toEqual([false, false]);
    isDeadly = false;
    expect(await images.sanitiseImage(await photograph())).toMatchObject({ ok: true, width: 300 });
  });

  test("loses its decoder once is drawn by the next one", async () => {
    let victims = 1;
    const { images, decoders } = contained({ atWork: (decoder) => victims-- > 0 && kill(decoder) });
    expect(await images.sanitiseImage(await photograph())).toMatchObject({ ok: true, width: 300 });
    expect(decoders).toHaveLength(2);
  });

  test("finds its idle decoder dead gets a new one", async () => {
    const { images, decoders } = contained();
    await images.sanitiseImage(await photograph());
    for (const decoder of decoders) kill(decoder);
    expect(await images.sanitiseImage(await photograph())).toMatchObject({ ok: true, width: 300 });
  });

  test("holds the decoder beyond the time limit is too slow, and its process is gone", async () => {
    const { images, decoders } = contained({ limits: { timeoutSeconds: 1, atOnce: 1 } });
    const endless = images.sanitiseImage(jpegOfManyScans(20_000));
    const next = images.sanitiseImage(await photograph());
    expect(await endless).toEqual({ ok: false, reason: "too_slow" });
    expect(await next).toMatchObject({ ok: true, width: 300 });
    expect(decoders.map(isRunning)).toEqual([false, true]);
  });

  test.runIf(process.platform === "linux")(
    "takes more memory than it may have ends its decoder, not the worker",
    async () => {
      const { images, decoders } = contained({ limits: { maxSourceSidePx: 4_000_000 } });
      expect(await images.sanitiseImage(thin())).toEqual({ ok: false, reason: "damaged" });
      expect(decoders.map(isRunning)).toEqual([false, false]);
      expect(await images.sanitiseImage(await photograph())).toMatchObject({ ok: true, width: 300 });
    },
  );
});

/** Refused by its width, were that not lifted: libvips takes 4 GB for it. */
function thin(): Buffer {
  return buildPng({ width: 3_900_000, height: 10, bitDepth: 16 });
}

test("a decoder that answers twice is gone, and its second answer is nobody's", async () => {
  const { images, decoders } = contained({ program: talkative });
  expect(await images.sanitiseImage(await photograph())).toMatchObject({ ok: true, width: 1 });
  await eventually("the decoder is gone", () => decoders.every((decoder) => !isRunning(decoder)));
  expect(await images.sanitiseImage(await photograph())).toMatchObject({ ok: true, width: 1 });
  expect(decoders).toHaveLength(2);
});

test("a picture is known by the bytes that came, whatever its decoder says", async () => {
  const { images } = contained({ program: talkative });
  const bytes = await photograph();
  const sourceHash = createHash("sha256").update(bytes).digest();
  expect(await images.sanitiseImage(bytes)).toMatchObject({ ok: true, width: 1, sourceHash });
});

test("a decoder that was taken over is not believed", () => {
  const sourceHash = new Uint8Array(32);
  const bytes = Buffer.from([0xff, 0xd8, 0xff, 0xdb]);
  const honest = { ok: true, bytes, width: 10, height: 10, sourceHash };
  expect(readDecoderAnswer(honest, defaultImageLimits)).toMatchObject({ ok: true, width: 10 });
  for (const lie of [
    undefined,
    "ok",
    { ...honest, bytes: Buffer.from("<script>") },
    { ...honest, bytes: "\xff\xd8\xff" },
    { ...honest, bytes: Buffer.alloc(11 * 1024 * 1024, 0xff) },
    { ...honest, width: 5_000 },
    { ...honest, height: Number.NaN },
    { ok: false, reason: "see https://evil.example" },
  ]) {
    expect(readDecoderAnswer(lie, defaultImageLimits)).toEqual({ ok: false, reason: "damaged" });
  }
});
