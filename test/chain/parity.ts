/**
 * Prints the parity of the simulation and the chain: `npm run demo:parity`. Exits with 1 where anything differs.
 */
import Table from "cli-table3"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import pc from "picocolors"
import * as Amount from "../../src/domain/Amount.js"
import * as Deltas from "../../src/domain/Deltas.js"
import * as ParityRun from "./ParityRun.js"

const signed = (amount: Amount.Amount): string => (amount > 0n ? `+${Amount.format(amount)}` : Amount.format(amount))

const decimals = (asset: string): number => (asset === "ETH" ? 18 : 6)

/** In the smallest unit of the asset: 1e-6 of a USDT, 1 wei. */
const difference = (asset: string, a: Amount.Amount, b: Amount.Amount): string => {
  const units = Amount.toUnits(a - b, decimals(asset), "up")
  return units === 0n ? pc.green("0 units") : pc.red(`${units} units`)
}

const table = (head: ReadonlyArray<string>) =>
  new Table({
    head: [...head],
    style: { head: [], border: [] },
    colAligns: head.map((_, column) => (column < 2 ? "left" : "right"))
  })

const compared = (lines: ReadonlyArray<ParityRun.Line>): string => {
  const rows = table(["step", "token", "simulated", "on chain", "balance on chain", "sim - chain", "chain - balance"])
  let step = ""
  for (const line of lines) {
    rows.push([
      line.step === step ? "" : line.step,
      line.asset,
      signed(line.simulated),
      signed(line.chain),
      signed(line.balance),
      difference(line.asset, line.simulated, line.chain),
      difference(line.asset, line.chain, line.balance)
    ])
    step = line.step
  }
  return rows.toString()
}

const verdict = (good: boolean): string => (good ? pc.green("as it must be") : pc.red("WRONG"))

const seenOf = (cut: ParityRun.Cut): string => {
  const rows = table(["what", "seen", ""])
  const row = (what: string, seen: string, good: boolean) => rows.push([what, seen, verdict(good)])
  row("reported, the answer being lost", `${cut.reported} (${cut.code ?? "no error"})`, cut.reported === "unknown")
  row("sent again before it is resolved", cut.repeated, cut.repeated === "unknown")
  row("resolve", cut.resolved, cut.resolved === "settled")
  row("deltas of resolve", JSON.stringify(Object.fromEntries(["wallet", "aave"].flatMap((venue) =>
    Object.entries(cut.deltas[venue] ?? {}).map(([asset]) => [asset, signed(Deltas.get(cut.deltas, venue, asset))])
  ))), ParityRun.isOnce(cut))
  row("sent again after it", cut.replayed ? "replayed, nothing sent" : "sent", cut.replayed)
  row("supplies that the pool saw", String(cut.supplies), cut.supplies === 1)
  row("transactions: approval and supply", String(cut.transactions), cut.transactions === 2)
  return rows.toString()
}

const main = Effect.gen(function*() {
  yield* Console.log(pc.bold("Aave v3.0.2, its own bytecode on a local node, and the simulation at the chain's indices: one manager, one script"))
  const lines = yield* Effect.scoped(Effect.flatMap(ParityRun.chain, ParityRun.compare))
  yield* Console.log(compared(lines))
  yield* Console.log(pc.bold("\nThe connection is cut after the node has got a supply of 1,000 USDT"))
  const cut = yield* Effect.scoped(Effect.flatMap(ParityRun.chain, ParityRun.cut))
  yield* Console.log(seenOf(cut))
  const equal = lines.every(ParityRun.isEqual)
  const once = ParityRun.isOnce(cut)
  yield* Console.log(
    equal && once
      ? pc.green(`\n${lines.length} lines, difference 0 units on every one; the cut supply was made once`)
      : pc.red(`\n${equal ? "the cut supply was not made exactly once" : "the simulation and the chain differ"}`)
  )
  return equal && once
})

const exit = await Effect.runPromiseExit(main)
if (Exit.isFailure(exit)) process.stderr.write(`${Cause.pretty(exit.cause)}\n`)
process.exitCode = Exit.isSuccess(exit) && exit.value ? 0 : 1
