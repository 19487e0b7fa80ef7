/** What each migration said when it ran here. */
export const migrationChecksums: readonly string[] = [
  `create table migration_checksums (name text primary key, sha256 text not null)`,
];
