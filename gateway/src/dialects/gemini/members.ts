import { GatewayError } from "../../errors/gateway-error.ts";

/** An error of the caller's words; `param` is the field's path on the wire. */
export const invalid = (param: string, what: string): GatewayError => new GatewayError("invalidRequest", { publicText: `${param} ${what}`, param });

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * One object of the request. Google's JSON takes both spellings of a field, camelCase and snake_case, and null counts as missing (proto3 JSON mapping);
 * all getters take the camelCase name. Wrong types throw invalidRequest with the field's path.
 */
export class Members {
  private readonly asked = new Set<string>();

  private readonly given: Record<string, unknown>;
  /** where the object stands, e.g. "contents[0].parts[1]"; empty for the body itself */
  readonly path: string;

  constructor(object: Record<string, unknown>, path: string) {
    this.given = object;
    this.path = path;
  }

  /** The object at `path`; throws when the value is anything else. */
  static of(value: unknown, path: string): Members {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(path, "must be an object.");
    return new Members(value as Record<string, unknown>, path);
  }

  at(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  value(name: string): unknown {
    const other = snake(name);
    this.asked.add(name).add(other);
    const [camelValue, snakeValue] = [this.own(name), other === name ? undefined : this.own(other)];
    if (camelValue !== undefined && snakeValue !== undefined) throw invalid(this.at(name), `is given twice, as "${name}" and as "${other}".`);
    return camelValue ?? snakeValue;
  }

  has(name: string): boolean {
    return this.value(name) !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value !== undefined && typeof value !== "string") throw invalid(this.at(name), "must be a text.");
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.value(name);
    if (value !== undefined && typeof value !== "boolean") throw invalid(this.at(name), "must be true or false.");
    return value;
  }

  number(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const parsed = numberOf(value);
    if (parsed === undefined) throw invalid(this.at(name), "must be a number.");
    return parsed;
  }

  /** A whole number between the limits, both included. */
  whole(name: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.number(name);
    if (value !== undefined && (!Number.isInteger(value) || value < least || value > most))
      throw invalid(this.at(name), `must be a whole number from ${least}${most === Number.MAX_SAFE_INTEGER && value <= most ? "" : ` to ${most}`}.`);
    return value;
  }

  list(name: string): unknown[] | undefined {
    const value = this.value(name);
    if (value !== undefined && !Array.isArray(value)) throw invalid(this.at(name), "must be a list.");
    return value;
  }

  texts(name: string): string[] | undefined {
    const list = this.list(name);
    if (list?.some((item) => typeof item !== "string")) throw invalid(this.at(name), "must be a list of texts.");
    return list as string[] | undefined;
  }

  object(name: string): Members | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : Members.of(value, this.at(name));
  }

  /** The members nobody asked for, under their own spelling; null ones are left out. */
  rest(): [string, unknown][] {
    return Object.entries(this.given).filter(([name, value]) => !this.asked.has(name) && value !== null && value !== undefined);
  }

  private own(name: string): unknown {
    const value = Object.hasOwn(this.given, name) ? this.given[name] : undefined;
    return value === null ? undefined : value;
  }
}

/** Numbers may stand in quotes (proto3 JSON mapping). */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}
