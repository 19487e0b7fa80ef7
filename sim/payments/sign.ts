import { createHash } from "node:crypto";

/** As the provider's documentation says; written anew here, so that product and simulator check each other. */
export function sign(fields: Record<string, unknown>, key: string): string {
  const flat = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (name === "sign" || name === "sign_type") continue;
    const inner = name === "biz_content" ? Object.entries(value as object) : [[name, value] as const];
    for (const [field, given] of inner) {
      if (given !== null && given !== undefined && given !== "" && typeof given !== "object") {
        flat.set(field, String(given));
      }
    }
  }
  const names = [...flat.keys()].sort();
  const text = names.map((name) => `${name}=${flat.get(name)}`).join("&");
  return createHash("sha256").update(`${text}&key=${key}`).digest("hex").toUpperCase();
}

export function signed<Fields extends Record<string, unknown>>(fields: Fields, key: string) {
  return { ...fields, sign_type: "SHA256", sign: sign(fields, key) };
}
