import pino from "pino";

/** Structured log lines: an object of facts and a short message. */
export interface Logger {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Members that never reach a log, wherever they stand in a line's facts. */
const SECRET_MEMBERS = ["authorization", "x-api-key", "x-goog-api-key", "cookie", "credential", "credentials", "password", "accessKey", "apiKey", "key.secret", "secret"];

/** JSON lines on stdout; `level` as pino knows it. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    redact: { paths: SECRET_MEMBERS.flatMap((name) => (name.includes("-") ? [`["${name}"]`, `*["${name}"]`] : [name, `*.${name}`])), censor: "[redacted]" },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
