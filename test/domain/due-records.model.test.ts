import { describe, expect, test } from "vitest";

import {
  disputeBegan,
  isContactDue,
  isDue,
  isFinanceDue,
  isMessageDue,
} from "../../domain/privacy/due-records.ts";
import {
  dayMs,
  keptDays,
  noShopRetention,
  purgeRuleNames,
  purgeRules,
} from "../../domain/privacy/purge-rules.ts";
import type { ShopRetention } from "../../domain/privacy/purge-rules.ts";
import { oldestMessageDays, retentionRules } from "../../domain/privacy/retention-class.ts";
import { fc } from "../support/properties.ts";

const second = 1_000;
/** Midnight by the shop's clock, by the server's, and in between; days of 24 hours know no zone. */
const begun = [
  new Date("2026-01-31T00:00:00+06:30"),
  new Date("2026-01-31T23:59:59+06:30"),
  new Date("2026-02-28T00:00:00Z"),
  new Date("2024-02-28T17:30:00Z"),
];

const after = (start: Date, days: number, ms = 0) => new Date(start.getTime() + days * dayMs + ms);
const days = fc.integer({ min: -10, max: 2_000 });
const shops = fc.record({ conversationDays: fc.option(days), disputeDays: fc.option(days) });
const instant = fc.date({ min: new Date("2020-01-01"), max: new Date("2033-12-31"), noInvalidDate: true });

describe("a record", () => {
  test.each(purgeRuleNames)(
    "of %s is due in the second in which its time is over, and not one before",
    (rule) => {
      const kept = keptDays(rule);
      for (const start of begun) {
        const at = (ms: number) => isDue(rule, start, { now: after(start, kept, ms), shop: noShopRetention });
        expect([at(-second), at(0), at(second)]).toEqual([false, true, true]);
      }
    },
  );

  test("is kept as long as its class says, or a rule that is stricter", () => {
    for (const rule of purgeRuleNames) {
      const { defaultDays } = retentionRules[purgeRules[rule].class];
      if (rule.startsWith("old_")) expect(keptDays(rule)).toBe(oldestMessageDays);
      else expect(keptDays(rule), rule).toBeLessThanOrEqual(defaultDays ?? 0);
    }
    expect([keptDays("messages"), keptDays("order_contacts"), keptDays("paid_orders")]).toEqual([
      180, 180, 2_557,
    ]);
  });

  test("is kept within the bounds of its class whatever a shop has set, and only its classes are the shop's", () => {
    fc.assert(
      fc.property(shops, fc.constantFrom(...purgeRuleNames), (shop, rule) => {
        const { bounds } = retentionRules[purgeRules[rule].class];
        const kept = keptDays(rule, shop);
        const isShops = ["conversation", "order.dispute"].includes(purgeRules[rule].class);
        if (!isShops || "days" in purgeRules[rule]) expect(kept).toBe(keptDays(rule));
        else expect(kept >= (bounds?.minDays ?? 0) && kept <= (bounds?.maxDays ?? 0)).toBe(true);
      }),
    );
    const own: ShopRetention = { conversationDays: 30, disputeDays: 60 };
    expect([keptDays("messages", own), keptDays("order_contacts", own)]).toEqual([30, 60]);
  });

  test("that is due stays due", () => {
    fc.assert(
      fc.property(fc.constantFrom(...purgeRuleNames), instant, instant, shops, (rule, start, now, shop) => {
        if (!isDue(rule, start, { now, shop })) return;
        expect(isDue(rule, start, { now: after(now, 1), shop })).toBe(true);
      }),
    );
  });
});

describe("a message", () => {
  const moment = (now: Date) => ({ now, shop: noShopRetention });

  test("slides with its conversation, until it is 730 days old itself", () => {
    for (const at of begun) {
      const inLiveChat = (now: Date) => isMessageDue({ at, lastOfConversation: now }, moment(now));
      expect(inLiveChat(after(at, 730, -second))).toBe(false);
      expect(inLiveChat(after(at, 730))).toBe(true);
      const last = after(at, 100);
      const inQuietChat = (now: Date) => isMessageDue({ at, lastOfConversation: last }, moment(now));
      expect([inQuietChat(after(last, 180, -second)), inQuietChat(after(last, 180))]).toEqual([false, true]);
    }
  });

  test("never outlives 730 days, whatever the shop has set and however the chat goes on", () => {
    fc.assert(
      fc.property(instant, fc.nat(4_000), shops, (at, more, shop) => {
        const last = after(at, more);
        const now = after(at, oldestMessageDays);
        expect(isMessageDue({ at, lastOfConversation: last }, { now, shop })).toBe(true);
      }),
    );
  });
});

describe("an order", () => {
  const ended = new Date("2026-06-01T00:00:00Z");
  const moment = (now: Date) => ({ now, shop: noShopRetention });

  test("keeps name, phone and address for 180 days after delivery, or its end without one", () => {
    const delivered = { deliveredAt: ended, endedAt: after(ended, 20), isOpen: false };
    const cancelled = { deliveredAt: null, endedAt: ended, isOpen: false };
    for (const order of [delivered, cancelled]) {
      expect(isContactDue(order, moment(after(ended, 180, -second)))).toBe(false);
      expect(isContactDue(order, moment(after(ended, 180)))).toBe(true);
    }
  });

  test("is not over while somebody owes something, however old it is", () => {
    const open = { deliveredAt: ended, endedAt: ended, isOpen: true, lastPaidAt: ended };
    const running = { deliveredAt: ended, endedAt: null, isOpen: false, lastPaidAt: ended };
    for (const order of [open, running]) {
      expect(disputeBegan(order)).toBe(null);
      expect(isContactDue(order, moment(after(ended, 9_000)))).toBe(false);
      expect(isFinanceDue(order, moment(after(ended, 9_000)))).toBe(false);
    }
  });

  test("stays in the books for seven years after its last payment", () => {
    const order = { deliveredAt: ended, endedAt: ended, isOpen: false, lastPaidAt: after(ended, 3) };
    expect(isFinanceDue(order, moment(after(ended, 2_560, -second)))).toBe(false);
    expect(isFinanceDue(order, moment(after(ended, 2_560)))).toBe(true);
  });
});
