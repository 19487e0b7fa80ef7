"""What the fuzzer's checks expect of this API, and it does not promise. Loaded by schemathesis."""

import schemathesis

# A request that fits its schema may be refused for these reasons alone; JSON Schema has no word for them.
UNSPOKEN_CODES = {
    "request.bad_cursor": "a cursor is opaque: only a page before can say one",
    "request.precondition_failed": "which version is the present one is in the rows",
    "idempotency.key_malformed": "visible ASCII only, as the header's refusal says",
    "idempotency.key_reused": "which keys were used is in the rows",
    "image.damaged": "any bytes are a picture to a schema",
    "image.empty": "likewise",
    "image.unsupported_type": "likewise",
    "link.invalid": "only a mail says one",
    "password.common": "the list of common passwords is no pattern",
    "password.contains_email": "one field decides about another",
    "password.too_short": "characters are counted, not bytes",
    "message.secret": "whether a text holds a secret is found out by reading it",
    "payment_method.no_account": "which kind a method is of is in its row",
    "product.currency": "prices are in the currency of the shop that asks",
    "product.unknown_variant": "whether a variant is of a product is in the rows",
    "shop.currency": "likewise of fees",
}
UNSPOKEN_MESSAGES = {
    "Must not contain control characters": "\\p{Cc} means other things in other dialects of patterns",
    "Must not contain a payment card's number": "a card is known by its checksum",
    "A transfer has an account, cash on delivery has none": "one field decides about another",
    "Each zone has an id of its own": "uniqueness of one field among several",
    "Must not be 0": "a number with a hole",
    "Must be letters and digits": "spaces and hyphens are taken out before",
    "Must be a time zone like Asia/Yangon": "the time zones are a list of the machine",
}
# The alphabet of an id is in its example; a pattern would forbid ids to change.
ID_MESSAGE = "Must be an id that begins with "


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """False lets the failure pass."""
    kind = type(failure).__name__
    if kind == "UnsupportedMethodResponse":
        # Whoever is not signed in, or has no shop, is not told which routes there are.
        return response.status_code not in (401, 403)
    if kind != "RejectedPositiveData" or response.status_code not in (400, 412, 415, 422):
        return True
    problem = response.json()
    if problem["code"] in UNSPOKEN_CODES:
        return False
    errors = problem.get("errors", [])
    return not errors or not all(is_unspoken(error["message"]) for error in errors)


def is_unspoken(message):
    return message in UNSPOKEN_MESSAGES or message.startswith(ID_MESSAGE)
