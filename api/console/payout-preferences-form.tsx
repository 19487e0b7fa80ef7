import { payoutSchedules } from "../../domain/payout/period.ts";
import { amountText } from "./amount-field.ts";
import type { PayoutPreferences } from "./api-types.ts";
import type { Viewer } from "./console-env.ts";
import { Amount } from "./parts.tsx";

/** How often, and from what amount on; the threshold is in the currency of the platform's first minimum. */
export function PayoutPreferencesCard({
  preferences,
  viewer,
}: {
  preferences: PayoutPreferences;
  viewer: Viewer;
}) {
  const { referral } = viewer.words;
  const [minimum] = preferences.minimums;
  if (minimum === undefined) return null;
  const { schedule, threshold } = preferences;
  return (
    <section class="card" aria-labelledby="preferences">
      <h2 id="preferences">{referral.preferences}</h2>
      <form method="post" action="/console/referral/preferences" class="form">
        <input type="hidden" name="currency" value={threshold?.currency ?? minimum.currency} />
        <label for="schedule">{referral.schedule}</label>
        <select id="schedule" name="schedule">
          {payoutSchedules.map((each) => (
            <option value={each} selected={each === schedule}>
              {referral.schedules[each]}
            </option>
          ))}
        </select>
        <label for="threshold">{referral.threshold}</label>
        <input
          id="threshold"
          name="threshold"
          inputMode="decimal"
          autocomplete="off"
          value={threshold === null ? "" : amountText(threshold)}
        />
        <p class="help">
          {referral.thresholdHelp} <Amount money={minimum} />
        </p>
        <button>{referral.savePreferences}</button>
      </form>
    </section>
  );
}
