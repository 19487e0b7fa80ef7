/** A copy of somebody's data has what later tables keep of them as well. */
export const packageReads: readonly string[] = [
  `grant select on access_reviews, access_review_items, ticket_messages, tickets, consents, processing_limits,
    shop_purposes, policy_notices, privacy_requests, privacy_request_events, incident_people to app_worker`,
];
