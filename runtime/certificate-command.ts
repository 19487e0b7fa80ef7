import { readFile } from "node:fs/promises";
import { z } from "zod";

import { isSigned } from "../clients/certificate-signer.ts";
import { UsageError, runCommand } from "./run-command.ts";

const help = `npm run certificate -- verify <file>

Checks a certificate of deletion without a network: that its signature is of the key that it names, over exactly what it
says. The file is the answer of getDeletionCertificate. Compare the key's id, which is printed, with those that the
platform publishes at /v1/certificate-keys.

Ends with 1 when the signature does not fit.`;

const file = z.object({
  certificate: z.looseObject({
    unreadableSince: z.string(),
    finalSince: z.string().nullable(),
    holds: z.array(z.json()),
  }),
  signature: z.base64(),
  keyId: z.string(),
  publicKey: z.base64(),
});

await runCommand({ help, run });

async function run([verb, path, ...rest]: string[]): Promise<boolean> {
  if (verb !== "verify" || path === undefined || rest.length > 0) throw new UsageError("verify one file");
  const parsed = file.safeParse(parseJson(await readFile(path, "utf8").catch(() => missing(path))));
  if (!parsed.success) throw new UsageError(`${path} is no certificate`);
  const { certificate, ...proof } = parsed.data;
  if (!isSigned({ certificate, ...proof })) {
    console.error("NOT genuine: the signature does not fit what the certificate says.");
    return false;
  }
  console.log(`Genuine, signed by key ${proof.keyId}.`);
  console.log(`Unreadable since ${certificate.unreadableSince}.`);
  console.log(`Final since ${certificate.finalSince ?? "(pending)"}.`);
  const { holds } = certificate;
  console.log(holds.length === 0 ? "Nothing is kept." : `Kept: ${JSON.stringify(holds)}`);
  return true;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function missing(path: string): never {
  throw new UsageError(`there is no file ${path}`);
}
