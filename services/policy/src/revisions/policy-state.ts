import { canonicalJson } from "@mcp-governance-bridge/shared";
import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import type { Revision, ScopeOrigin } from "../revision-store.ts";
import { hashOf, type Settings, scopesOf, settingsOf, unknownScope, withSettings } from "./scopes.ts";

/** What a revision says, apart from when, by whom and why. */
export type PolicyState = Pick<Revision, "document" | "scopes" | "candidate">;

type Scopes = PolicyState["scopes"];

/** True where both decide on calls in the same way and know the same of the file. */
export function isSameState(a: PolicyState, b: PolicyState): boolean {
  return canonicalJson([a.document, a.scopes, a.candidate]) === canonicalJson([b.document, b.scopes, b.candidate]);
}

/** What comes of a file: an edit holds for as long as the file says the same for its scope as when it was made. */
export function fromFile(file: PolicyDocument, base: PolicyState | undefined): PolicyState {
  const scopes: Record<string, ScopeOrigin> = {};
  let document = file;
  for (const scope of scopesOf(file)) {
    const fileHash = hashOf(scope, settingsIn(file, scope));
    const edit = editIn(base, scope, fileHash);
    scopes[scope] = { origin: edit ? "edit" : "file", fileHash };
    if (edit) document = withSettings(document, scope, edit);
  }
  return { document, scopes, candidate: carried(base, document) };
}

/** The scopes whose edits `next` no longer has because the file changed them. */
export function endedEdits(base: PolicyState, next: PolicyState): string[] {
  const isEdit = (scopes: Scopes, scope: string) => scopes[scope]?.origin === "edit";
  return Object.keys(base.scopes).filter((scope) => isEdit(base.scopes, scope) && !isEdit(next.scopes, scope));
}

/** With the settings of one scope replaced as a whole. Throws `policy.unknown`. */
export function edited(base: PolicyState, scope: string, settings: Settings): PolicyState {
  const fileHash = base.scopes[scope]?.fileHash;
  if (fileHash === undefined) throw unknownScope(scope);
  return withScope(base, scope, { settings, origin: { origin: "edit", fileHash } });
}

/** With what the file says for one scope. Throws `policy.unknown`. */
export function reset(base: PolicyState, scope: string, file: PolicyDocument): PolicyState {
  const settings = settingsOf(file, scope);
  if (!settings || !base.scopes[scope]) throw unknownScope(scope);
  return withScope(base, scope, { settings, origin: { origin: "file", fileHash: hashOf(scope, settings) } });
}

/**
 * With the settings and the trial of an earlier state. Which servers there are, whether they are disabled, and the
 * packs stay as they are: these are the file's alone.
 */
export function rolledBack(base: PolicyState, earlier: PolicyState): PolicyState {
  const scopes: Record<string, ScopeOrigin> = {};
  let { document } = base;
  for (const [scope, { fileHash }] of Object.entries(base.scopes)) {
    const settings = settingsOf(earlier.document, scope) ?? settingsIn(base.document, scope);
    scopes[scope] = { origin: hashOf(scope, settings) === fileHash ? "file" : "edit", fileHash };
    document = withSettings(document, scope, settings);
  }
  return { document, scopes, candidate: carried(earlier, document) };
}

/** With one scope of the trial replaced as a whole. Throws `policy.unknown`. */
export function tried(base: PolicyState, scope: string, settings: Settings): PolicyState {
  if (!base.scopes[scope]) throw unknownScope(scope);
  const candidate = withSettings(base.candidate ?? base.document, scope, settings);
  return { ...base, candidate: unlessSame(candidate, base.document) };
}

function withScope(
  base: PolicyState,
  scope: string,
  { settings, origin }: { settings: Settings; origin: ScopeOrigin },
): PolicyState {
  const document = withSettings(base.document, scope, settings);
  return { document, scopes: { ...base.scopes, [scope]: origin }, candidate: carried(base, document) };
}

/** The trial beside another document: it goes on differing where it differed, and follows the document elsewhere. */
function carried(base: PolicyState | undefined, document: PolicyDocument): PolicyDocument | null {
  if (!base?.candidate) return null;
  let candidate = document;
  for (const scope of scopesOf(document)) {
    const before = settingsOf(base.document, scope);
    const onTrial = settingsOf(base.candidate, scope);
    if (!before || !onTrial || canonicalJson(before) === canonicalJson(onTrial)) continue;
    candidate = withSettings(candidate, scope, onTrial);
  }
  return unlessSame(candidate, document);
}

function unlessSame(candidate: PolicyDocument, document: PolicyDocument): PolicyDocument | null {
  return canonicalJson(candidate) === canonicalJson(document) ? null : candidate;
}

function editIn(base: PolicyState | undefined, scope: string, fileHash: string): Settings | undefined {
  const held = base?.scopes[scope];
  if (!base || held?.origin !== "edit" || held.fileHash !== fileHash) return undefined;
  return settingsOf(base.document, scope);
}

/** For scopes that the document is known to have. */
function settingsIn(document: PolicyDocument, scope: string): Settings {
  const settings = settingsOf(document, scope);
  if (!settings) throw unknownScope(scope);
  return settings;
}
