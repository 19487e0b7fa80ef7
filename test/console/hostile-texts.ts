/** What customers may write to harm whoever reads it. */
export const hostileTexts = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  `"><svg onload=alert(1)>`,
  "' onfocus='alert(1)' autofocus='",
  "</textarea><script>alert(1)</script>",
  "<a hx-get='/console/orders' hx-trigger='load'>x</a>",
  "javascript:alert(1)",
  "{{constructor.constructor('alert(1)')()}}",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "<iframe srcdoc='<script>alert(1)</script>'>",
] as const;

const foreign = [
  /<script(?!\b[^>]*\ssrc="\/console\/assets\/)/,
  /<(?:svg|iframe|style|object|embed|base)\b/,
  /\s(?:href|src|action|formaction)="\s*javascript:/,
  /hx-trigger="load/,
  /\shx-on/,
];
/** With the values of attributes taken out: what they hold is text, also when it looks like an attribute. */
const foreignAttribute = /<[a-z][^<>]*\s(?:on[a-z]+|style|srcdoc)(?:=|\s|>)/;

/** Markup that no page of ours has: whoever finds it has found an injection. */
export function findForeignMarkup(html: string): string[] {
  const bare = html.replaceAll(/"[^"]*"/g, '""');
  return [...foreign.map((pattern) => pattern.exec(html)?.[0]), foreignAttribute.exec(bare)?.[0]].filter(
    (found) => found !== undefined,
  );
}
