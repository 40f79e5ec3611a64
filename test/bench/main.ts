/**
 * How fast the manager routes, and what it costs over a bare loop: validation, plan, guard, ledger, fees, slippage,
 * reports and buffered events all on.
 *
 *     npm run -s bench -- [--json] [--processes N] [--rounds N] [--memory N]
 *
 * Each measurement runs in fresh processes, those of the subjects in turn, so that what one leaves in the machine falls on
 * all alike. A process warms up, then measures rounds of some 80 ms by the time of the processor, garbage collection
 * included. The figure is the least of all rounds: what other programs of the machine add is never less than nothing.
 * Exits with 1 where routing takes more than the limit over the bare loop, or where memory grows with the instructions.
 */
import { spawnSync } from "node:child_process"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"

const argument = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : Number.parseInt(process.argv[at + 1]!, 10)
}

const processes = argument("--processes", 5)
const rounds = argument("--rounds", 25)
const memory = argument("--memory", 1_000_000)

/** The most processor time that routing may take, in times of the bare loop: a third above what was measured. */
const ratioLimit = 8
/** The most bytes that the heap may grow by for each instruction: less than any object takes. */
const growthLimit = 16

const subject = path.join(path.dirname(fileURLToPath(import.meta.url)), "subject.ts")

const run = (...args: ReadonlyArray<string>): unknown => {
  const { status, stdout } = spawnSync(process.execPath, [...process.execArgv, subject, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"]
  })
  if (status !== 0) {
    console.error(`${args[0]} ended with ${status}`)
    process.exit(1)
  }
  return JSON.parse(stdout)
}

const names = ["bare", "typed", "json"] as const
const times: Record<(typeof names)[number], Array<number>> = { bare: [], typed: [], json: [] }
for (let n = 0; n < processes; n++) {
  for (const name of names) times[name].push(...run(name, "--rounds", String(rounds)) as ReadonlyArray<number>)
}

const sorted = (values: ReadonlyArray<number>) => [...values].sort((a, b) => a - b)
const rounded = (value: number) => Math.round(value * 100) / 100
const least = (name: keyof typeof times) => sorted(times[name])[0]!
const median = (name: keyof typeof times) => sorted(times[name])[Math.floor(times[name].length / 2)]!

const grown = run("memory", "--count", String(memory)) as {
  readonly heap_growth: number
  readonly rss_growth: number
  readonly rss: number
  readonly instructions: number
}

const figures = {
  microseconds: Object.fromEntries(names.map((name) => [name, { least: rounded(least(name)), median: rounded(median(name)) }])),
  ratio_typed: rounded(least("typed") / least("bare")),
  ratio_json: rounded(least("json") / least("bare")),
  per_processor_second: Object.fromEntries(names.map((name) => [name, Math.round(1e6 / least(name))])),
  heap_bytes_per_instruction: Math.round(grown.heap_growth / grown.instructions),
  rss_growth_mb: rounded(grown.rss_growth / 2 ** 20),
  rss_mb: Math.round(grown.rss / 2 ** 20),
  memory_instructions: memory,
  rounds: processes * rounds,
  load: os.loadavg().map(rounded)
}

if (process.argv.includes("--json")) console.log(JSON.stringify(figures))
else {
  console.log("processor time an instruction      least   median   of the bare loop")
  for (const name of names) {
    const ratio = least(name) / least("bare")
    console.log(`${name.padEnd(30)} ${least(name).toFixed(2).padStart(6)} µs ${median(name).toFixed(2).padStart(6)} µs   ${ratio.toFixed(2)}`)
  }
  console.log(`heap, from ${memory / 10} to ${memory} instructions: ${figures.heap_bytes_per_instruction} bytes an instruction; resident ${figures.rss_mb} MB`)
  console.log(`${figures.rounds} rounds of each; load of the machine ${figures.load.join(", ")}`)
}

const broken = [
  ...(figures.ratio_typed > ratioLimit ? [`more than ${ratioLimit} times the processor time of the bare loop`] : []),
  ...(figures.heap_bytes_per_instruction > growthLimit ? [`more than ${growthLimit} bytes kept of an instruction`] : [])
]
for (const what of broken) console.error(`limit broken: ${what}`)
if (broken.length > 0) process.exitCode = 1
