/** The tests that mutants meet; Stryker names their folder. */
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import { BaseSequencer } from "vitest/node"

const root = fileURLToPath(new URL("..", import.meta.url))

/** The first failure decides about a mutant. */
class ShortestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer["sort"]>[0]) {
    return (await super.sort(files)).reverse()
  }
}

export default defineConfig({
  root,
  resolve: {
    alias: [
      { find: /^execution-interface-manager$/, replacement: `${root}src/index.ts` },
      { find: /^execution-interface-manager\/(.*)$/, replacement: `${root}src/$1.ts` }
    ]
  },
  test: {
    setupFiles: ["test/seed.ts"],
    // All of the room, or those that are named.
    include: process.env["EIM_MUTATION_TESTS"]?.split(",") ?? ["**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    // One import of everything for all files: modules keep no state that a test could see.
    isolate: false,
    sequence: { sequencer: ShortestFirst },
    testTimeout: 60_000
  }
})
