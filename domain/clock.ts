/** Time from outside (rule 5): product code never calls `Date.now()` itself. */
export interface Clock {
  now(): Date;
}
