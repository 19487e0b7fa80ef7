import { expect, test } from "vitest";
import { humanAgentWindow, windowState } from "../../domain/conversation/message-window.ts";

const lastCustomerActionAt = new Date("2026-03-01T10:00:00.000Z");
const at = (text: string) => ({ lastCustomerActionAt, now: new Date(text) });

test("the window is open for 24 hours and closed at their end", () => {
  const closesAt = new Date("2026-03-02T10:00:00.000Z");
  expect(windowState(at("2026-03-02T09:59:59.999Z"))).toEqual({ isOpen: true, closesAt });
  expect(windowState(at("2026-03-02T10:00:00.000Z"))).toEqual({ isOpen: false, closesAt });
});

test("a person may write for seven days", () => {
  expect(humanAgentWindow(at("2026-03-08T09:59:59.999Z")).isOpen).toBe(true);
  expect(humanAgentWindow(at("2026-03-08T10:00:00.000Z")).isOpen).toBe(false);
});

test("without any action of the customer no window was ever open", () => {
  expect(windowState({ lastCustomerActionAt: null, now: new Date() })).toEqual({
    isOpen: false,
    closesAt: null,
  });
});
