import { dictionary } from "@zxcvbn-ts/language-common";

let known: ReadonlySet<string> | undefined;

/** The 49,000 that leaks show most often, lower case (zxcvbn-ts, MIT): nothing is asked over the network. */
export function commonPasswords(): ReadonlySet<string> {
  known ??= new Set(dictionary["passwords-common"]);
  return known;
}
