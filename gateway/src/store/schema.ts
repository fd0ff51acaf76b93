import type { Generated, JSONColumnType } from "kysely";

/** The tables as Kysely sees them. bigint columns arrive as text from `pg`: ids are read by Number, money by BigInt. */
export interface Database {
  users: {
    id: Generated<string>;
    username: string;
    display_name: Generated<string>;
    email: Generated<string>;
    role: Generated<number>;
    status: Generated<number>;
    access_key_hash: Buffer | null;
    password_hash: string | null;
    created_at: Generated<Date>;
  };
  api_keys: {
    id: Generated<string>;
    user_id: string;
    name: string;
    hash: Buffer;
    visible: string;
    status: Generated<number>;
    expires_at: Date | null;
    unlimited: Generated<boolean>;
    group_name: Generated<string>;
    model_limits: string[] | null;
    allow_ips: string[] | null;
    sandbox: Generated<boolean>;
    capture_days: number | null;
    created_at: Generated<Date>;
    deleted_at: Date | null;
    organisation_id: Generated<string | null>;
  };
  organisations: { id: Generated<string>; name: string; status: Generated<number>; created_at: Generated<Date>; deleted_at: Date | null };
  members: { id: Generated<string>; organisation_id: string; user_id: string; role: string; unlimited: Generated<boolean>; created_at: Generated<Date> };
  organisation_invitations: {
    id: Generated<string>;
    organisation_id: string;
    role: string;
    email: Generated<string>;
    code_hash: Buffer;
    invited_by: string;
    created_at: Generated<Date>;
    expires_at: Date;
    accepted_by: string | null;
    accepted_at: Date | null;
  };
  organisation_usage: { organisation_id: string; used_nano: string; requests: string };
  budgets: { id: Generated<string>; kind: string; owner_id: string; balance_nano: Generated<string> };
  ledger: {
    seq: Generated<string>;
    from_budget: string;
    to_budget: string;
    amount_nano: string;
    kind: string;
    ref: string;
    reason: string | null;
    at: Generated<Date>;
  };
  processes: { id: string; started_at: Generated<Date>; seen_at: Generated<Date> };
  leases: { budget_id: string; process_id: string; amount_nano: string };
  requests: {
    id: string;
    at: Date;
    user_id: string;
    key_id: string;
    group_name: string;
    dialect: string;
    endpoint: string;
    model: string;
    upstream_model: string | null;
    channel: string | null;
    stream: boolean;
    sandbox: boolean;
    status: number;
    error_code: string | null;
    end_reason: string;
    attempts: JSONColumnType<unknown[]>;
    first_byte_ms: number | null;
    duration_ms: number;
    usage: JSONColumnType<Record<string, number>>;
    estimated: boolean;
    anomaly: string | null;
    charge_nano: string;
    lines: JSONColumnType<unknown[]>;
    price_version: string | null;
    ip: string | null;
    /** order of arrival in the table */
    seq: Generated<string>;
    metadata: JSONColumnType<Record<string, string>> | null;
    organisation_id: string | null;
  };
  key_usage: { key_id: string; used_nano: string; requests: string; last_used_at: Date | null };
  user_usage: { user_id: string; used_nano: string; requests: string; pruned: Generated<string> };
  channels: {
    id: Generated<string>;
    name: string;
    vendor: string;
    base_url: string | null;
    models: string[] | null;
    model_mapping: JSONColumnType<Record<string, string>>;
    groups: string[] | null;
    priority: Generated<number>;
    weight: Generated<number>;
    timeouts: JSONColumnType<Record<string, number>>;
    proxy: string | null;
    enabled: Generated<boolean>;
    created_at: Generated<Date>;
  };
  channel_credentials: {
    id: Generated<string>;
    channel_id: string;
    sealed: string;
    enabled: Generated<boolean>;
    created_at: Generated<Date>;
  };
  price_versions: { version: string; prices: JSONColumnType<object>; at: Generated<Date> };
  catalog_overrides: { kind: string; name: string; entry: JSONColumnType<object>; updated_at: Generated<Date> };
  captured_bodies: { request_id: string; user_id: string; key_id: string; sealed: Buffer; created_at: Generated<Date>; expires_at: Date };
  limit_rules: {
    id: Generated<string>;
    scope: string;
    subject: string;
    requests_per_minute: string | null;
    tokens_per_minute: string | null;
    requests_per_day: string | null;
    concurrency: string | null;
    spend_per_day_nano: string | null;
    spend_per_month_nano: string | null;
    set_by: Generated<string>;
    updated_at: Generated<Date>;
  };
  stored_responses: {
    user_id: string;
    id: string;
    key_id: string;
    model: string;
    item_ids: string[];
    sealed: Buffer;
    created_at: Date;
    expires_at: Date;
  };
  log_events: { id: string; user_id: string | null; organisation_id: string | null; type: number; content: string; amount_nano: Generated<string> };
  audit_log: {
    id: Generated<string>;
    at: Generated<Date>;
    actor_id: string | null;
    action: string;
    subject: string;
    before: JSONColumnType<object> | null;
    after: JSONColumnType<object> | null;
    request_id: string;
  };
  settings: { name: string; value: JSONColumnType<object> };
}
