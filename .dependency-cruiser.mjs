/** The architecture, as sentences. `npm run layers` */
export default {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "services-meet-only-on-the-bus",
      comment: "standalone is all services in one process: it composes them",
      severity: "error",
      from: { path: "^services/([^/]+)/", pathNot: "^services/standalone/" },
      to: { path: "^services/([^/]+)/", pathNot: "^services/$1/" },
    },
    {
      name: "shared-knows-no-service",
      severity: "error",
      from: { path: "^shared/" },
      to: { path: "^(services|e2e)/" },
    },
    {
      name: "checks-are-pure",
      comment: "counter-store is a port, types alone; cel-js evaluates conditions and does nothing else",
      severity: "error",
      from: { path: "^services/policy/src/(checks|rules)/", pathNot: "[.]test[.]ts$" },
      to: {
        pathNot:
          "^(shared/src/([^/]+|(configuration|patterns)/.*)|services/policy/src/((checks|rules)/.*|counter-store[.]ts))$|node_modules/@marcbachmann/cel-js/",
      },
    },
    {
      name: "only-main-picks-adapters",
      severity: "error",
      from: {
        path: "^(services/[^/]+|shared)/src/",
        pathNot: "(^services/standalone/|/(main|index|testing)[.]ts$|[.]test[.]ts$|/adapters/)",
      },
      to: { path: "/src/adapters/" },
    },
    {
      name: "drivers-live-in-adapters",
      severity: "error",
      from: { path: "^(services|shared)/", pathNot: "(/adapters/|/test/|[.]test[.]ts$)" },
      to: { path: "node_modules/(ioredis|mongodb|lmdb|mingo|@nats-io)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(shared|services/[^/]+|e2e)/dist/" },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      conditionNames: ["source", "import", "node", "default"],
      exportsFields: ["exports"],
      extensions: [".ts", ".js"],
    },
  },
};
