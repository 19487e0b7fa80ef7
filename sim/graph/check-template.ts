import { badParameter } from "./graph-error.ts";
import { limitedText } from "./limited-text.ts";
import { asRecord, asText } from "./parse-graph-request.ts";

const maxElements = 10;
const maxReceiptElements = 100;
const maxButtons = 3;
const maxElementTextLength = 80;
const maxButtonTextLength = 640;

/** Checks the templates that the product may use: generic, button, receipt and media. */
export function checkTemplate(payload: Record<string, unknown>): void {
  const type = payload["template_type"];
  if (type === "generic") return checkGeneric(payload);
  if (type === "button") return checkButtonTemplate(payload);
  if (type === "receipt") return checkReceipt(payload);
  if (type === "media") return void listOf(payload["elements"], "elements", 1);
  throw badParameter("Param message[attachment][payload][template_type] is not supported");
}

function checkGeneric(payload: Record<string, unknown>): void {
  for (const value of listOf(payload["elements"], "elements", maxElements)) {
    const element = asRecord(value) ?? {};
    limitedText(element["title"], maxElementTextLength, "elements[title]");
    if (element["subtitle"] !== undefined) {
      limitedText(element["subtitle"], maxElementTextLength, "elements[subtitle]");
    }
    if (element["image_url"] !== undefined) checkUrl(element["image_url"], "elements[image_url]");
    if (element["buttons"] !== undefined) checkButtons(element["buttons"]);
  }
}

function checkButtonTemplate(payload: Record<string, unknown>): void {
  limitedText(payload["text"], maxButtonTextLength, "payload[text]");
  checkButtons(payload["buttons"]);
}

function checkButtons(value: unknown): void {
  for (const item of listOf(value, "buttons", maxButtons)) {
    const button = asRecord(item) ?? {};
    const type = button["type"];
    if (type !== "postback" && type !== "web_url" && type !== "phone_number") {
      throw badParameter("Param buttons[type] is not supported");
    }
    limitedText(button["title"], 20, "buttons[title]");
    if (type === "web_url") checkUrl(button["url"], "buttons[url]");
    else limitedText(button["payload"], 1_000, "buttons[payload]");
  }
}

function checkReceipt(payload: Record<string, unknown>): void {
  for (const name of ["recipient_name", "order_number", "currency", "payment_method"]) {
    limitedText(payload[name], 1_000, name);
  }
  if (typeof asRecord(payload["summary"])?.["total_cost"] !== "number") {
    throw badParameter("Param summary[total_cost] is required");
  }
  if (payload["elements"] !== undefined) listOf(payload["elements"], "elements", maxReceiptElements);
  if (payload["timestamp"] !== undefined && !/^\d{10}$/.test(asText(payload["timestamp"]) ?? "")) {
    throw badParameter("Param timestamp must be a string of seconds");
  }
}

function listOf(value: unknown, name: string, limit: number): unknown[] {
  if (!Array.isArray(value) || value.length === 0)
    throw badParameter(`Param ${name} must be a non-empty array`);
  if (value.length > limit) throw badParameter(`Param ${name} must have no more than ${limit} elements`);
  return value;
}

function checkUrl(value: unknown, name: string): void {
  if (typeof value !== "string" || !URL.canParse(value) || !/^https?:/.test(value)) {
    throw badParameter(`Param ${name} should represent a valid URL`);
  }
}
