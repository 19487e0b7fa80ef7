import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Hono } from "hono";

import type { ConsoleEnv } from "./console-env.ts";

const resolve = createRequire(import.meta.url).resolve;
const own = (name: string) => new URL(`assets/${name}`, import.meta.url);

const files = {
  "htmx.js": { from: resolve("htmx.org/dist/htmx.min.js"), type: "text/javascript; charset=utf-8" },
  "hx-sse.js": { from: resolve("htmx.org/dist/ext/hx-sse.min.js"), type: "text/javascript; charset=utf-8" },
  "console.js": { from: own("console.js"), type: "text/javascript; charset=utf-8" },
  "icon.svg": { from: own("icon.svg"), type: "image/svg+xml" },
  "console.css": { from: own("console.css"), type: "text/css; charset=utf-8" },
} as const;

export type AssetName = keyof typeof files;
export type AssetPath = (name: AssetName) => string;

export type Assets = { path: AssetPath; mount(app: Hono<ConsoleEnv>): void };

/** The console's few files, held in memory; their paths change with their content, so browsers keep them. */
export function loadAssets(): Assets {
  const assets = new Map(
    Object.entries(files).map(([name, { from, type }]) => {
      const bytes = new Uint8Array(readFileSync(from));
      const version = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
      return [name, { bytes, type, path: `/assets/${version}/${name}` }] as const;
    }),
  );
  return {
    path: (name) => `/console${assets.get(name)?.path ?? ""}`,
    mount: (app) => {
      for (const { bytes, type, path } of assets.values()) {
        app.get(path, (c) =>
          c.body(bytes, 200, {
            "content-type": type,
            "cache-control": "public, max-age=31536000, immutable",
          }),
        );
      }
    },
  };
}
