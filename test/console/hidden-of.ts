import type { Page } from "./console-world.ts";

/** The hidden fields of the form that goes there, as a browser would send them. */
export function hiddenOf({ html }: Page, action: string | RegExp): Record<string, string> {
  const goesThere = (part: string) =>
    typeof action === "string" ? part.includes(action) : action.test(part);
  const form = html.split("<form").find(goesThere) ?? "";
  const inputs = form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g);
  return Object.fromEntries(
    [...inputs].map(([, name = "", value = ""]) => [name, value.replaceAll("&quot;", '"')]),
  );
}
