import type { Purpose, SubjectKind } from "../sealing.ts";

/**
 * `access`: what is kept of the person, of an owner with the business of their shops. `portability`: of an owner with all that
 * their shops have, customers and pictures included; of others the same as access.
 */
export const packageKinds = ["access", "portability"] as const;
export type PackageKind = (typeof packageKinds)[number];

/** After these nobody gets it any more: 7 days of 24 hours. */
export const packageLifeMs = 7 * 24 * 60 * 60_000;

/** The key that goes first when the subject is erased: then a package is unreadable at once. */
export function packagePurpose(kind: SubjectKind): Purpose | undefined {
  switch (kind) {
    case "customer":
      return "chat";
    case "account":
      return "account";
    case "participant":
      return "referral";
    case "shop":
      return "secret";
    case "upgrade":
    case "billing":
    case "ticket":
    case "incident":
      return undefined;
  }
}
