import { readFileSync } from "node:fs";
import { AppError } from "../domain/app-error.ts";
import { settingGroups } from "./settings.ts";

/**
 * A secret may stand in a file instead of the environment: `SMTP_URL_FILE=/run/secrets/smtp_url`. Puts what the files hold
 * into the environment, where the setting itself is absent, and takes the names of the files out of it.
 */
export function takeSecretFiles(env: NodeJS.ProcessEnv): void {
  for (const [name, { isSecret }] of Object.values(settingGroups).flatMap((group) => Object.entries(group))) {
    const path = isSecret ? env[`${name}_FILE`] : undefined;
    if (!path) continue;
    delete env[`${name}_FILE`];
    env[name] ||= readSecretFile(name, path);
  }
}

function readSecretFile(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    const message = `${name}_FILE: the file ${path} cannot be read.`;
    throw new AppError("invalid", "runtime.secret_file", { internal: message, public: message, cause });
  }
}
