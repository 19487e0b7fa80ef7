/** A kind of secret, a text that holds it, and what must not be found anywhere. */
export type SecretFormat = { kind: string; text: string; secret: string };

// Put together here, so that no scanner takes this file for a leak.
const alphanumeric = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY";

function letters(length: number): string {
  return alphanumeric.repeat(Math.ceil(length / alphanumeric.length)).slice(0, length);
}

function hex(length: number): string {
  return "0a1b2c3d4e5f6789".repeat(Math.ceil(length / 16)).slice(0, length);
}

const format = (kind: string, before: string, secret: string, after = ""): SecretFormat => ({
  kind,
  text: `${before}${secret}${after}`,
  secret,
});

/** Forty kinds: cards, one-time codes and PINs, passwords and bank log-ins, keys and tokens. */
export const secretFormats: SecretFormat[] = [
  format("card", "my card is ", "4222222222222", " thanks"),
  format("card with spaces", "", "4111 1111 1111 1111"),
  format("card with dashes", "pay with ", "5555-5555-5555-4444"),
  format("American Express", "", "3782 822463 10005"),
  format("card of 19 digits", "", "6304000000000000000"),
  format("card in Myanmar digits", "ကတ်နံပါတ် ", "၄၀၁၂ ၈၈၈၈ ၈၈၈၈ ၁၈၈၁", " ပါ"),
  format("card's security code", "cvv ", "739"),
  format("OTP", "my OTP is ", "482913"),
  format("Burmese OTP", "OTP ကုဒ်က ", "၅၉၃၀၂၄", " ပါ"),
  format("Burmese verification code", "အတည်ပြုကုဒ် ", "604135"),
  format("verification code", "Your verification code is ", "715246"),
  format("Google's code", "", "G-826357", " is your Google verification code"),
  format("one-time password", "one time password: ", "937468"),
  format("wallet PIN", "KBZPay PIN: ", "158679"),
  format("card PIN", "my pin is ", "2690"),
  format("Burmese PIN", "ပင်နံပါတ် ", "၃၇၀၁"),
  format("password", "my password is ", "Tr0ub4dor&3x"),
  format("short word and colon", "pw: ", "abc123xyz"),
  format("passphrase", "passphrase=", "correct-horse-7"),
  format("Burmese password", "စကားဝှက် - ", "mgmg1999"),
  format("bank log-in", "KBZ mBanking user: mgmg pass: ", "kyaw9988"),
  format("bank log-in in Burmese", "AYA ဘဏ် password က ", "aungaung77"),
  format("OpenAI key", "", `sk-proj-${letters(48)}`),
  format("Anthropic key", "", `sk-ant-api03-${letters(90)}`),
  format("AWS access key", "", `AKIA${letters(16).toUpperCase()}`),
  format("Google API key", "", `AIza${letters(35)}`),
  format("Google OAuth token", "", `ya29.${letters(60)}`),
  format("GitHub token", "", `ghp_${letters(36)}`),
  format("GitLab token", "", `glpat-${letters(20)}`),
  format("npm token", "", `npm_${letters(36)}`),
  format("Slack token", "", `xoxb-123456789012-${letters(24)}`),
  format("Telegram bot token", "", `1234567890:AA${letters(33)}`),
  format("Page token", "", `EAA${letters(180)}`),
  format("Stripe key", "", `sk_live_${letters(24)}`),
  format("Shopify token", "", `shpat_${hex(32)}`),
  format("JSON web token", "", `eyJ${letters(20)}.eyJ${letters(60)}.${letters(43)}`),
  format("private key", "-----BEGIN PRIVATE KEY-----\n", letters(300), "\n-----END PRIVATE KEY-----"),
  format("database password", "postgres://shop:", "s3cretpw", "@db.example/shop"),
  format("named API key", "api_key=", "abcdefgh12345678"),
  format("bearer token", "Authorization: Bearer ", letters(40)),
];
