import { generateKeyPairSync, randomBytes, randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { AppError } from "../domain/app-error.ts";
import type { LoginRole } from "../db/migrate.ts";
import { readStateFile, writeStateFile } from "./state-file.ts";

/** What a demonstration signs in with; random for each state folder. */
export type DemoSecrets = {
  ownerPassword: string;
  adminPassword: string;
  compliancePassword: string;
  /** 128 bits in hex, the secret part of the demonstration's API key. */
  apiKeySecret: string;
  appId: string;
  appSecret: string;
  verifyToken: string;
  pageId: string;
  pageToken: string;
  modelKey: string;
  fcmPrivateKey: string;
  merchantKey: string;
};

export type Secrets = {
  postgresPassword: string;
  rolePasswords: Record<LoginRole, string>;
  demo: DemoSecrets;
};

/** Reads the secrets of a state folder; what is missing is made once. A damaged file is never replaced. */
export function loadSecrets(path: string): Secrets {
  const stored = readStateFile<Partial<Secrets>>(path);
  if (stored === undefined && existsSync(path)) throw damaged(path);
  const made = makeSecrets();
  const secrets: Secrets = {
    ...made,
    ...stored,
    rolePasswords: { ...made.rolePasswords, ...stored?.rolePasswords },
    demo: { ...made.demo, ...stored?.demo },
  };
  if (JSON.stringify(secrets) !== JSON.stringify(stored)) writeStateFile(path, secrets);
  return secrets;
}

function makeSecrets(): Secrets {
  return {
    postgresPassword: hex(),
    rolePasswords: {
      app_api: hex(),
      app_worker: hex(),
      app_admin: hex(),
      app_system: hex(),
      keyring: hex(),
    },
    demo: makeDemoSecrets(),
  };
}

function makeDemoSecrets(): DemoSecrets {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return {
    ownerPassword: typeablePassword(),
    adminPassword: typeablePassword(),
    compliancePassword: typeablePassword(),
    apiKeySecret: hex(),
    appId: digits(15),
    appSecret: hex(),
    verifyToken: hex(),
    pageId: digits(15),
    pageToken: `EAA${randomBytes(48).toString("base64url")}`,
    modelKey: `sk-demo-${hex()}`,
    fcmPrivateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    merchantKey: hex(),
  };
}

function hex(): string {
  return randomBytes(16).toString("hex");
}

function digits(length: number): string {
  return Array.from({ length }, (_, index) => randomInt(index === 0 ? 1 : 0, 10)).join("");
}

/** 80 bits without letters that are mistaken for each other: people copy it from the terminal by eye. */
function typeablePassword(): string {
  const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
  const group = () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join("");
  return [group(), group(), group(), group()].join("-");
}

function damaged(path: string): AppError {
  const message =
    `${path} cannot be read, and without it the state folder's databases cannot be opened. ` +
    "Restore it from a backup, or move the whole state folder away to begin anew.";
  return new AppError("internal", "runtime.secrets_damaged", { internal: message, public: message });
}
