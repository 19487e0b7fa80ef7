import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { AppError } from "../domain/app-error.ts";
import type { ImageResult } from "../domain/ports/image-processor.ts";
import { readDecoderAnswer } from "./decoder-answer.ts";
import type { ImageLimits } from "./image.ts";

/** One process that decodes one picture at a time; never started again once it has ended. */
export type ImageDecoder = {
  readonly pid: number | undefined;
  readonly isAlive: boolean;
  /** False: it ended, or took too long, before it could be given a picture. */
  readonly ready: Promise<boolean>;
  decode(bytes: Uint8Array): Promise<DecoderAnswer>;
  /** Resolves when the process is gone. */
  kill(): Promise<void>;
};

/** `died` and `late`: the process is gone, or as good as gone. */
export type DecoderAnswer = ImageResult | "died" | "late";

const startMs = 30_000; // about 400 ms, when the machine is not busy
/** The decoder ends most late pictures by itself, and stays warm. */
const graceMs = 2_000;
/** Of heap and anonymous memory; the largest picture within the limits takes 450 MB. */
const maxDataKiB = 1024 * 1024;
const childPath = fileURLToPath(new URL("./image-child.ts", import.meta.url));
const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** `path` is another program in tests only. */
export function startImageDecoder(limits: ImageLimits, path = childPath): ImageDecoder {
  const child = launch(limits, path);
  let isAlive = child.pid !== undefined;
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve()); // it could not be started
  }).then(() => void (isAlive = false));
  const kill = () => {
    isAlive = false;
    hold(child);
    child.kill("SIGKILL");
    return child.pid === undefined ? Promise.resolve() : ended;
  };
  const hear = listen(child, { ended, onUnasked: () => void kill() });
  const ready = hear(startMs).then((heard) => typeof heard === "object");
  return {
    pid: child.pid,
    ready,
    get isAlive() {
      return isAlive;
    },
    kill,
    async decode(bytes) {
      hold(child);
      try {
        if (!(await ready)) throw await unavailable(kill);
        const timeoutMs = limits.timeoutSeconds * 1_000 + graceMs;
        const answer = hear(timeoutMs);
        child.send(bytes, () => undefined); // who cannot be told has ended, and that is heard of
        const heard = await answer;
        if (typeof heard !== "string") return readDecoderAnswer(heard.message, limits);
        await kill();
        return heard;
      } finally {
        letGo(child);
      }
    },
  };
}

/** Without settings or secrets in its environment; with a lid on its memory where there is a shell to set one. */
function launch(limits: ImageLimits, path: string): ChildProcess {
  const node = [process.execPath, "--max-old-space-size=128", "--import", loader, path];
  const args = [...node, JSON.stringify(limits)];
  const limited = ["-c", 'ulimit -d "$0" 2>/dev/null; ulimit -c 0; exec "$@"', String(maxDataKiB), ...args];
  const isWindows = process.platform === "win32";
  const child = spawn(isWindows ? process.execPath : "/bin/sh", isWindows ? args.slice(1) : limited, {
    cwd: "/",
    env: isWindows ? { SystemRoot: process.env["SystemRoot"] } : {},
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    serialization: "advanced",
  });
  child.on("error", () => undefined);
  letGo(child);
  return child;
}

type Heard = { message: unknown } | "died" | "late";

/**
 * The answer to what was asked last, one at a time. Node keeps messages that nobody listens to for the next listener,
 * so this one never leaves: a word that nobody asked for, or a second answer, is a decoder that was taken over.
 */
function listen(
  child: ChildProcess,
  { ended, onUnasked }: { ended: Promise<void>; onUnasked: () => void },
): (timeoutMs: number) => Promise<Heard> {
  let asked: ((heard: Heard) => void) | undefined;
  child.on("message", (message) => (asked === undefined ? onUnasked() : asked({ message })));
  return (timeoutMs) =>
    new Promise((resolve) => {
      const settle = (heard: Heard) => {
        clearTimeout(timer);
        if (asked === settle) asked = undefined;
        resolve(heard);
      };
      const timer = setTimeout(() => settle("late"), timeoutMs);
      asked = settle;
      void ended.then(() => settle("died"));
    });
}

/** An idle decoder keeps no process running; one at work does. */
function hold(child: ChildProcess): void {
  child.ref();
  child.channel?.ref();
}

function letGo(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

async function unavailable(kill: () => Promise<void>): Promise<AppError> {
  await kill();
  return new AppError("unavailable", "image.no_decoder", {
    internal: "the decoder's process does not start",
  });
}
