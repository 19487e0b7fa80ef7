import { judgePassword } from "../../domain/account/judge-password.ts";
import type { PasswordProblem } from "../../domain/account/judge-password.ts";
import { AppError } from "../../domain/app-error.ts";

const explanations: Record<PasswordProblem, string> = {
  too_short: "The password needs at least 8 characters.",
  too_long: "The password may have at most 1,024 characters.",
  contains_email: "The password must not contain your address.",
  common: "This password is among the first that attackers try. Choose another one.",
};

/** Throws `password.too_short` and the like (422). */
export function demandGoodPassword({
  password,
  email,
  pointer,
}: {
  password: string;
  email: string;
  pointer: string;
}): void {
  const problem = judgePassword(password, email);
  if (problem === null) return;
  const message = explanations[problem];
  throw new AppError("invalid", `password.${problem}`, {
    internal: `the password is ${problem}`,
    public: message,
    errors: [{ pointer, message }],
  });
}
