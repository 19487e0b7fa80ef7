import { describe, expect, test } from "vitest";

import { emailStem } from "../../domain/account/email-stem.ts";
import { judgePassword } from "../../domain/account/judge-password.ts";
import { mailBackOffMs } from "../../domain/account/mail-back-off.ts";
import { mailText } from "../../domain/account/mail-texts.ts";
import type { MailKind } from "../../domain/account/mail-texts.ts";
import { attestationYearMs, attestationYearsPast } from "../../domain/account/policies.ts";
import { fc } from "../support/properties.ts";

const email = "daw.thiri@example.com";

describe("a password", () => {
  test.each([
    ["seven green umbrellas", null],
    ["သစ်ပင်ကြီးတွေ", null],
    ["kXz93vq!", null],
    ["12345678", "common"],
    ["PASSWORD1", "common"],
    ["iloveyou1", "common"],
    ["aaaaaaaaaa", "common"],
    ["ababababab", "common"],
    ["Shopthread1!", "common"],
    ["1234567", "too_short"],
    ["သစ်ပင်", "too_short"],
    [`${email} x`, "contains_email"],
    ["DAW.Thiri 123", "contains_email"],
  ])("%s is judged %s", (password, expected) => {
    expect(judgePassword(password, email)).toBe(expected);
  });

  test("of any kind of characters is good when it is long enough and nobody's first guess", () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{4,9}$/), { minLength: 4, maxLength: 8 });
    fc.assert(
      fc.property(words, (list) => {
        fc.pre(new Set(list).size === list.length);
        expect(judgePassword(list.join(" "), email)).toBe(null);
      }),
    );
  });

  test("may have 1,024 characters and no more", () => {
    const long = Array.from({ length: 341 }, (_, index) => String(index).padStart(3, "0")).join("");
    expect(judgePassword(`${long}x`, email)).toBe(null);
    expect(judgePassword(`${long}xy`, email)).toBe("too_long");
  });
});

const kinds: MailKind[] = [
  "verify_email",
  "address_taken",
  "reset_password",
  "password_changed",
  "change_email",
  "email_changed",
  "account_suspended",
  "account_reinstated",
  "new_device",
  "factor_confirmed",
  "factor_removed",
  "recovery_code_used",
  "invitation",
  "owner_notice",
  "application_decided",
  "earnings_held",
  "flag_decided",
  "upgrade_waits",
  "upgrade_waits_long",
  "payout_waits",
  "payout_waits_long",
  "access_review_waits",
  "privacy_answered",
  "privacy_waits",
  "privacy_waits_long",
];

describe.each(kinds)("the mail %s", (kind) => {
  test.each(["en", "my"] as const)(
    "has a subject, its link on a line of its own and no gap, in %s",
    (language) => {
      const facts = { data: { shopName: "Shwe Thread" }, token: "t_0-k", publicUrl: "https://shop.test" };
      const { subject, body } = mailText(kind, facts, language);
      expect(subject).toMatch(language === "my" ? /[\u1000-\u109f]/ : /^[A-Z][ -~]+$/);
      expect(body.split("\n").filter((line) => line.startsWith("https://shop.test/console/"))).toHaveLength(
        1,
      );
      expect(body).toContain("?token=t_0-k\n");
      expect(body).not.toMatch(/[{}]|undefined/);
    },
  );
});

test("the mail of a notice names the shop, the order and the amount, and leads to the orders", () => {
  const facts = { orderNumber: "1001", amountMinor: 15_000, currency: "MMK" } as const;
  const data = { notice: "order_placed", shopName: "Shwe Thread", facts } as const;
  const mail = mailText("owner_notice", { data, token: undefined, publicUrl: "https://shop.test" }, "en");
  expect(mail.subject).toBe("New order");
  expect(mail.body).toContain("Shwe Thread: #1001 · 15,000 MMK · A customer placed an order.\n");
  expect(mail.body).toContain("\nhttps://shop.test/console/orders\n");
});

test("a mail names the support where there is one, and none where there is none", () => {
  const facts = { data: {}, token: undefined, publicUrl: "https://shop.test" };
  const supportEmail = "help@shop.test";
  const named = (["en", "my"] as const).map(
    (language) => mailText("email_changed", { ...facts, supportEmail }, language).body,
  );
  expect(named.map((body) => body.trim().split(": ").at(-1))).toEqual([supportEmail, supportEmail]);
  expect(mailText("email_changed", facts, "en").body).toMatch(/\nShopthread\n$/);
});

test.each(["{link}", "$&"])("a shop called %s gets no link in its name's place", (shopName) => {
  const facts = { data: { shopName }, token: "t_0-k", publicUrl: "https://shop.test" };
  const { body } = mailText("invitation", facts, "en");
  expect(body).toContain(`in the shop ${shopName} at`);
  expect(body).toContain("\nhttps://shop.test/console/join?token=t_0-k\n");
});

test("a mail is tried again after half a minute, then ever later, for about two days", () => {
  expect([1, 2, 3, 8, 20].map(mailBackOffMs)).toEqual([30_000, 60_000, 120_000, 3_600_000, 3_600_000]);
  expect(mailBackOffMs(50)).toBeUndefined();
});

test("a year counts from the day of the statement", () => {
  const since = new Date("2026-11-30T00:00:00Z");
  const after = (ms: number) => attestationYearsPast(since, new Date(since.getTime() + ms));
  expect([
    after(0),
    after(attestationYearMs - 1),
    after(attestationYearMs),
    after(2.5 * attestationYearMs),
  ]).toEqual([0, 0, 1, 2]);
  expect(after(-1)).toBe(0);
});

test.each([
  ["Aye+shop2@Example.com", "aye@example.com"],
  ["a.y.e@example.com", "a.y.e@example.com"],
  ["A.y.e+x@googlemail.com", "aye@gmail.com"],
  ["nobody", "nobody"],
])("the stem of %s is %s", (address, stem) => {
  expect(emailStem(address)).toBe(stem);
});
