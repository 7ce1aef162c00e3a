import { canonicalJson } from "@mcp-governance-bridge/shared";

import { z } from "zod";
import { isObject } from "./is-object.ts";

/**
 * The value as somebody would have to write it: members that have the schema's default are left out, at any depth
 * but inside unions. What it yields is the same before and after a release adds a setting with a default.
 */
export function withoutDefaults(schema: z.core.$ZodType, value: unknown): unknown {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject && isObject(value)) return prunedMembers(inner, value);
  if (inner instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item: unknown) => withoutDefaults(inner.element, item));
  }
  return value;
}

function prunedMembers(schema: z.ZodObject, value: Record<string, unknown>): Record<string, unknown> {
  const members = Object.entries(value).flatMap(([key, member]) => {
    const ofMember = Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined;
    if (!ofMember) return [[key, member]];
    const pruned = withoutDefaults(ofMember, member);
    return isDefault(ofMember, member, pruned) ? [] : [[key, pruned]];
  });
  return Object.fromEntries(members);
}

function isDefault(schema: z.core.$ZodType, member: unknown, pruned: unknown): boolean {
  if (schema instanceof z.ZodDefault) return isSame(schema.def.defaultValue, member);
  return schema instanceof z.ZodPrefault && isSame(schema.def.defaultValue, pruned);
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrapped(schema.def.innerType);
  }
  return schema;
}

function isSame(a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
