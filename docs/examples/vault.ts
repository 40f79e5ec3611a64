/**
 * A venue of one's own, simulated: a savings account for USDT that pays interest at midnight, takes a fee of what is
 * withdrawn, and pays out a day later. The guide to adding a venue goes through it.
 */
import { Effect, Either } from "effect"
import { Account, Amount, Decimal, Entry, type Instruction, type MarketSnapshot, Outcome, Timestamp, Venue, VenueRegistry } from "execution-interface-manager"
import * as Gas from "execution-interface-manager/sim/Gas"
import * as Refusal from "execution-interface-manager/sim/Refusal"
import * as Simulation from "execution-interface-manager/sim/Simulation"
import * as Transfers from "execution-interface-manager/sim/Transfers"
import * as World from "execution-interface-manager/sim/World"

const token = "USDT"
const quantum = Amount.quantumOf(6)
const wallet = Account.make("wallet", "wallet")
const account = Account.make("vault", "position")
const issuer = Account.contra("issuer", "vault")
const rounding = Account.contra("rounding", "vault")

/** Terms of the account: 5 % a year, paid by the day, and 0.1 % of what is withdrawn. */
const terms = { daily: Decimal.quotient(Decimal.unsafe("0.05"), Decimal.unsafe("365"), 18, "down"), exitFee: Decimal.unsafe("0.001") }

interface Request {
  readonly action: "supply" | "withdraw"
  readonly amount: Amount.Amount | "max"
}

/** The instruction as the vault does it, or why it does not. Nothing is known of balances here. */
const request = (instruction: Instruction.SmartContractAction): Either.Either<Request, Refusal.Refusal> => {
  const { action, amount } = instruction
  if (instruction.token !== token) {
    return Either.left(Refusal.make("unsupported", `the vault takes no ${instruction.token}`, { field: "token", expected: token, actual: instruction.token }))
  }
  if (action !== "supply" && action !== "withdraw") return Either.left(Refusal.make("unsupported", `the vault does not ${action}`, { field: "action" }))
  if (amount === "max") return Either.right({ action, amount })
  const cut = typeof amount === "bigint" ? Amount.quantize(amount, quantum, "down") : 0n
  return cut > 0n
    ? Either.right({ action, amount: cut })
    : Either.left(Refusal.make("invalid", "there is nothing to move", { field: "amount", expected: "at least 0.000001 USDT" }))
}

type Stepped = Either.Either<Simulation.Stepped<Outcome.Success>, Refusal.Refusal>

/** One action as a step of the world: a plain function that answers the next world, or why there is none. */
const step = (gas: Gas.Settings, operationId: string, { action, amount }: Request) =>
(world: World.World, snapshot: MarketSnapshot.MarketSnapshot): Stepped =>
  Either.gen(function*() {
    const from = action === "supply" ? wallet : account
    const held = World.balance(world, from, token)
    const moved = amount === "max" ? held : amount
    if (moved === 0n || moved > held) return yield* Either.left(Refusal.insufficientBalance(from, token, held, moved === 0n ? quantum : moved))
    const gasPaid = yield* Gas.charge(gas, world, snapshot, [action])
    const paid = yield* World.post(world, gasPaid.entries)
    const receipt = { ...Outcome.emptyReceipt(snapshot.at), detail: gasPaid.detail }
    if (action === "supply") {
      const entries = Entry.move(wallet, account, token, moved, "supply")
      const next = yield* World.post(paid, entries)
      return { world: next, value: new Outcome.Settled({ receipt: { ...receipt, entries: [...gasPaid.entries, ...entries], costs: gasPaid.costs } }) }
    }
    const { value: { costs, due, entries }, world: next } = yield* Transfers.depart(paid, {
      operationId,
      at: snapshot.at,
      from: account,
      asset: token,
      amount: moved,
      fee: Amount.times(moved, terms.exitFee, quantum, "up"),
      destination: { account: wallet, address: "wallet", network: "ethereum", minimum: 0n, quantum, delay: 0 },
      travel: Timestamp.day
    })
    return {
      world: next,
      value: new Outcome.Pending({
        handle: { venue: "vault", operationId, reference: { due: Timestamp.format(due) } },
        receipt: { ...receipt, entries: [...gasPaid.entries, ...entries], costs: [...gasPaid.costs, ...costs] }
      })
    }
  })

/** How time passes: interest at each midnight, of what is held by then. */
const model: Simulation.Model = {
  venue: "vault",
  due: (world, snapshot) => {
    const midnights: Array<Timestamp.Timestamp> = []
    if (World.balance(world, account, token) === 0n) return midnights
    for (let at = (Math.floor(world.at / Timestamp.day) + 1) * Timestamp.day; at <= snapshot.at; at += Timestamp.day) midnights.push(at)
    return midnights
  },
  settle: (world, { at }) => {
    const held = World.balance(world, account, token)
    if (held === 0n || at % Timestamp.day !== 0) return Either.right({ world, value: [] })
    const exact = Amount.times(held, terms.daily, 1n, "down")
    const entries = [
      ...Entry.move(issuer, account, token, exact, "interest"),
      ...Entry.move(account, rounding, token, exact - Amount.quantize(exact, quantum, "down"), "rounding")
    ]
    const accrual: Outcome.Accrual = { id: `interest:vault:${Timestamp.format(at)}`, kind: "interest", venue: "vault", account, at, entries, detail: {} }
    return Either.map(World.post(world, entries), (next) => ({ world: next, value: [accrual] }))
  }
}

const make = Effect.gen(function*() {
  const simulation = yield* Simulation.Simulation
  const gas = yield* Gas.Gas
  yield* simulation.register(model)
  const venue: Venue.Venue = {
    id: "vault",
    family: "onchain",
    accounts: ["position"],
    action: {
      actions: new Set<Instruction.Action>(["supply", "withdraw"]),
      ...Venue.capability<Instruction.SmartContractAction, Request>({
        prepare: ({ instruction }) =>
          Either.mapBoth(request(instruction), {
            onLeft: Refusal.toNotSent,
            onRight: (payload) => ({ wire: { action: payload.action, amount: payload.amount === "max" ? "max" : Amount.format(payload.amount) }, payload })
          }),
        submit: (payload, { at, operationId }) => simulation.step(at, step(gas, operationId, payload)),
        resolve: (handle) =>
          Effect.map(simulation.world, (world) => {
            const receipt = Outcome.emptyReceipt(world.at)
            return world.transits.some(({ id }) => id === handle.operationId)
              ? new Outcome.Pending({ handle, receipt })
              : new Outcome.Settled({ receipt })
          })
      })
    },
    accruals: simulation.accruals("vault"),
    portfolio: () =>
      Effect.map(simulation.world, (world) => ({
        holdings: World.holdings(world).filter((holding) => holding.account === account),
        positions: []
      }))
  }
  return venue
})

/** The layer: what `Backtest.layer({ venues: { vault } })` takes. */
export const vault = VenueRegistry.venue({ id: "vault", family: "onchain", make })
