import { randomUUID } from "node:crypto";

import { amountText } from "./amount-field.ts";
import type { Product, ProductPage, Variant } from "./api-types.ts";
import { callApi } from "./call-api.ts";
import type { ConsoleContext, Viewer } from "./console-env.ts";
import { showPage } from "./layout.tsx";
import { Amount, Chip, Older, Said } from "./parts.tsx";
import type { Tone } from "./parts.tsx";

const tones: Record<Product["state"], Tone> = { draft: "wait", published: "good", archived: "plain" };

export async function showProducts(c: ConsoleContext): Promise<Response> {
  const { viewer } = c.var;
  const { words } = viewer;
  const cursor = c.req.query("cursor");
  const query = cursor === undefined ? "limit=30" : `limit=30&cursor=${encodeURIComponent(cursor)}`;
  const page = await callApi<ProductPage>(c, { method: "GET", path: `/products?${query}` });
  const older = page.nextCursor && `/console/products?cursor=${encodeURIComponent(page.nextCursor)}`;
  return showPage(c, {
    title: words.products.title,
    section: "products",
    children: (
      <>
        <div class="title-row">
          <h1>{words.products.title}</h1>
          {viewer.actor.scopes.has("products.write") ? (
            <a class="button primary" href="/console/products/new">
              {words.products.add}
            </a>
          ) : null}
        </div>
        {page.data.length === 0 ? <p class="empty">{words.products.empty}</p> : null}
        <ul class="products">
          {page.data.map((product) => (
            <ProductItem product={product} viewer={viewer} />
          ))}
        </ul>
        <Older path={older} text={words.products.older} />
      </>
    ),
  });
}

function ProductItem({ product, viewer }: { product: Product; viewer: Viewer }) {
  const { words } = viewer;
  const active = product.variants.filter(({ isActive }) => isActive);
  const available = active.reduce((sum, variant) => sum + variant.available, 0);
  return (
    <li>
      <a class="product" href={`/console/products/${product.id}`}>
        <Thumbnail product={product} viewer={viewer} />
        <span class="product-name">
          <Said text={product.name} />
        </span>
        <PriceRange variants={active} />
        <span class={available === 0 ? "trouble" : "muted"}>
          {available} {words.products.available}
        </span>
        <Chip tone={tones[product.state]}>{words.products.states[product.state]}</Chip>
      </a>
    </li>
  );
}

function Thumbnail({ product, viewer }: { product: Product; viewer: Viewer }) {
  if (product.imageUrl === null) {
    return <span class="thumbnail no-image">{viewer.words.products.noImage}</span>;
  }
  return <img class="thumbnail" src={product.imageUrl} alt="" loading="lazy" />;
}

/** Each amount stays whole; on a narrow card the range breaks between them. */
function PriceRange({ variants }: { variants: readonly Variant[] }) {
  const sorted = variants.map(({ price }) => price).sort((a, b) => a.amountMinor - b.amountMinor);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return <span>–</span>;
  return (
    <span>
      <Amount money={least} />
      {least.amountMinor === most.amountMinor ? null : (
        <>
          {" – "}
          <Amount money={most} />
        </>
      )}
    </span>
  );
}

export async function showNewProduct(c: ConsoleContext): Promise<Response> {
  const { words, shop } = c.var.viewer;
  return showPage(c, {
    title: words.products.add,
    section: "products",
    children: (
      <>
        <Back viewer={c.var.viewer} />
        <h1>{words.products.add}</h1>
        <form method="post" action="/console/products" class="form">
          <label for="name">{words.products.name}</label>
          <input id="name" name="name" maxLength={200} required />
          <label for="description">{words.products.description}</label>
          <textarea id="description" name="description" rows={4} maxLength={5000}></textarea>
          <label for="price">{`${words.products.price} (${shop.currency})`}</label>
          <input id="price" name="price" inputMode="decimal" autocomplete="off" required />
          <label for="on-hand">{words.products.firstStock}</label>
          <input id="on-hand" name="onHand" inputMode="numeric" autocomplete="off" value="0" />
          <button class="primary">{words.products.add}</button>
        </form>
      </>
    ),
  });
}

export async function showProduct(c: ConsoleContext, productId: string): Promise<Response> {
  const { viewer } = c.var;
  const path = `/products/${encodeURIComponent(productId)}`;
  const product = await callApi<Product>(c, { method: "GET", path });
  const mayWrite = viewer.actor.scopes.has("products.write");
  return showPage(c, {
    title: product.name,
    section: "products",
    children: (
      <>
        <Back viewer={viewer} />
        <h1>
          <Said text={product.name} />
        </h1>
        <div class="columns">
          <ProductForm product={product} viewer={viewer} mayWrite={mayWrite} />
          <div>
            <Stock product={product} viewer={viewer} mayWrite={mayWrite} />
            <ImageForm product={product} viewer={viewer} mayWrite={mayWrite} />
          </div>
        </div>
      </>
    ),
  });
}

type Props = { product: Product; viewer: Viewer; mayWrite: boolean };

function Back({ viewer }: { viewer: Viewer }) {
  return (
    <p class="back">
      <a href="/console/products">← {viewer.words.products.back}</a>
    </p>
  );
}

function ProductForm({ product, viewer, mayWrite }: Props) {
  const { words } = viewer;
  const states = ["published", "draft", "archived"] as const;
  return (
    <form method="post" action={`/console/products/${product.id}`} class="form">
      <fieldset disabled={!mayWrite}>
        <legend class="hidden-title">{words.products.edit}</legend>
        <input type="hidden" name="version" value={String(product.version)} />
        <label for="name">{words.products.name}</label>
        <input id="name" name="name" value={product.name} maxLength={200} required />
        <label for="description">{words.products.description}</label>
        <textarea id="description" name="description" rows={5} maxLength={5000}>
          {product.description}
        </textarea>
        {product.variants.map((variant) => (
          <>
            <label for={`price-${variant.id}`}>
              {words.products.price} ({variant.price.currency}){" "}
              {variant.name === "" ? null : <Said text={variant.name} />}
            </label>
            <input
              id={`price-${variant.id}`}
              name={`price.${variant.id}`}
              value={amountText(variant.price)}
              inputMode="decimal"
              autocomplete="off"
              required
            />
          </>
        ))}
        <label for="state">{words.products.state}</label>
        <select id="state" name="state">
          {states.map((state) => (
            <option value={state} selected={state === product.state}>
              {words.products.states[state]}
            </option>
          ))}
        </select>
        {mayWrite ? <button class="primary">{words.products.save}</button> : null}
      </fieldset>
    </form>
  );
}

function Stock({ product, viewer, mayWrite }: Props) {
  const { products } = viewer.words;
  return (
    <section aria-labelledby="stock">
      <h2 id="stock">{products.stock}</h2>
      {product.variants.map((variant) => (
        <form method="post" action={`/console/products/${product.id}/stock/${variant.id}`} class="card stock">
          <input type="hidden" name="key" value={randomUUID()} />
          <p>
            {variant.name === "" ? null : (
              <strong>
                <Said text={variant.name} />{" "}
              </strong>
            )}
            {variant.onHand} {products.onHand} · {variant.reserved} {products.reserved} ·{" "}
            <strong>
              {variant.available} {products.available}
            </strong>
          </p>
          {mayWrite ? (
            <>
              <label for={`delta-${variant.id}`}>
                {products.delta}
                {variant.name === "" ? null : (
                  <span class="muted">
                    {" "}
                    (<Said text={variant.name} />)
                  </span>
                )}
              </label>
              <div class="composer-row">
                <input
                  id={`delta-${variant.id}`}
                  name="delta"
                  inputMode="text"
                  autocomplete="off"
                  required
                  aria-describedby={`delta-${variant.id}-help`}
                />
                <button>{products.adjust}</button>
              </div>
              <p class="help" id={`delta-${variant.id}-help`}>
                {products.deltaHelp}
              </p>
            </>
          ) : null}
        </form>
      ))}
    </section>
  );
}

function ImageForm({ product, viewer, mayWrite }: Props) {
  const { products } = viewer.words;
  return (
    <section aria-labelledby="image-title">
      <h2 id="image-title">{products.image}</h2>
      {product.imageUrl === null ? (
        <p class="empty">{products.noImage}</p>
      ) : (
        <img class="product-image" src={product.imageUrl} alt={product.name} />
      )}
      {mayWrite ? (
        <form
          method="post"
          action={`/console/products/${product.id}/image`}
          enctype="multipart/form-data"
          class="form"
        >
          <label for="image">{products.upload}</label>
          <input
            id="image"
            name="image"
            type="file"
            accept="image/jpeg,image/png,image/webp,image/gif"
            required
            aria-describedby="image-help"
          />
          <p class="help" id="image-help">
            {products.imageHelp}
          </p>
          <button>{products.upload}</button>
        </form>
      ) : null}
    </section>
  );
}
