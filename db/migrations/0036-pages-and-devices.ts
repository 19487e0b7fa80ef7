/** A Page may go to another shop once its own has let it go; a device is told by its browser's name, and is forgotten. */
export const pagesAndDevices: readonly string[] = [
  // Since when it is heard without a break by the owner's will, when its token came (null: since it was made), and when a
  // send was last refused for its sake, until that is over.
  `alter table pages add column connected_at timestamptz,
    add column token_at timestamptz,
    add column refused_at timestamptz,
    add column left_meta_page_id text`,
  `create unique index pages_left_meta_page on pages (shop_id, left_meta_page_id)
    where left_meta_page_id is not null`,
  `grant update (meta_page_id, left_meta_page_id) on pages to app_system`,

  `alter table known_devices add column last_seen_at timestamptz not null default now()`,
  `create index known_devices_seen on known_devices (last_seen_at)`,
  `grant update (device_index, last_seen_at) on known_devices to app_api`,
  `grant select (device_index, last_seen_at) on known_devices to app_system`,
];
