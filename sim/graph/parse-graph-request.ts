import type { Context } from "hono";
import { badParameter } from "./graph-error.ts";

export type GraphRequest = {
  /** Query and body together; the body wins. Form fields that hold JSON are parsed. */
  params: Record<string, unknown>;
  file: { bytes: Uint8Array; contentType: string } | null;
  bearer: string | null;
};

/** Reads a Graph call in any of the forms that Meta takes: JSON, URL-encoded or multipart. */
export async function parseGraphRequest(c: Context): Promise<GraphRequest> {
  const params: Record<string, unknown> = { ...c.req.query() };
  const bearer = /^(?:Bearer|OAuth) (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? null;
  const contentType = c.req.header("content-type") ?? "";
  const body = await c.req.arrayBuffer();
  if (body.byteLength === 0) return { params, file: null, bearer };
  if (!/urlencoded|form-data/i.test(contentType)) {
    return { params: { ...params, ...parseObject(new TextDecoder().decode(body)) }, file: null, bearer };
  }
  const form = await new Response(body, { headers: { "content-type": contentType } }).formData();
  let file: GraphRequest["file"] = null;
  for (const [name, value] of form) {
    if (typeof value === "string") params[name] = looksLikeJson(value) ? parseAny(value) : value;
    else file = { bytes: new Uint8Array(await value.arrayBuffer()), contentType: value.type };
  }
  return { params, file, bearer };
}

export function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function parseObject(text: string): Record<string, unknown> {
  const record = asRecord(parseAny(text));
  if (!record) throw badParameter("The request body must be a JSON object");
  return record;
}

function parseAny(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badParameter("Invalid JSON in the request");
  }
}

function looksLikeJson(text: string): boolean {
  return text.startsWith("{") || text.startsWith("[");
}

/** Text or a number as text; anything else counts as absent. */
export function asText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : undefined;
}

/** `a,b` or ["a","b"], as Meta takes lists in queries and in JSON. */
export function asList(value: unknown): string[] {
  const items = Array.isArray(value)
    ? value.map((one) => asText(one) ?? "")
    : (asText(value) ?? "").split(",");
  return items.map((item) => item.trim()).filter((item) => item !== "");
}
