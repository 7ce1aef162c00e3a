import { describe, expect, test } from "vitest";
import { anUpstream } from "../../test/offering.ts";
import { publicUris, ResourceIndex } from "./resource-index.ts";

const resource = (uri: string) => `{"uri":"${uri}","name":"n"}`;
const template = (uri: string) => `{"uriTemplate":"${uri}","name":"n"}`;

const notes = anUpstream("notes", { resources: [resource("file:///notes.txt")] });
const disk = anUpstream("disk", { resources: [resource("file:///notes.txt"), resource("file:///other.txt")] });
const weather = anUpstream("weather", { templates: [template("weather://{city}/now")] });

describe("public URIs", () => {
  test("are the upstream's own, file:/// included", () => {
    const [published] = publicUris([notes], "resources");
    expect(published).toMatchObject({ uri: "file:///notes.txt", text: resource("file:///notes.txt") });
  });

  test("of two upstreams that list the same: the second has its prefix in front", () => {
    expect(publicUris([notes, disk], "resources").map(({ uri, text }) => [uri, text])).toEqual([
      ["file:///notes.txt", resource("file:///notes.txt")],
      ["disk+file:///notes.txt", resource("disk+file:///notes.txt")],
      ["file:///other.txt", resource("file:///other.txt")],
    ]);
  });

  test("of an upstream without a prefix are marked with its name", () => {
    const bare = anUpstream("bare", { resources: [resource("file:///notes.txt")] }, { governance_prefix: "" });
    expect(publicUris([notes, bare], "resources").map(({ uri }) => uri)).toContain("bare+file:///notes.txt");
  });

  test("of templates are marked alike", () => {
    const other = anUpstream("other", { templates: [template("weather://{city}/now")] });
    expect(publicUris([weather, other], "templates").map(({ text }) => text)).toEqual([
      template("weather://{city}/now"),
      template("other+weather://{city}/now"),
    ]);
  });
});

describe("a URI belongs to", () => {
  const index = new ResourceIndex([notes, disk, weather]);
  const ownerOf = (uri: string) => {
    const owner = index.find(uri);
    return owner && [owner.upstream.server.name, owner.uri];
  };

  test("the upstream that lists it, the first of two", () => {
    expect(ownerOf("file:///notes.txt")).toEqual(["notes", "file:///notes.txt"]);
    expect(ownerOf("file:///other.txt")).toEqual(["disk", "file:///other.txt"]);
  });

  test("the upstream whose prefix it carries, under its own form", () => {
    expect(ownerOf("disk+file:///notes.txt")).toEqual(["disk", "file:///notes.txt"]);
    expect(ownerOf("weather+weather://{city}/now")).toEqual(["weather", "weather://{city}/now"]);
  });

  test("the upstream whose template it fits", () => {
    expect(ownerOf("weather://oslo/now")).toEqual(["weather", "weather://oslo/now"]);
  });

  test("the sole upstream that uses its scheme, whatever the case", () => {
    expect(ownerOf("WEATHER://unlisted")).toEqual(["weather", "WEATHER://unlisted"]);
  });

  test("nobody when two use its scheme, and when none does", () => {
    expect(ownerOf("file:///unlisted.txt")).toBeUndefined();
    expect(ownerOf("git://x")).toBeUndefined();
    expect(ownerOf("")).toBeUndefined();
  });
});
