import { expect, test } from "vitest";
import { isSamePayee } from "../../domain/payment/same-payee.ts";

const account = { accountName: "Daw Hla Hla Win", accountNumber: "09 791 234 567" };

test.each([
  "Daw Hla Hla Win",
  "HLA HLA WIN",
  "hla-hla win",
  "H** Hla Win",
  "Hla H** W**",
  "***4567",
  "(******4567)",
  "xxxxxx4567",
  "09•••••4567",
  "09791234567",
  "+95 9 791 234 567",
  "၀၉၇၉၁၂၃၄၅၆၇",
  "Ma Hla (09791234567)",
  "D** H** (******4567)",
  "KBZPay: Hla Hla Win",
])("%s can be the account", (payee) => {
  expect(isSamePayee(payee, account)).toBe(true);
});

test.each([
  "U Aung Aung",
  "Hla",
  "Hla Hla",
  "H**",
  "***4568",
  "09791234568",
  "Hla Hla Win (09999999999)",
  "Aung Aung (******4567)",
  "08***4567",
  "***",
  "",
])("%s is not the account", (payee) => {
  expect(isSamePayee(payee, account)).toBe(false);
});

test("honorifics and names that look like one are told apart", () => {
  const koko = { accountName: "U Ko Ko", accountNumber: "" };
  expect(isSamePayee("Ko Ko", koko)).toBe(true);
  expect(isSamePayee("U Zaw", koko)).toBe(false);
});

test("a Burmese name is the same with and without its honorific", () => {
  const hla = { accountName: "ဒေါ်လှလှဝင်း", accountNumber: "0012345678" };
  expect(isSamePayee("လှလှဝင်း", hla)).toBe(true);
  expect(isSamePayee("အောင်အောင်", hla)).toBe(false);
});
