/** Who gave name, phone and address, and when: nothing of a person is kept that did not come by one of these. */
export const contactSources = ["customer_order_step", "owner"] as const;
export type ContactSource = (typeof contactSources)[number];
