import type { Problem } from "../problem.ts";
import type { Words } from "./words.ts";

/** Fields of which a form can say better than "something" that they do not fit. */
const words: Readonly<Record<string, keyof Words["problems"]>> = {
  "/email": "form.bad_email",
  "/referralCode": "form.bad_referral_code",
  "/timeZone": "form.bad_time_zone",
  "/name": "form.long_name",
  "/agentName": "form.long_name",
  "/accountNumber": "form.bad_account_number",
};

/** The code under which the dictionary says what is wrong. */
export function problemWord({ code, errors = [] }: Pick<Problem, "code" | "errors">): string {
  if (code !== "request.invalid") return code;
  return errors.map(({ pointer }) => words[pointer]).find((word) => word !== undefined) ?? code;
}
