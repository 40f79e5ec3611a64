/**
 * Mutation testing: changes the code of a room in small ways, one at a time, and looks whether the room's own tests
 * notice. The rules and the scores are in docs/decisions/0013-mutation-testing.md.
 *
 *     npm run mutation -- --mutate src/domain/Decimal.ts
 *     EIM_MUTATION=manager npm run mutation
 *     EIM_MUTATION=manager EIM_MUTATION_TESTS=Turn.test.ts,Calls.test.ts npm run mutation -- --mutate src/manager/Turn.ts
 */
import { tmpdir } from "node:os"
import { join } from "node:path"

const room = process.env["EIM_MUTATION"] ?? "domain"
const cache = "node_modules/.cache/stryker"

export default {
  mutate: [`src/${room}/**/*.ts`],
  testRunner: "vitest",
  vitest: { configFile: ".config/vitest.mutation.ts", dir: `test/${room}`, related: false },
  coverageAnalysis: "perTest",
  // What runs once while a module loads is covered by no test in particular: each such mutant would cost all tests.
  ignoreStatic: true,
  // The compiler refuses a mutated name (`"down"` becomes `""`), and no test should repeat the sentence of a message.
  mutator: { excludedMutations: ["StringLiteral"] },
  concurrency: 2,
  timeoutMS: 10_000,
  tempDirName: join(tmpdir(), `eim-mutation-${process.pid}`),
  ignorePatterns: ["dist", "coverage", "results", "logs", "test/chain", "*.tgz"],
  disableTypeChecks: false,
  incremental: true,
  incrementalFile: `${cache}/${room}.json`,
  reporters: ["clear-text", "progress-append-only", "json"],
  jsonReporter: { fileName: `${cache}/${room}-report.json` },
  clearTextReporter: { logTests: false, reportTests: false, allowEmojis: false },
  thresholds: { high: 90, low: 80, break: 80 }
}
