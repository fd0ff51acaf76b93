/** Items that wait, in turn by account: whoever has brought many waits for himself, and others only for one of his at a time. */
export class FairQueue<Item> {
  /** by account, the one whose turn is next first; none is empty */
  private readonly lanes = new Map<number, Item[]>();
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** Items of one account. */
  lengthOf(account: number): number {
    return this.lanes.get(account)?.length ?? 0;
  }

  push(account: number, item: Item): void {
    const lane = this.lanes.get(account);
    if (lane) lane.push(item);
    else this.lanes.set(account, [item]);
    this.count += 1;
  }

  /** The first item of the account whose turn it is, which is then the last in turn. */
  shift(): Item | undefined {
    for (const [account, lane] of this.lanes) {
      const item = lane.shift();
      this.lanes.delete(account);
      if (lane.length > 0) this.lanes.set(account, lane);
      this.count -= 1;
      return item;
    }
    return undefined;
  }

  /** Takes an item out of turn; whether it was there. */
  remove(account: number, item: Item): boolean {
    const lane = this.lanes.get(account);
    const index = lane?.indexOf(item) ?? -1;
    if (!lane || index < 0) return false;
    lane.splice(index, 1);
    if (lane.length === 0) this.lanes.delete(account);
    this.count -= 1;
    return true;
  }

  /** Takes all. */
  clear(): Item[] {
    const all = [...this.lanes.values()].flat();
    this.lanes.clear();
    this.count = 0;
    return all;
  }
}
