import { ApplicationFailure } from "@temporalio/common";
import { expect, test } from "vitest";

import { toActivityFailure } from "../../activities/activity-failure.ts";
import { AppError } from "../../domain/app-error.ts";

test("keeps the code of an error and nothing of its words", () => {
  const failure = toActivityFailure(
    new AppError("unavailable", "db.away", { internal: "host secret-host", public: "Away." }),
  );
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ type: "db.away", message: "db.away", nonRetryable: false });
});

test.each([
  ["not_found", true],
  ["invalid", true],
  ["conflict", false],
  ["internal", false],
] as const)("an error of kind %s ends the activity: %s", (kind, nonRetryable) => {
  expect(toActivityFailure(new AppError(kind, "some.code", { internal: "" }))).toMatchObject({
    nonRetryable,
  });
});

test("leaves errors that are not ours to the SDK's retries", () => {
  const error = new TypeError("bug");
  expect(toActivityFailure(error)).toBe(error);
});
