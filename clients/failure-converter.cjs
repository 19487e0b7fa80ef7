// CommonJS, because the SDK loads it by path with `require`, in Node and in the workflow bundle.
const { DefaultFailureConverter } = require("@temporalio/common");

/** Messages and stacks of failures go through the codec like every payload, instead of standing in histories in clear. */
exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
