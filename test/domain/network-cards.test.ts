import { expect, test } from "vitest";

import { findNetworkCards } from "../../domain/text/find-cards.ts";
import { fc } from "../support/properties.ts";

test.each([
  ["a KBZPay reference of 20 digits", "01004230001987654321"],
  ["20 digits that hold a card", "41111111111111110000"],
  ["a reference of 14 digits", "01004230001987"],
  ["16 digits with a wrong check digit", "4111111111111112"],
  ["16 digits with a right check digit that no network begins with", "7992739871300006"],
  ["a barcode", "4006381333931"],
  ["an IMEI, whose check digit is a card's", "356938035643809"],
  ["a Burmese phone", "09 791 234 567"],
  ["an account", "99930 7999 0123 4567"],
  ["a parcel with letters", "RR123456789MM"],
])("leaves %s alone", (_, text) => {
  expect(findNetworkCards(text)).toEqual([]);
});

test.each([
  ["unbroken", "4111111111111111"],
  ["behind a word for references", "ref no 4111111111111111"],
  ["in groups", "5555 5555 5555 4444"],
  ["in Myanmar digits", "၄၁၁၁ ၁၁၁၁ ၁၁၁၁ ၁၁၁၁"],
  ["of 15 digits", "378282246310005"],
  ["of 19 digits", "6304000000000000000"],
])("finds a card %s", (_, text) => {
  expect(findNetworkCards(text)).toHaveLength(1);
});

test("never takes an unbroken number for a card whose check digit is wrong", () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 13, maxLength: 19 });
  fc.assert(
    fc.property(digits, (number) => {
      if (luhnSum(number) % 10 === 0) return;
      expect(findNetworkCards(number.join(""))).toEqual([]);
    }),
  );
});

function luhnSum(digits: number[]): number {
  return digits.toReversed().reduce((sum, value, index) => {
    const doubled = index % 2 === 1 ? value * 2 : value;
    return sum + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
}
