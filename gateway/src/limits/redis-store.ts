import type { MeterAnswer, MeterAsk, MeterChange, MeterStore } from "./shared-meters.ts";

/** A process that has not shown itself for this long holds no places any more. */
const ALIVE_MS = 12_000;
const SHOW_MS = 2_500;
/** A server that is away is not waited for at the end: it forgets this process by itself. */
const LAST_WORD_MS = 500;
/** Counts of a minute are kept a little longer than it; those of a day or month longer than a month. */
const MINUTE_KEPT_SECONDS = 90;
const PERIOD_KEPT_SECONDS = 40 * 86_400;
/** All keys have one hash tag: in a cluster they lie together, as a script needs. */
const PREFIX = "{yescale}:limit:";
const ALIVE_PREFIX = "{yescale}:alive:";

/** What is needed of a Redis client; Bun's own fits. */
export interface RedisCommands {
  readonly connected: boolean;
  connect(): Promise<void>;
  send(command: string, args: string[]): Promise<unknown>;
  close(): void;
}

/** The same as `take_limits` in Postgres. ARGV: process, then six values for each key: kind, max, need, want, add, base. Gives four texts for each. */
const TAKE = `
local now = tonumber(redis.call('TIME')[1])
local totals, short = {}, false
for i, key in ipairs(KEYS) do
  local at = 1 + (i - 1) * 6
  local kind, max, need, add, base = ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6])
  local total = 0
  if kind == 'slots' then
    local held = redis.call('HGETALL', key)
    for j = 1, #held, 2 do
      if redis.call('EXISTS', '${ALIVE_PREFIX}' .. held[j]) == 1 then total = total + tonumber(held[j + 1]) else redis.call('HDEL', key, held[j]) end
    end
  elseif kind == 'period' then
    total = math.max(tonumber(redis.call('GET', key) or '0') + add, base)
    redis.call('SET', key, string.format('%.17g', total), 'EX', ${PERIOD_KEPT_SECONDS})
  else
    if add ~= 0 then redis.call('HINCRBYFLOAT', key, now, string.format('%.17g', add)) end
    local uses = redis.call('HGETALL', key)
    for j = 1, #uses, 2 do
      if tonumber(uses[j]) < now - 61 then redis.call('HDEL', key, uses[j]) else total = total + tonumber(uses[j + 1]) end
    end
    redis.call('EXPIRE', key, ${MINUTE_KEPT_SECONDS})
  end
  totals[i] = total
  if total + need > max then short = true end
end
local out = {}
for i, key in ipairs(KEYS) do
  local at = 1 + (i - 1) * 6
  local kind, max, need, want = ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local total, grant, wait = totals[i], 0, 0
  if not short then grant = math.min(max - total, math.max(need, math.min(want, math.floor((max - total) / 4)))) end
  if grant > 0 then
    if kind == 'slots' then redis.call('HINCRBY', key, ARGV[1], string.format('%d', grant))
    elseif kind == 'period' then redis.call('SET', key, string.format('%.17g', total + grant), 'EX', ${PERIOD_KEPT_SECONDS})
    else
      redis.call('HINCRBYFLOAT', key, now, string.format('%.17g', grant))
      redis.call('EXPIRE', key, ${MINUTE_KEPT_SECONDS})
    end
  elseif kind == 'minute' and total + need > max then
    local uses, seconds, rest = redis.call('HGETALL', key), {}, total
    for j = 1, #uses, 2 do seconds[#seconds + 1] = { tonumber(uses[j]), tonumber(uses[j + 1]) } end
    table.sort(seconds, function(a, b) return a[1] < b[1] end)
    wait = 62000
    for _, second in ipairs(seconds) do
      rest = rest - second[2]
      if rest + need <= max then wait = (second[1] + 62 - now) * 1000; break end
    end
  end
  out[#out + 1] = string.format('%.17g', grant)
  out[#out + 1] = string.format('%.17g', total + grant)
  out[#out + 1] = tostring(now)
  out[#out + 1] = tostring(wait)
end
return out`;

/** ARGV: process, then three values for each key: kind, second, units. */
const ADJUST = `
local now = redis.call('TIME')[1]
for i, key in ipairs(KEYS) do
  local kind, second, units = ARGV[i * 3 - 1], ARGV[i * 3], tonumber(ARGV[i * 3 + 1])
  if kind == 'slots' then
    local left = redis.call('HINCRBY', key, ARGV[1], string.format('%d', units))
    if left <= 0 then redis.call('HDEL', key, ARGV[1]) end
  elseif kind == 'period' then
    redis.call('SET', key, string.format('%.17g', math.max(0, tonumber(redis.call('GET', key) or '0') + units)), 'EX', ${PERIOD_KEPT_SECONDS})
  else
    if second == '0' then second = now end
    if tonumber(second) >= tonumber(now) - 61 then
      local used = tonumber(redis.call('HINCRBYFLOAT', key, second, string.format('%.17g', units)))
      if used < 0 then redis.call('HSET', key, second, '0') end
      redis.call('EXPIRE', key, ${MINUTE_KEPT_SECONDS})
    end
  end
end
return 1`;

/** Limits counted in Valkey or Redis, by scripts that run whole or not at all. */
export class RedisMeters implements MeterStore {
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly redis: RedisCommands,
    private readonly processId: string,
  ) {
    this.timer = setInterval(() => void this.show().catch(() => undefined), SHOW_MS);
  }

  /** Connects; gives whether that was done within a time. It is tried on and on afterwards. */
  async open(waitMs: number): Promise<boolean> {
    const connected = this.redis.connect().then(() => this.show().then(() => true), () => false);
    return Promise.race([connected, Bun.sleep(waitMs).then(() => false)]);
  }

  /** Says that this process lives: the places it holds count. Rejects when the server cannot be reached. */
  async show(): Promise<void> {
    if (!this.redis.connected) this.redis.connect().catch(() => undefined);
    await this.redis.send("SET", [`${ALIVE_PREFIX}${this.processId}`, "1", "PX", String(ALIVE_MS)]);
  }

  async take(asks: readonly MeterAsk[]): Promise<MeterAnswer[]> {
    const values = asks.flatMap(({ kind, max, need, want, add, base }) => [kind, String(max), String(need), String(want), String(add), String(base)]);
    const answer = await this.redis.send("EVAL", [TAKE, String(asks.length), ...asks.map(({ meter }) => PREFIX + meter), this.processId, ...values]);
    const numbers = (answer as unknown[]).map(Number);
    return asks.map((_, index) => ({ granted: numbers[index * 4] ?? 0, used: numbers[index * 4 + 1] ?? 0, second: numbers[index * 4 + 2] ?? 0, waitMs: numbers[index * 4 + 3] ?? 0 }));
  }

  async adjust(changes: readonly MeterChange[]): Promise<void> {
    const values = changes.flatMap(({ kind, second, units }) => [kind, String(second), String(units)]);
    await this.redis.send("EVAL", [ADJUST, String(changes.length), ...changes.map(({ meter }) => PREFIX + meter), this.processId, ...values]);
  }

  /** This process ends: its places are free at once. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    const told = this.redis.send("DEL", [`${ALIVE_PREFIX}${this.processId}`]).catch(() => undefined);
    await Promise.race([told, Bun.sleep(LAST_WORD_MS)]);
    this.redis.close();
  }
}
