import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const root = fileURLToPath(new URL("..", import.meta.url))

const alias = [
  { find: /^execution-interface-manager$/, replacement: `${root}src/index.ts` },
  { find: /^execution-interface-manager\/(.*)$/, replacement: `${root}src/$1.ts` }
]

export default defineConfig({
  root,
  cacheDir: `${root}node_modules/.vite`,
  test: {
    pool: "forks",
    maxWorkers: 2,
    minWorkers: 1,
    passWithNoTests: false,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
      exclude: ["src/index.ts"],
      reporter: ["text-summary", "html", "json-summary"],
      reportsDirectory: `${root}coverage`,
      thresholds: {
        lines: 90,
        functions: 90,
        statements: 90,
        branches: 85,
        // What routes, what fails and what tells of it has no line that no test runs.
        "src/{manager,health,internal}/**/*.ts": { lines: 100 },
        "src/venue/VenueRegistry.ts": { lines: 100 },
        "src/domain/{Plan,EimError,ErrorCode,Fault}.ts": { lines: 100 }
      }
    },
    projects: [
      {
        root,
        resolve: { alias },
        test: {
          name: "library",
          setupFiles: ["test/seed.ts"],
          include: ["test/**/*.test.ts"],
          exclude: ["test/chain/**", "**/node_modules/**"],
          testTimeout: 60_000,
          hookTimeout: 30_000
        }
      },
      {
        root,
        resolve: { alias },
        test: {
          name: "chain",
          setupFiles: ["test/seed.ts"],
          include: ["test/chain/**/*.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          poolOptions: { forks: { singleFork: true } }
        }
      },
      {
        root,
        resolve: { alias },
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            include: ["test/**/*.test-d.ts"],
            tsconfig: `${root}tsconfig.json`,
            ignoreSourceErrors: true
          }
        }
      }
    ]
  }
})
