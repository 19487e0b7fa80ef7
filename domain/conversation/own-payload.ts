const typeId = "[a-z]{2,8}_[0-7][0-9a-hjkmnp-tv-z]{25}";
const hash = "[0-9a-f]{32}";
const shape = new RegExp(`^[a-z]{1,20}(?::(?:${typeId}|${hash})){0,2}$`, "u");

/** Whether a payload has the shape of those that our own buttons carry: a word, ids, a hash. It proves nothing else. */
export function isOwnPayload(payload: string): boolean {
  return shape.test(payload);
}
