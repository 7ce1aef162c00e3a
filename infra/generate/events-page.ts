import { ClientInfo, Decision, DenialCode, GovernedMethod, Obligation } from "../../shared/src/decision.ts";
import { CallStatus, events, Outcome, Payload, UpstreamState } from "../../shared/src/events.ts";
import { describeType, type JsonType, toJsonType } from "./json-type.ts";
import { page, table } from "./markdown.ts";

const types = {
  CallStatus,
  ClientInfo,
  Decision,
  DenialCode,
  GovernedMethod,
  Obligation,
  Outcome,
  Payload,
  UpstreamState,
};
const names = new Map<unknown, string>(Object.entries(types).map(([name, schema]) => [schema, name]));

/** docs/events.md: every fact that the services tell each other. */
export function eventsPage(): string {
  const facts = Object.entries(events).map(([subject, schema]) => {
    const type = toJsonType(schema, names);
    return [`## ${subject}`, type.description ?? "", members(type)].join("\n\n");
  });
  const shared = Object.entries(types).map(([name, schema]) => {
    const others = new Map([...names].filter(([other]) => other !== schema));
    return `### ${name}\n\n${body(toJsonType(schema, others))}`;
  });
  return page("Events", "shared/src/events.ts", [
    'Each subject carries one kind of fact, as JSON. An unknown member is to be ignored; `id` tells repeated deliveries of one fact. On NATS, several facts may travel as one message on `governance.pack`: a line each, `{"s": subject, "e": fact}`.',
    ...facts,
    "## Types",
    ...shared,
  ]);
}

function body(type: JsonType): string {
  const variants = type.oneOf ?? type.anyOf;
  if (variants) return variants.map(members).join("\n\nor\n\n");
  return type.properties ? members(type) : describeType(type);
}

function members(type: JsonType): string {
  return table(["member", "type", "meaning"], rows(type, ""));
}

function rows(type: JsonType, prefix: string): string[][] {
  return Object.entries(type.properties ?? {}).flatMap(([name, member]) => {
    const optional = type.required?.includes(name) ? "" : ", may be missing";
    const row = [`\`${prefix}${name}\``, `${describeType(member)}${optional}`, member.description ?? ""];
    const inner = member.items ?? member;
    if (inner.named) return [row];
    return [row, ...rows(inner, `${prefix}${name}${member.items ? "[]" : ""}.`)];
  });
}
