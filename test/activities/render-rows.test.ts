import { expect, test } from "vitest";

import { renderCsv, renderHtmlRows, renderJson } from "../../activities/privacy/render-rows.ts";

test("a text in a CSV cell is no formula for a spreadsheet, and a number stays one", () => {
  const row = {
    text: '=HYPERLINK("http://evil.test")',
    plus: "+95 9 1",
    at: "@SUM(1)",
    wide: "＝1",
    amount: -5,
  };
  const [head, cells] = renderCsv([row]).split("\n");
  expect(head).toBe("\uFEFFtext,plus,at,wide,amount");
  expect(cells).toBe(`"'=HYPERLINK(""http://evil.test"")",'+95 9 1,'@SUM(1),'＝1,-5`);
});

test("objects, line ends and Burmese come through", () => {
  const row = { body: { text: "မင်္ဂလာပါ,\n-1" }, nothing: null };
  expect(renderCsv([row])).toBe('\uFEFFbody,nothing\n"{""text"":""မင်္ဂလာပါ,\\n-1""}",\n');
  expect(JSON.parse(renderJson("messages", [row]))).toEqual({ table: "messages", rows: [row] });
});

test("what a customer wrote is text on the page, never markup", () => {
  expect(renderHtmlRows([{ body: '<img src=x onerror="alert(1)">', id: "1" }])).toBe(
    "<table><tr><th>body</th><th>id</th></tr><tr><td>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;</td><td>1</td></tr></table>",
  );
});
