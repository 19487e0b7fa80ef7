import { expect, test } from "vitest";

import {
  criticalKinds,
  isTold,
  noticeTopics,
  pageOfNotice,
  seenKinds,
} from "../../domain/account/notice-topics.ts";
import type { NoticeChoices, NoticeTopic } from "../../domain/account/notice-topics.ts";
import { listPreferences } from "../../domain/account/notice-preferences.ts";
import { membershipRoles } from "../../domain/account/roles.ts";
import type { MembershipRole } from "../../domain/account/roles.ts";
import { scopes, scopesOf } from "../../domain/account/scopes.ts";
import type { Scope } from "../../domain/account/scopes.ts";
import { fc } from "../support/properties.ts";

const kinds = seenKinds(new Set(scopes));
const critical = new Set(noticeTopics.flatMap(criticalKinds));
const anyKind = fc.constantFrom(...kinds);
const anyRole = fc.constantFrom(...membershipRoles);
const anyChannel = fc.constantFrom("push" as const, "email" as const);
const anyChoices = fc.record(Object.fromEntries(noticeTopics.map((topic) => [topic, fc.boolean()])), {
  requiredKeys: [],
}) as fc.Arbitrary<NoticeChoices>;

test("whoever is told may read notices, and sees this one among them", () => {
  fc.assert(
    fc.property(anyKind, anyRole, anyChannel, anyChoices, (kind, role, channel, choices) => {
      if (!isTold(kind, channel, { role, choices })) return;
      expect(scopesOf[role].has("notices.read")).toBe(true);
      expect(seenKinds(scopesOf[role])).toContain(kind);
    }),
  );
});

test("an owner is pushed what is critical whatever was chosen, and nothing else that was switched off", () => {
  const choices = Object.fromEntries(noticeTopics.map((topic) => [topic, false]));
  const told = kinds.filter((kind) => isTold(kind, "push", { role: "owner", choices }));
  expect(new Set(told)).toEqual(critical);
});

test("an owner hears of everything unless it is switched off", () => {
  expect(kinds.filter((kind) => !isTold(kind, "push", { role: "owner", choices: {} }))).toEqual([]);
});

test("who is told in any case is shown of what, as far as they hear of it", () => {
  const choices = { push: {}, email: {} };
  const privacy = ["privacy_to_answer", "privacy_reminder", "privacy_done_for_you", "privacy_overdue"];
  const always = (role: MembershipRole, topic: NoticeTopic) =>
    listPreferences({ roles: [role], isOfPlatform: false, choices }).find((one) => one.topic === topic)
      ?.alwaysTold;
  expect(always("owner", "shop")).toEqual([
    "page_broken",
    "policy_changed",
    "attestation_due",
    "break_glass_opened",
    "break_glass_ended",
    "access_review_due",
    "disclosure_made",
    ...privacy,
    "breach_notice",
    "breach_unreached",
  ]);
  expect(always("manager", "shop")).toEqual([
    "page_broken",
    "policy_changed",
    "privacy_done_for_you",
    "breach_notice",
    "breach_unreached",
  ]);
  expect(always("staff", "plan")).toEqual(["plan_limited", "plan_suspended"]);
});

test("what only an owner may state is told to owners alone", () => {
  const told = membershipRoles.filter((role) => isTold("attestation_due", "email", { role, choices: {} }));
  expect(told).toEqual(["owner"]);
});

/** Without it the page says nothing. */
const scopeOf: Record<string, Scope> = {
  "/console/orders": "orders.read",
  "/console/evidence": "payments.read",
  "/console/conversations": "conversations.read",
  "/console/shop": "shop.read",
  "/console/account/policies": "shop.read",
  "/console/attestations": "shop.read",
  "/console/plan": "subscription.read",
  "/console/credits": "credits.read",
  "/console/referral": "referral.read",
  "/console/account": "notices.read",
  "/console/team": "team.read",
  "/console/notices": "notices.read",
};

test("a notice leads whoever hears of it to a page that they may see", () => {
  for (const role of membershipRoles) {
    for (const kind of kinds) {
      if (!isTold(kind, "push", { role, choices: {} })) continue;
      const page = pageOfNotice(kind, scopesOf[role]);
      const scope = scopeOf[page];
      expect(scope !== undefined && scopesOf[role].has(scope), `${role}: ${kind} at ${page}`).toBe(true);
    }
  }
});

test("a mail of a notice leads to the page where something can be done", () => {
  expect(pageOfNotice("attestation_due")).toBe("/console/attestations");
  expect(pageOfNotice("credits_out")).toBe("/console/credits");
  expect(pageOfNotice("unmatched_evidence")).toBe("/console/evidence");
});
