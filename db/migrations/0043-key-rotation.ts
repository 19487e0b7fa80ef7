/** Epochs are closed, emptied and destroyed by the keyring, under its own login. */
export const keyRotation: readonly string[] = [
  // When the epoch's key was gone from every copy of the keyring: what it wrapped is noise since, on all media.
  `alter table key_epochs add column destroyed_at timestamptz,
    add constraint key_epochs_destroyed check ((state = 'destroyed') = (destroyed_at is not null))`,
  `grant insert (id, state, opened_at), update (state, closed_at, destroyed_at) on key_epochs to keyring`,
  `grant update (epoch, wrapped) on subject_keys to keyring`,
  // Pages of an epoch's keys are read in the order of their ids.
  `create index subject_keys_epoch_id on subject_keys (epoch, id)`,
  `drop index subject_keys_epoch`,
];
