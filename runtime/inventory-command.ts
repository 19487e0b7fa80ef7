import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { renderInventory } from "./render-inventory.ts";

writeFileSync(
  join(fileURLToPath(new URL("..", import.meta.url)), "docs", "data-inventory.md"),
  renderInventory(),
);
