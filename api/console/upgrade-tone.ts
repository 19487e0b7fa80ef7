import type { UpgradeRequest } from "./api-types.ts";
import type { Tone } from "./parts.tsx";

export function upgradeTone(state: UpgradeRequest["state"]): Tone {
  switch (state) {
    case "draft":
    case "asked_again":
      return "act";
    case "submitted":
      return "wait";
    case "approved":
      return "good";
    case "rejected":
      return "bad";
    case "lapsed":
    case "cancelled":
      return "plain";
  }
}
