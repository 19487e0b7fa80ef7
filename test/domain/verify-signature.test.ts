import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { appsecretProof, verifySignature } from "../../domain/messenger/verify-signature.ts";

// Meta escapes what is not ASCII and the slash; these bytes are what it signs.
const body = Buffer.from(
  String.raw`{"object":"page","text":"\u1019\u1004\u103a\u1039 https:\/\/shop.example"}`,
);

function sign(secret: string, bytes: Uint8Array = body): string {
  return `sha256=${createHmac("sha256", secret).update(bytes).digest("hex")}`;
}

test("accepts the signature of the raw bytes", () => {
  expect(verifySignature(body, sign("secret"), ["secret"])).toBe(true);
});

test("accepts the newer and the older secret during a rotation, and no third", () => {
  expect(verifySignature(body, sign("old"), ["new", "old"])).toBe(true);
  expect(verifySignature(body, sign("new"), ["new", "old"])).toBe(true);
  expect(verifySignature(body, sign("other"), ["new", "old"])).toBe(false);
});

test("refuses the signature of re-serialised JSON", () => {
  const again = Buffer.from(JSON.stringify(JSON.parse(body.toString())));
  expect(verifySignature(again, sign("secret"), ["secret"])).toBe(false);
});

test("refuses one changed byte", () => {
  const changed = Buffer.from(body);
  changed[20] = (changed[20] ?? 0) ^ 1;
  expect(verifySignature(changed, sign("secret"), ["secret"])).toBe(false);
});

test.each([
  undefined,
  "",
  "sha256=",
  sign("secret").slice(0, -1),
  `${sign("secret")}0`,
  sign("secret").replace("sha256=", "sha1="),
  sign("secret").slice("sha256=".length),
  `sha256=${"é".repeat(64)}`,
  `sha256=${"z".repeat(64)}`,
  sign("secret").toUpperCase(),
])("refuses the header %s without throwing", (header) => {
  expect(verifySignature(body, header, ["secret"])).toBe(false);
});

test("refuses everything when no secret, or an empty one, is set", () => {
  expect(verifySignature(body, sign("secret"), [])).toBe(false);
  expect(verifySignature(body, sign(""), [""])).toBe(false);
});

test("signs a token with the app secret", () => {
  // RFC 4231, test case 2.
  expect(appsecretProof("what do ya want for nothing?", "Jefe")).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});
