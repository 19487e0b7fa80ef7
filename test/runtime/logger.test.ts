import { expect, test } from "vitest";
import { AppError } from "../../domain/app-error.ts";
import { describeError } from "../../runtime/logger.ts";

test("writes of an unknown error only what cannot quote a row or a request", () => {
  const error = Object.assign(new Error('invalid input syntax: "09-canary"'), {
    code: "22P02",
    detail: "Key (phone)=(09-canary) already exists.",
    parameters: ["09-canary"],
  });
  const described = describeError(
    new AppError("internal", "order.failed", { internal: "order 7", cause: error }),
  );
  expect(described).toMatchObject({
    code: "order.failed",
    internal: "order 7",
    cause: { type: "Error", code: "22P02" },
  });
  expect(JSON.stringify(described)).not.toContain("canary");
});
