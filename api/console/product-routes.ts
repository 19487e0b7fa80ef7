import type { Hono } from "hono";

import { readAmount, readWholeNumber } from "./amount-field.ts";
import type { Product } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ApiCall } from "./call-api.ts";
import { carryOut } from "./carry-out.ts";
import type { ConsoleContext, ConsoleEnv } from "./console-env.ts";
import { setFlash } from "./flash.ts";
import { flashProblem } from "./flash-problem.ts";
import { FormProblem, readForm } from "./form.ts";
import type { Form } from "./form.ts";
import { showNewProduct, showProduct, showProducts } from "./product-pages.tsx";
import type { Words } from "./words.ts";

export function mountProducts(app: Hono<ConsoleEnv>): void {
  app.get("/products", showProducts);
  app.get("/products/new", showNewProduct);
  app.get("/products/:productId", (c) => showProduct(c, c.req.param("productId")));

  app.post("/products", async (c) => {
    const form = await readForm(c);
    try {
      const product = await callApi<Product>(c, {
        method: "POST",
        path: "/products",
        body: {
          name: form.required("name"),
          description: form.optional("description") ?? "",
          variants: [
            { price: priceOf(c, form, "price"), onHand: wholeNumberOf(form.optional("onHand") ?? "0") },
          ],
        },
      });
      setFlash(c, { kind: "done", code: "productCreated" });
      return c.redirect(`/console/products/${product.id}`, 303);
    } catch (error) {
      flashProblem(c, error);
      return c.redirect("/console/products/new", 303);
    }
  });

  app.post("/products/:productId", async (c) => {
    const form = await readForm(c);
    const id = c.req.param("productId");
    return change(c, id, "saved", () => ({
      method: "PATCH",
      path: `/products/${encodeURIComponent(id)}`,
      ifVersion: form.required("version"),
      body: {
        name: form.required("name"),
        description: form.optional("description") ?? "",
        state: form.required("state"),
        variants: form.fields
          .flatMap(([name]) => /^price\.(var_[a-z0-9]+)$/.exec(name)?.[1] ?? [])
          .map((variantId) => ({ id: variantId, price: priceOf(c, form, `price.${variantId}`) })),
      },
    }));
  });

  app.post("/products/:productId/stock/:variantId", async (c) => {
    const form = await readForm(c);
    const { productId, variantId } = c.req.param();
    return change(c, productId, "stockChanged", () => ({
      method: "POST",
      path: `/variants/${encodeURIComponent(variantId)}/adjust-stock`,
      idempotencyKey: form.required("key"),
      body: { delta: wholeNumberOf(form.required("delta")) },
    }));
  });

  app.post("/products/:productId/image", async (c) => {
    const form = await readForm(c);
    const id = c.req.param("productId");
    return change(c, id, "imageStored", () => {
      const image = form.file("image");
      if (image === undefined) throw new FormProblem("image.missing");
      const upload = new FormData();
      upload.set("image", image);
      return { method: "PUT", path: `/products/${encodeURIComponent(id)}/image`, form: upload };
    });
  });
}

/** Comes back to the product. */
function change(c: ConsoleContext, productId: string, done: keyof Words["flash"], call: () => ApiCall) {
  return carryOut(c, { call, done, page: `/console/products/${encodeURIComponent(productId)}` });
}

function priceOf(c: ConsoleContext, form: Form, name: string) {
  const { currency } = c.var.viewer.shop;
  const amountMinor = readAmount(form.required(name), currency);
  if (amountMinor === undefined) throw new FormProblem("form.bad_amount");
  return { amountMinor, currency };
}

function wholeNumberOf(text: string): number {
  const number = readWholeNumber(text);
  if (number === undefined) throw new FormProblem("form.bad_number");
  return number;
}
