import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";

/** Text, bytes, numbers and maps in CBOR (RFC 8949), as far as WebAuthn needs them. */
function cbor(value: unknown): Buffer {
  const head = (major: number, length: number): Buffer => {
    if (length < 24) return Buffer.from([(major << 5) | length]);
    if (length < 256) return Buffer.from([(major << 5) | 24, length]);
    return Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
  };
  if (typeof value === "number") return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  const entries = [...(value as Map<unknown, unknown>)];
  return Buffer.concat([head(5, entries.length), ...entries.flatMap(([name, member]) => [cbor(name), cbor(member)])]);
}

const sha256 = (data: string | Buffer): Buffer => createHash("sha256").update(data).digest();
const base64url = (data: Buffer | string): string => Buffer.from(data).toString("base64url");

interface Asked {
  challenge: string;
  rp?: { id?: string };
  rpId?: string;
  user?: { id: string };
}

/** A passkey in software, written from WebAuthn Level 3 (W3C): one P-256 key, attestation "none", the user always present and verified. */
export class Authenticator {
  private readonly id = randomBytes(32);
  private readonly keys: { privateKey: KeyObject; publicKey: KeyObject } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  private counter = 0;

  constructor(private readonly origin: string) {}

  /** Answers `navigator.credentials.create`. */
  create(options: Asked) {
    const { x = "", y = "" } = this.keys.publicKey.export({ format: "jwk" });
    const cose = cbor(new Map<number, unknown>([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, "base64url")], [-3, Buffer.from(y, "base64url")]]));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    // Flags: user present, user verified, attested credential data (6.1).
    const data = Buffer.concat([this.data(options.rp?.id ?? "", 0x45), Buffer.alloc(16), length, this.id, cose]);
    const attestation = cbor(new Map<string, unknown>([["fmt", "none"], ["attStmt", new Map()], ["authData", data]]));
    return this.credential({ clientDataJSON: this.client("webauthn.create", options.challenge), attestationObject: base64url(attestation), transports: ["internal"] });
  }

  /** Answers `navigator.credentials.get`. */
  get(options: Asked) {
    this.counter += 1;
    const data = this.data(options.rpId ?? "", 0x05);
    const client = this.client("webauthn.get", options.challenge);
    const signature = createSign("sha256").update(Buffer.concat([data, sha256(Buffer.from(client, "base64url"))])).sign(this.keys.privateKey);
    return this.credential({ clientDataJSON: client, authenticatorData: base64url(data), signature: base64url(signature) });
  }

  private credential(response: object) {
    return { id: base64url(this.id), rawId: base64url(this.id), type: "public-key", authenticatorAttachment: "platform", clientExtensionResults: {}, response };
  }

  private client(type: string, challenge: string): string {
    return base64url(JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false }));
  }

  private data(rpId: string, flags: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), counter]);
  }
}
