import fc from "fast-check";
import { expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { splitRequest } from "./split-request.ts";

const split = (text: string) => {
  const parts = splitRequest(Buffer.from(text));
  return parts && { head: parts.head, argumentsText: Buffer.from(parts.argumentsText).toString() };
};

/** As gateways write it: the arguments last, as the text they came as. */
const written = (rest: object, argumentsText: string) =>
  `${JSON.stringify(rest).slice(0, -1)},"arguments":${argumentsText}}`;

test("a request falls into its head and the text of its arguments", () => {
  const { arguments: _, ...rest } = aRequest();
  expect(split(written(rest, '{"n":1e400}'))).toEqual({ head: rest, argumentsText: '{"n":1e400}' });
});

test("whatever is in the head and in the arguments, the parts say what the whole says", () => {
  const tricky = fc.oneof(fc.string(), fc.constantFrom(',"arguments":', '"arguments"', "}", '\\",'));
  const value = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: "small" }, tricky, fc.integer(), fc.array(tie("value")), tie("object")),
    object: fc.dictionary(fc.oneof(tricky, fc.constant("arguments")), tie("value")),
  }));
  fc.assert(
    fc.property(value.object, value.value, (given, args) => {
      const { arguments: _, ...rest } = given as Record<string, unknown>;
      const text = written({ first: 1, ...rest }, JSON.stringify(args));
      const parts = split(text);
      if (!parts) return;
      expect({ ...parts.head, arguments: JSON.parse(parts.argumentsText) }).toEqual(JSON.parse(text));
    }),
  );
});

test("what follows the arguments makes their text no JSON, so that it cannot say something else than the head", () => {
  const parts = split('{"method":"a","arguments":{},"method":"b"}');
  expect(parts?.head).toEqual({ method: "a" });
  expect(() => JSON.parse(parts!.argumentsText)).toThrow(SyntaxError);
});

test.each([
  "{}",
  "[]",
  "",
  '{"a":1',
  '{"arguments":{}}',
  '{"x":{"y":1,"arguments":2}}',
  '[{"x":1,"arguments":2}]',
  '{"x":"a,"arguments":2}',
])("%s is not taken apart", (text) => {
  expect(split(text)).toBeUndefined();
});
