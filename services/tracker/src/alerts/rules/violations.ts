import { linkTo } from "../observation.ts";
import { type Evaluate, figure, largest } from "./rule.ts";

/** Too many denials in the window, of all servers and codes that the rule is about together. */
export const violations: Evaluate<"violations"> = async (rule, { traffic, now }) => {
  const { from, to, denials } = await traffic(rule.window_minutes);
  const counted = denials.filter(
    ({ server_name, code }) => (rule.servers?.includes(server_name) ?? true) && (rule.codes?.includes(code) ?? true),
  );
  const count = counted.reduce((sum, each) => sum + each.count, 0);
  if (count < rule.count) return [];

  const codes = sumsOf(counted.map((each) => [each.code, each.count]));
  const servers = sumsOf(counted.map((each) => [each.server_name, each.count]));
  return [
    {
      ...{ rule, subject: {}, at: now },
      sentence: `${figure(count)} calls were denied in the last ${rule.window_minutes} minutes; ${figure(rule.count)} raise this alert. By code: ${largest(codes)}. By server: ${largest(servers)}.`,
      evidence: {
        ...{ count, threshold: rule.count, window: { from, to } },
        by_code: [...codes].map(([code, number]) => ({ code, count: number })),
        by_server: [...servers].map(([server_name, number]) => ({ server_name, count: number })),
        links: [linkTo("/governance/decisions", { decision: "denied", from, to })],
      },
    },
  ];
};

function sumsOf(counts: readonly [name: string, count: number][]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
  return sums;
}
