/** FOR SHARE on a subject, by which a worker holds its state until commit, asks for UPDATE on a column. */
export const subjectFence = [
  `alter table subjects add column lock_mark integer not null default 0`,
  `grant update (lock_mark) on subjects to app_worker`,
];
