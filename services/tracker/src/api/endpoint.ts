import type { HonoRequest } from "hono";

/** Something that can be asked of the governance API. */
export interface Endpoint {
  method: "GET" | "PUT" | "POST" | "DELETE";
  path: string;
  /** JSON text of what is answered as `data`. */
  answer(request: HonoRequest): Promise<string>;
}
