import { AppError } from "../../domain/app-error.ts";

/** Not a matter of the state of what is decided about, but of who asks. */
export const notTheirs: ReadonlySet<string> = new Set([
  "upgrade.own_request",
  "upgrade.own_shop",
  "upgrade.related",
  "upgrade.no_person",
]);

/** An admin has a share in what they would decide about. */
export function ofTheirs(code: string): AppError {
  return new AppError("forbidden", code, {
    internal: "the admin has a share in it",
    public: "Somebody else must decide about this request.",
  });
}
