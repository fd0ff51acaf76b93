import type { Generated, JSONColumnType } from "kysely";

/** Where a task stands, as callers see it. The last three are ends. */
export type TaskState = "NOT_START" | "SUBMITTED" | "QUEUED" | "IN_PROGRESS" | "SUCCESS" | "FAILURE" | "CANCELLED";

/**
 * Where it stands for us: `waiting` for its turn to be sent; `sending` (a process has begun to); `unclear` (sent, the answer is lost: it is looked for at the vendor); `running` there; `parked` (nobody
 * can tell whether the vendor has it: an operator may look, the deadline ends it); `ended`.
 */
export type TaskPhase = "waiting" | "sending" | "unclear" | "running" | "parked" | "ended";

/** How an order is paid. */
export type PaymentMethod = "stripe" | "bank";

/** Where an order stands. Of `paid` a part may have been given back; `refunded`: all of it. */
export type OrderState = "created" | "paid" | "refunded" | "expired" | "cancelled";

/** `wished`: nobody has been asked yet; `unheard`: the vendor gave no answer; `asked`: it took the wish, and its word decides; `refused`: it cannot, or would not. */
export type CancelState = "wished" | "unheard" | "asked" | "refused";

/** A task. Members of type json are the task engine's, which knows their shapes. */
export interface TaskTable {
  id: string;
  request_id: string;
  user_id: string;
  organisation_id: string | null;
  key_id: string;
  group_name: string;
  sandbox: boolean;
  family: string;
  platform: string;
  action: string;
  model: string;
  parent_id: string | null;
  state: Generated<TaskState>;
  phase: Generated<TaskPhase>;
  progress: Generated<number>;
  progress_estimated: Generated<boolean>;
  submitted_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  deadline_at: Date;
  request: JSONColumnType<object>;
  notify_url: string | null;
  callback_token: string;
  idempotency_key: string | null;
  request_hash: string | null;
  sources: JSONColumnType<object[]>;
  source: Generated<number>;
  attempts: JSONColumnType<object[]>;
  channel: string | null;
  credential: string | null;
  upstream_model: string | null;
  vendor_ref: string | null;
  memo: JSONColumnType<object> | null;
  /** what a notice told of an order whose answer is lost */
  told: JSONColumnType<{ order: number; ref: string }> | null;
  /** what became of its caller's wish that it be stopped */
  cancel: CancelState | null;
  answer: JSONColumnType<object> | null;
  outputs: JSONColumnType<object[]>;
  error_kind: string | null;
  error_text: string | null;
  error_detail: string | null;
  budgets: string[];
  hold_nano: string;
  terms: JSONColumnType<object>;
  charge_nano: Generated<string>;
  lines: JSONColumnType<object[]>;
  usage: JSONColumnType<Record<string, number>>;
  deleted_at: Date | null;
}

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
    created_at: Generated<Date>;
    email_verified: Generated<boolean>;
    image: string | null;
    two_factor_enabled: Generated<boolean>;
    updated_at: Generated<Date>;
    deleted_at: Date | null;
  };
  auth_accounts: {
    id: Generated<string>;
    user_id: string;
    provider_id: string;
    account_id: string;
    password: string | null;
    access_token: string | null;
    refresh_token: string | null;
    id_token: string | null;
    access_token_expires_at: Date | null;
    refresh_token_expires_at: Date | null;
    scope: string | null;
    created_at: Generated<Date>;
    updated_at: Generated<Date>;
  };
  auth_sessions: { id: Generated<string>; user_id: string; token: string; expires_at: Date; ip_address: string | null; user_agent: string | null; created_at: Generated<Date>; updated_at: Generated<Date> };
  auth_verifications: { id: Generated<string>; identifier: string; value: string; expires_at: Date; created_at: Generated<Date>; updated_at: Generated<Date> };
  auth_two_factors: {
    id: Generated<string>;
    user_id: string;
    secret: string;
    backup_codes: string;
    verified: Generated<boolean>;
    failed_verification_count: Generated<number>;
    locked_until: Date | null;
  };
  auth_passkeys: {
    id: Generated<string>;
    user_id: string;
    name: string | null;
    public_key: string;
    credential_id: string;
    counter: string;
    device_type: string;
    backed_up: boolean;
    transports: string | null;
    aaguid: string | null;
    created_at: Generated<Date>;
  };
  sign_up_invitations: {
    id: Generated<string>;
    code_hash: Buffer;
    email: Generated<string>;
    note: Generated<string>;
    invited_by: string;
    created_at: Generated<Date>;
    expires_at: Date;
    used_at: Date | null;
    used_by: string | null;
  };
  starting_credits: { identity: Buffer; network: Buffer; user_id: string; at: Generated<Date> };
  guesses: { subject: Buffer; slot: string; count: number; expires_at: Date };
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
  budgets: { id: Generated<string>; kind: string; owner_id: string; balance_nano: Generated<string>; held_nano: Generated<string> };
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
  price_changes: { seq: Generated<string>; version: string; at: Generated<Date> };
  catalog_overrides: { kind: string; name: string; entry: JSONColumnType<object>; updated_at: Generated<Date> };
  imported: { label: string; kind: string; old_id: string; id: string; at: Generated<Date> };
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
  announcements: { id: Generated<string>; title: string; text: string; level: string; starts_at: Generated<Date>; ends_at: Date | null; created_at: Generated<Date> };
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
  tasks: TaskTable;
  task_turns: { task_id: string; lane: string; due_at: Date; fence: Generated<string>; taken: Generated<number>; holder: string | null };
  late_results: { id: Generated<string>; task_id: string; at: Generated<Date>; outputs: JSONColumnType<unknown[]>; usage: JSONColumnType<Record<string, number>>; cost_nano: string; settled_at: Date | null };
  webhook_deliveries: {
    id: string;
    task_id: string;
    user_id: string;
    url: string;
    state: string;
    body: string | null;
    attempts: Generated<number>;
    status: number | null;
    error: string | null;
    created_at: Generated<Date>;
    due_at: Date | null;
    delivered_at: Date | null;
    given_up_at: Date | null;
  };
  code_batches: { id: Generated<string>; name: string; amount_nano: string; count: number; expires_at: Date | null; disabled_at: Date | null; created_by: string; created_at: Generated<Date> };
  redemption_codes: { id: Generated<string>; batch_id: string; code_hash: Buffer; visible: string; disabled_at: Date | null; redeemed_by: string | null; redeemed_at: Date | null };
  orders: {
    id: string;
    number: string;
    user_id: string;
    organisation_id: string | null;
    method: PaymentMethod;
    state: Generated<OrderState>;
    waiting: Generated<boolean>;
    usd_nano: string;
    bonus_ppm: number;
    bonus_nano: string;
    currency: string;
    digits: number;
    rate_micro: string;
    amount_minor: string;
    paid_minor: string | null;
    credited_nano: Generated<string>;
    credited_bonus_nano: Generated<string>;
    refunded_minor: Generated<string>;
    debited_nano: Generated<string>;
    told_minor: Generated<string>;
    session_id: string | null;
    payment_id: string | null;
    pay_url: string | null;
    created_at: Date;
    expires_at: Date;
    paid_at: Date | null;
    ended_at: Date | null;
  };
  order_refunds: {
    id: string;
    order_id: string;
    kind: "refund" | "vendor" | "dispute";
    state: "pending" | "done" | "undone";
    amount_minor: string;
    debited_nano: string;
    vendor_ref: string | null;
    reason: string;
    made_by: string | null;
    created_at: Generated<Date>;
    ended_at: Date | null;
  };
  balance_notices: { kind: Generated<"wallet" | "organisation">; owner_id: string; below_nano: string; by_mail: boolean; url: string | null; armed: Generated<boolean>; updated_at: Generated<Date> };
  account_messages: {
    id: string;
    user_id: string | null;
    organisation_id: string | null;
    way: "mail" | "webhook";
    url: string | null;
    balance_nano: string;
    below_nano: string;
    attempts: Generated<number>;
    status: number | null;
    error: string | null;
    created_at: Date;
    due_at: Date | null;
    delivered_at: Date | null;
    given_up_at: Date | null;
  };
  payment_events: {
    id: Generated<string>;
    source: PaymentMethod;
    external_id: string;
    kind: string;
    verdict: string;
    state: "done" | "open" | "settled" | "dismissed";
    order_id: string | null;
    currency: string | null;
    digits: number | null;
    amount_minor: string | null;
    account: string | null;
    content: Generated<string>;
    reference: Generated<string>;
    note: Generated<string>;
    closed_by: string | null;
    closed_at: Date | null;
    received_at: Generated<Date>;
  };
  settings: { name: string; value: JSONColumnType<object> };
}
