import { expect, test } from "vitest";
import { maskSecrets } from "../../domain/text/mask-secrets.ts";

// Put together here, so that no scanner takes this file for a leak.
const alphanumeric = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY";
const hexadecimal = "0a1b2c3d4e5f6789";
const base58 = "2A3b4C5d6E7f8G9hJkLmNpQrStUvWxYz";

function letters(length: number, alphabet = alphanumeric): string {
  return alphabet.repeat(Math.ceil(length / alphabet.length)).slice(0, length);
}

function hex(length: number): string {
  return letters(length, hexadecimal);
}

const formats: [string, string][] = [
  ["OpenAI", `sk-${letters(48)}`],
  ["OpenAI project", `sk-proj-${letters(120)}`],
  ["Anthropic", `sk-ant-api03-${letters(90)}`],
  ["OpenRouter", `sk-or-v1-${hex(64)}`],
  ["Groq", `gsk_${letters(52)}`],
  ["Hugging Face", `hf_${letters(34)}`],
  ["AWS access key", `AKIA${letters(16).toUpperCase()}`],
  ["AWS session key", `ASIA${letters(16).toUpperCase()}`],
  ["Google API", `AIza${letters(35)}`],
  ["Google client secret", `GOCSPX-${letters(28)}`],
  ["Google OAuth", `ya29.${letters(60)}`],
  ["Azure storage", `AccountKey=${letters(86)}==`],
  ["DigitalOcean", `dop_v1_${hex(64)}`],
  ["Databricks", `dapi${hex(32)}`],
  ["Vault", `hvs.${letters(90)}`],
  ["PlanetScale", `pscale_tkn_${letters(43)}`],
  ["Supabase", `sbp_${hex(40)}`],
  ["GitHub classic", `ghp_${letters(36)}`],
  ["GitHub fine-grained", `github_pat_${letters(82)}`],
  ["GitLab", `glpat-${letters(20)}`],
  ["npm", `npm_${letters(36)}`],
  ["PyPI", `pypi-${letters(100)}`],
  ["Atlassian", `ATATT3${letters(100)}`],
  ["Linear", `lin_api_${letters(40)}`],
  ["Notion", `secret_${letters(43)}`],
  ["Postman", `PMAK-${hex(24)}-${hex(34)}`],
  ["Figma", `figd_${letters(40)}`],
  ["Airtable", `pat${letters(14)}.${hex(64)}`],
  ["Sentry", `sntrys_${letters(80)}`],
  ["Grafana", `glsa_${letters(32)}_${hex(8)}`],
  ["New Relic", `NRAK-${letters(27).toUpperCase()}`],
  ["Slack bot", `xoxb-${letters(12, "1234567890")}-${letters(24)}`],
  ["Slack webhook", `https://hooks.slack.com/services/T${letters(8)}/B${letters(8)}/${letters(24)}`],
  ["Discord webhook", `https://discord.com/api/webhooks/${letters(18, "1234567890")}/${letters(68)}`],
  ["Discord bot", `M${letters(25)}.${letters(6)}.${letters(38)}`],
  ["Telegram bot", `${letters(10, "1234567890")}:AA${letters(33)}`],
  ["Facebook Page token", `EAA${letters(180)}`],
  ["SendGrid", `SG.${letters(22)}.${letters(43)}`],
  ["Mailgun", `key-${hex(32)}`],
  ["Mailchimp", `${hex(32)}-us21`],
  ["Twilio", `SK${hex(32)}`],
  ["Shopify", `shpat_${hex(32)}`],
  ["Stripe secret", `sk_live_${letters(24)}`],
  ["Stripe restricted", `rk_test_${letters(24)}`],
  ["Stripe webhook", `whsec_${letters(32)}`],
  ["Razorpay", `rzp_live_${letters(14)}`],
  ["Square", `sq0atp-${letters(22)}`],
  ["Braintree", `access_token$production$${hex(16)}$${hex(32)}`],
  ["Bitcoin", `K${letters(51, base58)}`],
  ["JWT", `eyJ${letters(20)}.eyJ${letters(60)}.${letters(43)}`],
  ["private key", `-----BEGIN RSA PRIVATE KEY-----\n${letters(300)}\n-----END RSA PRIVATE KEY-----`],
  ["age", `AGE-SECRET-KEY-1${letters(58).toUpperCase()}`],
];

test.each(formats)("a key of %s is masked", (_issuer, key) => {
  expect(maskSecrets(`here: ${key} ok`)).toEqual({ text: "here: [key removed] ok", masked: ["key"] });
});

test.each([
  ["api_key=Zx81Kq02Lm", "api_key=[key removed]"],
  ['{"clientSecret": "Zx81Kq02LmPp"}', '{"clientSecret": "[key removed]"}'],
  [`aws_secret_access_key = ${letters(40)}`, "aws_secret_access_key = [key removed]"],
  ["Authorization: Basic bWdtZzpodW50ZXIy", "Authorization: Basic [key removed]"],
  [`curl -H 'Authorization: Bearer ${letters(30)}'`, "curl -H 'Authorization: Bearer [key removed]'"],
  ["postgres://app:hunter2@db.example:5432/shop", "postgres://app:[key removed]@db.example:5432/shop"],
  ["token: Zx81Kq02LmPp99", "token: [key removed]"],
  [
    "seed phrase: apple bird cloud door eagle fish grape house island juice kite lemon",
    "seed phrase: [key removed]",
  ],
])("the value that %s names is masked", (text, expected) => {
  expect(maskSecrets(text)).toEqual({ text: expected, masked: ["key"] });
});

test.each([
  "the key is under the mat",
  "token of love",
  "basic dress, size M",
  "secret: it is a gift",
  "https://shop.example/a?b=c",
  "mgmg@shop.example",
])("%s is no key", (text) => {
  expect(maskSecrets(text)).toEqual({ text, masked: [] });
});
