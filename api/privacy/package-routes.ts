import { createHash } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import { stream } from "hono/streaming";

import { appendAudit } from "../../db/audit-events.ts";
import { packageSchema } from "../../db/inventory/package-schema.ts";
import { countDownload, listPackageParts, packagePartPlace } from "../../db/privacy-packages.ts";
import type { PackagePartRow, PackageRow } from "../../db/privacy-packages.ts";
import { findPackageByToken } from "../../db/system.ts";
import { AppError } from "../../domain/app-error.ts";
import type { AccountId } from "../../domain/id.ts";
import { takePoint } from "../auth/rate-limits.ts";
import { clientNetwork } from "../client-network.ts";
import type { ApiDeps } from "../deps.ts";
import { HttpProblem, problems } from "../problem.ts";
import type { ApiRouter } from "../router.ts";
import { jsonAnswer } from "../v1/route-parts.ts";

const downloadRoute = createRoute({
  method: "get",
  path: "/v1/privacy-packages/{code}",
  operationId: "downloadPrivacyPackage",
  summary: "The archive of somebody's data, for whoever was given the code",
  description: "Seven days long, as often as it is asked for; each time is counted and written down.",
  tags: ["Privacy"],
  security: [],
  request: { params: z.object({ code: z.string().regex(/^pkg_[A-Za-z0-9_-]{22}$/) }) },
  responses: {
    200: {
      description: "JSON, CSV, pictures and a readable page in a ZIP archive",
      content: { "application/zip": { schema: z.any().openapi({ type: "string", format: "binary" }) } },
    },
    ...problems(404, 410, 422, 429),
  },
});

const schemaRoute = createRoute({
  method: "get",
  path: "/v1/privacy-package-schema",
  operationId: "getPrivacyPackageSchema",
  summary: "The JSON Schema of the files in these archives",
  tags: ["Privacy"],
  security: [],
  responses: { 200: jsonAnswer("JSON Schema 2020-12", z.record(z.string(), z.any())) },
});

/** What somebody gets who asked for their data. These stand before `authenticate`: a customer has no session. */
export function mountPrivacyPackages(app: ApiRouter): void {
  app.openapi(schemaRoute, (c) => c.json(packageSchema(), 200));
  app.openapi(downloadRoute, async (c) => {
    const { deps, limits } = c.var;
    await takePoint(limits.packageByNetwork, clientNetwork(c));
    const { row, parts } = await takePackage(deps, c.req.valid("param").code);
    const keys = await openKeys(deps, row, parts);
    const [first] = keys;
    // Before the answer begins: later there is no status any more that could tell of it.
    if (first) await deps.objects.get(first.objectId, first.key);
    c.header("content-type", "application/zip");
    c.header("content-disposition", 'attachment; filename="your-data.zip"');
    c.header("content-length", String(row.size));
    c.header("cache-control", "no-store");
    c.header("referrer-policy", "no-referrer");
    return stream(c, async (out) => {
      try {
        for (const { objectId, key } of keys) await out.write(await deps.objects.get(objectId, key));
      } catch (err) {
        // The answer ends short of its length, which the reader notices.
        deps.log.error({ err }, "package.download_broken");
        out.abort();
      }
    });
  });
}

/** Counts and writes down the download in the transaction that finds it. */
async function takePackage(
  { db, system, clock }: ApiDeps,
  code: string,
): Promise<{ row: PackageRow; parts: PackagePartRow[] }> {
  const found = await findPackageByToken(system, createHash("sha256").update(code).digest());
  if (found === undefined) {
    throw new AppError("not_found", "package.not_found", {
      internal: "no package has this code",
      public: "There is nothing at this address.",
    });
  }
  const now = clock.now();
  return db.withShop(found.shopId, async (trx) => {
    const row = await countDownload(trx, { ...found, now });
    if (row === undefined) throw gone();
    await appendAudit(trx, {
      shopId: row.shop_id,
      actorKind: row.purpose === "chat" ? "customer" : "owner",
      // Safe: an account's key is of the subject that has the account's id.
      actorId: row.purpose === "account" ? (row.subject_id as string as AccountId) : null,
      action: "package.downloaded",
      subjectId: row.subject_id,
      resourceId: row.id,
      data: { downloads: row.downloads },
      now,
    });
    return { row, parts: await listPackageParts(trx, found) };
  });
}

async function openKeys({ sealer }: ApiDeps, row: PackageRow, parts: PackagePartRow[]) {
  const holder = { shopId: row.shop_id, subjectId: row.subject_id, purpose: row.purpose };
  const keys = await sealer.open(
    parts.map((part) => ({ place: packagePartPlace(holder, part.object_id), sealed: part.sealed_key })),
  );
  return parts.map(({ object_id: objectId }, index) => {
    const key = keys[index];
    if (key === undefined) throw gone(); // whoever it was about is erased
    return { objectId, key };
  });
}

function gone(): HttpProblem {
  return new HttpProblem(410, "package.gone", "This link has ended. Ask for your data again.");
}
