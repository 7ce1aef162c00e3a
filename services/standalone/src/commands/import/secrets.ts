import { wordsOf } from "./variables.ts";

/** Takes a secret with the name of what it was found in, and gives what stands in its place. */
export type Hide = (secret: string, name: string) => string;

const SECRET_WORDS = new Set(
  "key keys auth pass pwd pat pin cookie session bearer jwt sig signature dsn webhook licence license".split(" "),
);
const SECRET_PARTS = /apikey|accesskey|privatekey|secret|token|passw|passphrase|credential|authorization/;
const PLACE_WORDS = new Set("file path dir url uri host port endpoint region enabled ttl timeout".split(" "));
const PLAIN_VALUE = /^(true|false|yes|no|on|off|none|null|)$/i;

const SCHEME = /^(Bearer|Basic|Token|ApiKey|Key)\s+/i;
const WEB_ADDRESS = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)(.*)$/is;
const KEY_MATERIAL =
  /-----BEGIN [A-Z ]*PRIVATE KEY|"(private_key|client_secret|password|api_key|token)"|\b(password|pwd)=/i;
const KNOWN_SHAPE =
  /^(sk|pk|rk|gh[opsur]|github_pat|glpat|xox[a-z]|tvly|ntn|pplx|gsk|figd|lin_api|shpat|dop_v1|whsec|hf|npm|key|token|secret)[-_][\w-]{12,}$|^(AKIA|ASIA|AIza)[\w-]{12,}$|^eyJ[\w-]{8,}\./;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** True where what has this name is most likely a secret. In doubt it is: a variable too many does no harm. */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  if (PLACE_WORDS.has(words.at(-1) ?? "")) return false;
  return SECRET_PARTS.test(words.join("")) || words.some((word) => SECRET_WORDS.has(word));
}

/** True for words in the form of keys and tokens. */
function looksSecret(word: string): boolean {
  if (KNOWN_SHAPE.test(word) || UUID.test(word)) return true;
  return word
    .split(/[^A-Za-z0-9]/)
    .some((part) => part.length >= 20 && /\d.*\d/.test(part) && /[A-Za-z].*[A-Za-z]/.test(part));
}

/** The text with what seems to be a secret in it hidden; `name` is what the text is the value of. */
export function hideSecrets(text: string, name: string, hide: Hide): string {
  if (KEY_MATERIAL.test(text) && !WEB_ADDRESS.test(text)) return hide(text, name);
  const scheme = SCHEME.exec(text)?.[0] ?? "";
  const rest = text.slice(scheme.length);
  if (rest.includes("${")) return scheme + hideWords(rest, name, hide);
  const isSecret = (isSecretName(name) || scheme !== "") && !PLAIN_VALUE.test(rest);
  return scheme + (isSecret ? hide(rest, name) : hideWords(rest, name, hide));
}

function hideWords(text: string, name: string, hide: Hide): string {
  return text.replaceAll(/\S+/g, (word) => {
    if (WEB_ADDRESS.test(word)) return hideInAddress(word, hide);
    return looksSecret(word) ? hide(word, name) : word;
  });
}

function hideInAddress(address: string, hide: Hide): string {
  const [, protocol = "", authority = "", rest = ""] = WEB_ADDRESS.exec(address) ?? [];
  const at = authority.lastIndexOf("@");
  const [user, ...password] = authority.slice(0, Math.max(0, at)).split(":");
  // Something that is neither a port nor a reference: most likely a password with an unescaped slash in it.
  if (at < 0 && /:(?!\d*$|\$\{)/.test(authority.replace(/^\[.*\]/, ""))) return hide(address, "url");
  const credentials =
    password.length > 0 ? `${user}:${hideWhole(password.join(":"), hide)}` : user && hideWhole(user, hide);
  const host = authority.slice(at + 1);
  return protocol + (at < 0 ? "" : `${credentials}@`) + host + hideInRest(rest, hide);
}

function hideWhole(secret: string, hide: Hide): string {
  return secret === "" || secret.startsWith("${") ? secret : hide(secret, "password");
}

function hideInRest(rest: string, hide: Hide): string {
  const from = rest.search(/[?#]/);
  const path = from < 0 ? rest : rest.slice(0, from);
  const query = from < 0 ? "" : rest.slice(from);
  const hidden = path.replaceAll(/[^/]+/g, (step) => (looksSecret(step) ? hide(step, "path_key") : step));
  return hidden + query.replaceAll(/(?<=[?&#;])[^=&#;]+=[^&#;]*/g, (pair) => hideInPair(pair, hide));
}

function hideInPair(pair: string, hide: Hide): string {
  const [key = "", ...value] = pair.split("=");
  return `${key}=${hideSecrets(value.join("="), key, hide)}`;
}

/** An argument of a command line with the secrets in it hidden; `previous` may be the option it belongs to. */
export function hideInArgument(argument: string, previous: string | undefined, hide: Hide): string {
  const [, assigned, value] = /^(-{0,2}[\w.-]+=)(.+)$/s.exec(argument) ?? [];
  if (assigned !== undefined && value !== undefined) return assigned + hideSecrets(value, assigned, hide);
  const [, header, content] = /^([\w-]+:\s*)(?!\/\/)(.+)$/s.exec(argument) ?? [];
  if (header !== undefined && content !== undefined) return header + hideSecrets(content, header, hide);
  const option = previous !== undefined && /^-{1,2}[\w-]+$/.test(previous) ? previous : "argument";
  return argument.startsWith("-") ? hideWords(argument, option, hide) : hideSecrets(argument, option, hide);
}
