/**
 * What nothing uses: files, exports and packages, found by `npm run unused`. What a public module exports is used by
 * those who install the package; everything else has to be imported somewhere.
 */
import { fileURLToPath } from "node:url"
import type { KnipConfig } from "knip"
import { modules } from "./exports.js"

const src = fileURLToPath(new URL("../src", import.meta.url))

export default {
  workspaces: {
    ".": {
      entry: [
        "src/index.ts",
        ...modules(src).map((module) => `src/${module}.ts`),
        // The command loads these when they are asked for.
        "src/cli/{main,Commands,ScriptHooks,ScriptWorker}.ts",
        "src/cli/*Command.ts",
        "docs/examples/*.ts",
        // Programs that are run by their path.
        "test/bench/*.ts",
        "test/chain/parity.ts",
        "test/data/locker.ts",
        "test/events/writer.ts",
        "test/seed.ts",
        ".config/{eim,run,start}.mjs",
        ".config/vitest.mutation.ts"
      ],
      project: ["src/**/*.ts", "test/**/*.ts", "docs/examples/**/*.ts", ".config/**/*.{ts,mjs}"],
      vitest: { config: ["test/vitest.config.ts"] },
      stryker: { config: [".config/stryker.mjs"] },
      ignoreDependencies: [
        // Has no module that Node could import by name; it is required instead.
        "asciichart",
        // Its command stands in brackets in `pack:check`.
        "@arethetypeswrong/cli",
        // Peer of the peers of @effect/platform-node.
        "@effect/workflow"
      ]
    },
    "test/chain": {
      // Contracts and compilers, read as files.
      ignoreDependencies: [
        "@aave/core-v3",
        "@morpho-org/morpho-blue",
        "@setprotocol/set-protocol-v2",
        "@uniswap/v3-core",
        "@uniswap/v3-periphery",
        "canonical-weth"
      ]
    }
  },
  // The SQL clients are needed only by those who keep their market data in a database.
  exclude: ["optionalPeerDependencies"],
  // A type may be named for its own module alone; a value is then not exported.
  ignoreExportsUsedInFile: { interface: true, type: true }
} satisfies KnipConfig
