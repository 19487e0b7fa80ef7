import type { KeyRows } from "../../domain/ports/keyring.ts";
import type { NewKey } from "../../domain/sealing.ts";

/** `subject_keys` as an array, with the calls that it saw. */
export class MemoryKeyRows implements KeyRows {
  rows: NewKey[] = [];
  epoch = 1;
  finds = 0;
  onFind: () => void = () => {};

  find({ refs, ids }: Parameters<KeyRows["find"]>[0]): Promise<NewKey[]> {
    this.finds += 1;
    const found = this.rows.filter(
      (row) =>
        ids.includes(row.id) ||
        refs.some(
          (ref) =>
            ref.shopId === row.shopId && ref.subjectId === row.subjectId && ref.purpose === row.purpose,
        ),
    );
    this.onFind();
    return Promise.resolve(found);
  }

  currentEpoch(): Promise<number> {
    return Promise.resolve(this.epoch);
  }
}
