import { ApplicationFailure, CancelledFailure } from "@temporalio/common";
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

test("keeps class and code of an error that is not ours, and tries again", () => {
  const error = Object.assign(new TypeError("Key (name)=(Ma Hla) exists"), { code: "23505" });
  const failure = toActivityFailure(error);
  expect(failure).toMatchObject({ type: "TypeError.23505", message: "TypeError.23505", nonRetryable: false });
  expect(JSON.stringify([failure, (failure as Error).stack])).not.toContain("Ma Hla");
});

test("passes the SDK's own failures as they are", () => {
  const cancelled = new CancelledFailure("cancelled");
  expect(toActivityFailure(cancelled)).toBe(cancelled);
});
