import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";

import { readSignedRequest } from "../../domain/messenger/signed-request.ts";

type Signing = { secret?: string; payload?: string; standard?: boolean; padded?: boolean };

function sign(json: string, { secret = "secret", standard = false, padded = false }: Signing = {}): string {
  const encode = (bytes: Buffer) => {
    const text = bytes.toString(standard ? "base64" : "base64url").replace(/=+$/, "");
    return padded ? text.padEnd(Math.ceil(text.length / 4) * 4, "=") : text;
  };
  const payload = encode(Buffer.from(json));
  return `${encode(createHmac("sha256", secret).update(payload).digest())}.${payload}`;
}

const body = (userId: string, algorithm = "HMAC-SHA256") =>
  `{"algorithm":"${algorithm}","issued_at":1790000000,"user_id":${userId}}`;
const read = (text: string, secrets = ["secret"]) => readSignedRequest(text, secrets)?.personId;

describe("a signed request", () => {
  test("names the person, as text or as a number that JavaScript would round", () => {
    expect(read(sign(body('"30000000000000017"')))).toBe("30000000000000017");
    expect(read(sign(body("30000000000000017")))).toBe("30000000000000017");
    expect(read(sign(body("218471")))).toBe("218471");
  });

  test("says when it was issued", () => {
    const issuedAt = new Date(1_790_000_000_000);
    expect(readSignedRequest(sign(body('"1"')), ["secret"])).toEqual({ personId: "1", issuedAt });
  });

  test("may come in either alphabet of base64, padded or not, whatever the case of its algorithm", () => {
    const json = body('"1"', "hmac-sha256");
    for (const standard of [true, false]) {
      for (const padded of [true, false]) expect(read(sign(json, { standard, padded }))).toBe("1");
    }
  });

  test("may be signed by any secret of a rotation", () => {
    expect(read(sign(body('"1"'), { secret: "old" }), ["new", "old"])).toBe("1");
  });

  test.each([
    ["by another secret", sign(body('"1"'), { secret: "other" })],
    ["by no secret", sign(body('"1"'), { secret: "" })],
    ["of another payload", `${sign(body('"1"')).split(".")[0]}.${sign(body('"2"')).split(".")[1]}`],
    ["of another algorithm", sign(body('"1"', "none"))],
    ["without a person", sign('{"algorithm":"HMAC-SHA256"}')],
    ["of what is no JSON", sign("nothing")],
    ["with junk in its signature", sign(body('"1"')).replace(".", "!.")],
    ["in three parts", `${sign(body('"1"'))}.x`],
    ["in one part", "x"],
    ["that is empty", ""],
  ])("%s is worth nothing", (_, text) => {
    expect(read(text, ["secret", ""])).toBeUndefined();
  });
});
