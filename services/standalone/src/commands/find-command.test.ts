import { describe, expect, test } from "vitest";
import type { Command } from "./command.ts";
import { findCommand } from "./find-command.ts";

const command = (usage: string): Command => ({ usage, summary: "", run: async () => 0 });
const check = command("check");
const replay = command("policy replay");
const explain = command("policy explain");
const commands = { check, "policy replay": replay, "policy explain": explain };

describe("the words of a command line", () => {
  test.each([
    [["check", "replay", "--fast"], check, ["replay", "--fast"]],
    [["policy", "replay", "--candidate", "FILE"], replay, ["--candidate", "FILE"]],
    [["policy", "explain"], explain, []],
  ])("%j name a command and leave it its arguments", (args, found, rest) => {
    expect(findCommand(commands, args)).toEqual({ command: found, rest });
  });

  test.each([
    [[], "no command given"],
    [["--fast"], 'unknown option "--fast"'],
    [["chek"], 'unknown command "chek"'],
    [["toString"], 'unknown command "toString"'],
    [["policy"], "policy what? One of replay, explain"],
    [["policy", "reply"], 'unknown command "policy reply": one of replay, explain must follow policy'],
  ])("%j name none: %s", (args, complaint) => {
    expect(() => findCommand(commands, args)).toThrow(complaint);
  });
});
