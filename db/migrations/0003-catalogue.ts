/** What a shop sells, and how it is paid. */
export const catalogue: readonly string[] = [
  `create table products (
    shop_id uuid not null references shops (id),
    id uuid not null,
    name text not null,
    description text not null default '',
    state text not null check (state in ('draft', 'published', 'archived')),
    image_object_id uuid,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (shop_id, id),
    foreign key (shop_id, image_object_id) references objects (shop_id, id)
  )`,
  `create table variants (
    shop_id uuid not null,
    id uuid not null,
    product_id uuid not null,
    name text not null default '',
    price_minor bigint not null check (price_minor between 0 and 9000000000000),
    currency text not null,
    on_hand integer not null default 0 check (on_hand between 0 and 1000000000),
    reserved integer not null default 0 check (reserved >= 0),
    position integer not null default 0,
    is_active boolean not null default true,
    primary key (shop_id, id),
    check (reserved <= on_hand),
    foreign key (shop_id, product_id) references products (shop_id, id)
  )`,
  `create index variants_product on variants (shop_id, product_id)`,
  // Stock is the sum of its moves; on_hand and reserved are kept in the same transaction.
  `create table stock_moves (
    shop_id uuid not null,
    id uuid not null,
    variant_id uuid not null,
    order_id uuid,
    kind text not null check (kind in ('initial', 'adjust', 'reserve', 'release', 'sell', 'restock')),
    on_hand_delta integer not null,
    reserved_delta integer not null,
    actor_id uuid,
    at timestamptz not null,
    primary key (shop_id, id),
    foreign key (shop_id, variant_id) references variants (shop_id, id)
  )`,
  `create unique index stock_moves_order on stock_moves (shop_id, order_id, variant_id, kind)
    where order_id is not null`,
  `create index stock_moves_variant on stock_moves (shop_id, variant_id)`,

  `create table payment_methods (
    shop_id uuid not null references shops (id),
    id uuid not null,
    kind text not null check (kind in ('transfer', 'cod')),
    name text not null,
    details bytea,
    is_visible_to_customer boolean not null default false,
    is_enabled boolean not null default true,
    qr_object_id uuid,
    version integer not null default 1,
    created_at timestamptz not null,
    primary key (shop_id, id),
    foreign key (shop_id, qr_object_id) references objects (shop_id, id)
  )`,

  // The working copy of one conversation; the contact is sealed as one value under the order key.
  `create table carts (
    shop_id uuid not null,
    customer_id uuid not null,
    version integer not null default 1,
    lines jsonb not null default '[]',
    contact bytea,
    contact_version integer not null default 0,
    zone_id text,
    payment_method_id uuid,
    draft_order_id uuid,
    updated_at timestamptz not null,
    primary key (shop_id, customer_id),
    foreign key (shop_id, customer_id) references conversations (shop_id, customer_id)
  )`,
];
