import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../domain/app-error.ts";
import { createPrivateFile, readPrivateFile } from "./private-file.ts";
import type { PayloadKey } from "./payload-codec.ts";

const filePattern = /^payload-(\d{1,9})\.key$/;

/** The namespace keys of a folder, newest first; an empty one gets its first. They belong to no person and need no keyring. */
export async function loadPayloadKeys(folder: string): Promise<PayloadKey[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  if ((await listNumbers(folder)).length === 0) {
    await createPrivateFile(folder, "payload-1.key", randomBytes(32));
  }
  const numbers = (await listNumbers(folder)).sort((left, right) => right - left);
  return Promise.all(numbers.map((number) => readKey(folder, number)));
}

async function listNumbers(folder: string): Promise<number[]> {
  return (await readdir(folder)).flatMap((name) => {
    const match = filePattern.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
}

async function readKey(folder: string, number: number): Promise<PayloadKey> {
  const path = join(folder, `payload-${number}.key`);
  const key = await readPrivateFile(path);
  if (key.length === 32) return { id: `payload-${number}`, key };
  throw new AppError("internal", "payload.key_file_broken", {
    internal: `${path} must hold 32 bytes`,
  });
}
