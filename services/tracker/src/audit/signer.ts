import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Signs checkpoints with an Ed25519 key. */
export interface Signer {
  keyId: string;
  /** DER of the SPKI, base64. */
  publicKey: string;
  /** Base64. */
  sign(text: string): string;
}

const KEY_ID_DIGITS = 16;
const OWNER_ONLY = 0o600;

/** The key in a PEM file, made where there is none; replicas that share the folder agree on one. Rejects for a file that holds no Ed25519 key. */
export async function loadSigner({ file }: { file: string }): Promise<Signer> {
  const pem = (await readIfThere(file)) ?? (await makeKey(file));
  return signerOf(privateKeyOf(pem, file));
}

/** A key that lives as long as the process. */
export function temporarySigner(): Signer {
  return signerOf(generateKeyPairSync("ed25519").privateKey);
}

export function keyIdOf(publicKey: string): string {
  return hash("sha256", Buffer.from(publicKey, "base64")).slice(0, KEY_ID_DIGITS);
}

/** Public keys of PEM text, DER in base64. Throws for text that has none, or another kind. */
export function publicKeysOf(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
  if (blocks.length === 0) throw new Error("holds no public key in PEM form");
  return blocks.map((block) => spkiOf(createPublicKey(block)));
}

export function toPem(publicKey: string): string {
  const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
  return String(key.export({ format: "pem", type: "spki" }));
}

/** False also for what is no key or no signature. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  const key = publicKeyOf(publicKey);
  const bytes = Buffer.from(signature, "base64");
  // Text that is decoded leniently could be changed unseen.
  return key !== undefined && bytes.toString("base64") === signature && verify(null, Buffer.from(text), key, bytes);
}

const MAX_KNOWN = 100;
const known = new Map<string, KeyObject>();

/** Undefined for what is no Ed25519 key. */
function publicKeyOf(der: string): KeyObject | undefined {
  const before = known.get(der);
  if (before) return before;
  try {
    const key = createPublicKey({ key: Buffer.from(der, "base64"), format: "der", type: "spki" });
    spkiOf(key);
    if (known.size < MAX_KNOWN) known.set(der, key);
    return key;
  } catch {
    return undefined;
  }
}

function signerOf(key: KeyObject): Signer {
  const publicKey = spkiOf(createPublicKey(key));
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    sign: (text) => sign(null, Buffer.from(text), key).toString("base64"),
  };
}

function spkiOf(key: KeyObject): string {
  if (key.asymmetricKeyType !== "ed25519") throw new Error(`expected an Ed25519 key, found ${key.asymmetricKeyType}`);
  return key.export({ format: "der", type: "spki" }).toString("base64");
}

function privateKeyOf(pem: string, file: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    spkiOf(createPublicKey(key));
    return key;
  } catch (cause) {
    throw new Error(`${file}: holds no Ed25519 private key in PEM form`, { cause });
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

/** The file appears whole or not at all, and the first one to put it there wins. */
async function makeKey(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  const pem = String(generateKeyPairSync("ed25519").privateKey.export({ format: "pem", type: "pkcs8" }));
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, pem, { mode: OWNER_ONLY, flag: "wx", flush: true });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, "utf8");
}
