import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

// The test runner finds named exports in CommonJS packages where Node finds none.
test.each(["text/burmese.ts", "text/mask-secrets.ts", "phone.ts", "messenger/parse-webhook.ts"])(
  "domain/%s loads under plain Node",
  (file) => {
    const url = new URL(`../../domain/${file}`, import.meta.url).href;
    const program = `import(${JSON.stringify(url)}).then((module) => console.log(Object.keys(module).length > 0))`;
    const output = execFileSync(process.execPath, ["--import", "tsx", "--eval", program], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      encoding: "utf8",
    });
    expect(output.trim()).toBe("true");
  },
);
