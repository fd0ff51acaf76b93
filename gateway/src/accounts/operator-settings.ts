import type { Db } from "../store/database.ts";
import { operatorSettings, standingAnnouncements } from "../store/queries/settings.ts";

/** What credit costs, and what comes with it. */
export interface TopUpValues {
  /** what one dollar costs, by currency: exact decimals. USD costs 1 */
  exchange_rates: Record<string, string>;
  /** the currency that cards are charged in */
  card_currency: string;
  top_up_min_usd: string;
  top_up_max_usd: string;
  bonus_tiers: { from_usd: string; percent: string }[];
  /** who sells, as it stands on receipts */
  receipt_seller: string;
}

/** What an operator can set while the gateway runs. */
export interface OperatorValues extends TopUpValues {
  sign_up: "open" | "invitation" | "closed";
  /** exact dollars */
  starting_credit_usd: string;
  system_name: string;
  logo: string;
  top_up_link: string;
  chat_link: string;
  notice: string;
  about: string;
  home_page_content: string;
}

export interface Announcement {
  id: string;
  title: string;
  text: string;
  level: string;
  starts_at: Date;
  ends_at: Date | null;
}

/** Announcements shown at once. */
const SHOWN_MAX = 20;

/** What operators have set and announce, in memory: everybody may ask for it, and no question of theirs reaches the database. */
export class OperatorSettings {
  private set: Partial<OperatorValues> = {};
  private announcements: readonly Announcement[] = [];

  /** `defaults`: what the environment says */
  constructor(
    private readonly db: Db,
    private readonly defaults: OperatorValues,
  ) {}

  /** Reads all again: at start, and when the database tells of a change. */
  async load(): Promise<void> {
    const known = new Set(Object.keys(this.defaults));
    this.set = Object.fromEntries(Object.entries(await operatorSettings(this.db)).filter(([name]) => known.has(name)));
    this.announcements = await standingAnnouncements(this.db, SHOWN_MAX);
  }

  get values(): OperatorValues {
    return { ...this.defaults, ...this.set };
  }

  /** As they would be with a change; null takes a setting away. */
  valuesWith(change: Readonly<Record<string, unknown>>): OperatorValues {
    const values: Record<string, unknown> = { ...this.values };
    for (const [name, value] of Object.entries(change)) values[name] = value ?? Reflect.get(this.defaults, name);
    return values as unknown as OperatorValues;
  }

  /** Names of what operators have set. */
  get setHere(): string[] {
    return Object.keys(this.set);
  }

  /** Announcements of this moment. */
  announced(nowUnixMs: number): Announcement[] {
    return this.announcements.filter(({ starts_at, ends_at }) => starts_at.getTime() <= nowUnixMs && (ends_at === null || ends_at.getTime() > nowUnixMs));
  }
}
