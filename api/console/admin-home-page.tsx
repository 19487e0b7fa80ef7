import { showAdminPage } from "./layout.tsx";
import type { ConsoleContext } from "./console-env.ts";

/** For somebody of the platform whose roles open none of its pages. */
export function showAdminHome(c: ConsoleContext): Promise<Response> {
  const { admin } = c.var.visitor.words;
  return showAdminPage(c, {
    title: admin.platform,
    section: null,
    children: (
      <>
        <h1>{admin.platform}</h1>
        <p class="empty">{admin.noPages}</p>
      </>
    ),
  });
}
