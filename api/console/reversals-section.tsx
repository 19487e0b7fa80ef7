import type { OwnReversal } from "./api-types.ts";
import type { Viewer } from "./console-env.ts";
import { Amount, Said, Time } from "./parts.tsx";

type Props = {
  reversals: readonly OwnReversal[];
  viewer: Viewer;
  nameOf: (reversal: OwnReversal) => string;
};

/** Payments that were taken back, and why; nothing where there are none. */
export function Reversals({ reversals, viewer, nameOf }: Props) {
  const { plan } = viewer.words;
  if (reversals.length === 0) return null;
  return (
    <section aria-labelledby="reversals">
      <h2 id="reversals">{plan.reversals}</h2>
      <ul class="notices">
        {reversals.map((reversal) => (
          <li class="notice">
            <div>
              <p>
                <strong>{nameOf(reversal)}</strong> · <Amount money={reversal.amount} />
              </p>
              <p>
                {plan.reason}: <Said text={reversal.reason} />
              </p>
              <p class="muted small">
                {[plan.reversalKind[reversal.kind], refundText(reversal, viewer)].filter(Boolean).join(" · ")}
              </p>
              <p class="muted small">
                {reversal.reversedAt === null ? null : <Time at={reversal.reversedAt} viewer={viewer} />}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function refundText({ refund }: OwnReversal, { words }: Viewer): string {
  if (refund === null) return "";
  return refund.doneAt === null ? words.plan.refund.waiting : words.plan.refund.done;
}
