/** `name=value,name=value` with percent-encoded values, as the standard has it; undefined when it is not that. */
export function readHeaders(text: string): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  for (const pair of text === "" ? [] : text.split(",")) {
    const [, name, value] = /^\s*([\w-]+)\s*=(.+)$/.exec(pair) ?? [];
    if (name === undefined || value === undefined) return undefined;
    try {
      headers[name] = decodeURIComponent(value.trim());
    } catch {
      return undefined;
    }
  }
  return headers;
}
