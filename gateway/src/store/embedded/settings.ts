/** Names the socket's file (`.s.PGSQL.5432`); no TCP port is opened. */
export const PORT = 5432;
/** The database superuser that initdb makes; needs no user of that name in the system. */
export const USER = "yescale";
/** The gateway's database. */
export const DATABASE = "yescale";

/** For a small machine shared with the gateway; a caller may change these. */
const DEFAULTS: Record<string, string> = {
  max_connections: "60",
  shared_buffers: "64MB",
  // Processes that this use has no work for: each costs memory while idle.
  io_method: "sync",
  max_logical_replication_workers: "0",
  max_parallel_workers_per_gather: "0",
  autovacuum: "on",
  autovacuum_max_workers: "2",
  jit: "off",
  // Money: what was committed stays, whatever happens to the machine.
  fsync: "on",
  full_page_writes: "on",
  synchronous_commit: "on",
  max_wal_size: "512MB",
  checkpoint_timeout: "15min",
  timezone: "UTC",
  log_timezone: "UTC",
  lc_messages: "C",
  log_min_messages: "warning",
  // The file is cut only at a start: nothing regular goes in, and no values of rows.
  log_checkpoints: "off",
  log_error_verbosity: "terse",
};

/**
 * The server's command line arguments for its settings. They stand there rather than in postgresql.conf so that a later
 * version of the gateway brings its own to an old data folder. `changes` win over the defaults, but not over what keeps
 * the server private: socket only, in a folder only its owner can enter.
 */
export function settingsArguments(socketFolder: string, changes: Record<string, string> = {}): string[] {
  const settings: Record<string, string> = {
    ...DEFAULTS,
    ...changes,
    listen_addresses: "",
    port: String(PORT),
    // A list of paths: quotes keep a comma or a space in ours from parting it.
    unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: "0700",
    // Our own log file hears stdout and stderr; a collector would be one more process.
    logging_collector: "off",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
