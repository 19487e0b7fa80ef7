import { createHash, createHmac, randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { combine, split } from "shamir-secret-sharing";

import { AppError } from "../domain/app-error.ts";
import {
  keyLength,
  listWrapped,
  loadRoots,
  nextRootFile,
  readWrapped,
  rootFile,
  wrapFile,
} from "./keyring-files.ts";
import { createPrivateFile, promotePrivateFile, replacePrivateFile } from "./private-file.ts";

/**
 * Replaces the root key: what it wraps is wrapped under a new one, file by file, then the new one takes its name. Killed
 * anywhere, either root opens each file, and the next run goes on. Data keys and index keys stay as they are. Answers how
 * many files were wrapped anew.
 */
export async function rotateRootKey(folder: string): Promise<number> {
  await createPrivateFile(folder, nextRootFile, randomBytes(keyLength)); // a killed run's stays
  const roots = await loadRoots(folder);
  const { root, next } = roots;
  if (next === undefined) throw new TypeError("another run has ended meanwhile");
  const names = await listWrapped(folder);
  for (const name of names) {
    const key = await readWrapped(folder, roots, name);
    if (key !== undefined) await replacePrivateFile(folder, name, wrapFile(next, name, key));
  }
  await promotePrivateFile(folder, nextRootFile, rootFile);
  await mendLatecomers(folder, { root: next, next: root });
  return names.length;
}

/** An epoch that was opened in the middle of it may be wrapped by the old root still. */
async function mendLatecomers(folder: string, roots: { root: Buffer; next: Buffer }): Promise<void> {
  for (const name of await listWrapped(folder)) {
    const key = await readWrapped(folder, roots, name);
    if (key !== undefined) await replacePrivateFile(folder, name, wrapFile(roots.root, name, key));
  }
}

/** Tells one root key from another, and nothing of it. */
export function rootFingerprint(root: Buffer): string {
  return createHmac("sha256", root).update("shopthread|root fingerprint").digest("hex").slice(0, 16);
}

const sharePattern = /^root-share\.(\d{1,3})\.([0-9a-f]{16})\.([\w-]{44,})$/;

/** Of which any `needed` give the root key, and fewer nothing: one line each, for one keeper each. */
export async function splitRootKey(
  folder: string,
  { shares, needed }: { shares: number; needed: number },
): Promise<string[]> {
  const { root } = await loadRoots(folder);
  const parts = await split(new Uint8Array(root), shares, needed);
  const head = `root-share.${needed}.${rootFingerprint(root)}`;
  return parts.map((part) => `${head}.${Buffer.from(part).toString("base64url")}`);
}

/** Writes the root key that the shares give; a folder that has one keeps it. Throws `keyring.bad_shares` saying why. */
export async function joinRootKey(folder: string, lines: string[]): Promise<string> {
  const shares = lines.map(readShare);
  const [first] = shares;
  if (first === undefined) throw badShares("none was given");
  const { needed, fingerprint } = first;
  if (shares.some((share) => share.fingerprint !== fingerprint))
    throw badShares("they are of different root keys");
  if (new Set(shares.map(({ text }) => text)).size < needed)
    throw badShares(`${needed} different ones are needed`);
  const root = Buffer.from(await combine(shares.map(({ bytes }) => bytes)));
  if (rootFingerprint(root) !== fingerprint) throw badShares("one of them is damaged");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await createPrivateFile(folder, rootFile, root);
  if (rootFingerprint((await loadRoots(folder)).root) !== fingerprint)
    throw badShares(`the folder has another ${rootFile} already`);
  return fingerprint;
}

function readShare(line: string) {
  const match = sharePattern.exec(line.trim());
  const [text, needed, fingerprint, share] = match ?? [];
  if (text === undefined || fingerprint === undefined || share === undefined)
    throw badShares("a line is not a share");
  return {
    text: createHash("sha256").update(share).digest("hex"),
    needed: Number(needed),
    fingerprint,
    bytes: new Uint8Array(Buffer.from(share, "base64url")),
  };
}

function badShares(reason: string): AppError {
  const message = `The shares give no root key: ${reason}.`;
  return new AppError("invalid", "keyring.bad_shares", { internal: message, public: message });
}
