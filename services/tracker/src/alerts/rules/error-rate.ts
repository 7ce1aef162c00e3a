import { linkTo } from "../observation.ts";
import { type Evaluate, figure } from "./rule.ts";

/** Servers of whose permitted calls too many failed. Calls that have no end yet do not count. */
export const errorRate: Evaluate<"error_rate"> = async (rule, { traffic, now }) => {
  const { from, to, calls } = await traffic(rule.window_minutes);
  return [...calls]
    .filter(([server_name]) => rule.servers?.includes(server_name) ?? true)
    .map(([server_name, { success, error }]) => ({ server_name, ended: success + error, error }))
    .filter(({ ended, error }) => ended >= rule.min_calls && error > 0 && error * 100 >= rule.percent * ended)
    .map(({ server_name, ended, error }) => {
      const percent = (100 * error) / ended;
      return {
        ...{ rule, subject: { server_name }, at: now },
        sentence: `${figure(percent)} % of the calls to ${server_name} failed in the last ${rule.window_minutes} minutes: ${figure(error)} of ${figure(ended)}; ${figure(rule.percent)} % raise this alert.`,
        evidence: {
          ...{ errors: error, calls: ended, percent, threshold_percent: rule.percent, window: { from, to } },
          links: [linkTo("/governance/tool-logs", { server_name, status: "error", from, to })],
        },
      };
    });
};
