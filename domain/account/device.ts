import { keptDays } from "../privacy/purge-rules.ts";

/** The first that fits: browsers name their forebears as well. */
const browsers = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\bOPR\/|\bOpera\b/, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bChrome\/|\bCriOS\//, "Chrome"],
  [/\bSafari\//, "Safari"],
] as const;

const systems = [
  [/\biPad\b/, "iPad"],
  [/\biPhone\b/, "iPhone"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "Mac"],
  [/\bLinux\b|\bX11\b/, "Linux"],
] as const;

/** What is looked at of a `User-Agent`, however long somebody makes it. */
const maxLength = 512;

/** A device on which nobody signed in for so long is a new one again. */
export const deviceKeptDays = keptDays("known_devices");

/** What has no browser's name, and keeps no cookies. */
export const program = "Program";

/** A few words from our own list, so coarse that thousands share them: `Chrome on Android`; else `Program`. */
export function describeDevice(userAgent: string | undefined): string {
  const text = (userAgent ?? "").slice(0, maxLength);
  const browser = browsers.find(([pattern]) => pattern.test(text))?.[1];
  const system = systems.find(([pattern]) => pattern.test(text))?.[1];
  if (browser === undefined) return program;
  return system === undefined ? browser : `${browser} on ${system}`;
}
