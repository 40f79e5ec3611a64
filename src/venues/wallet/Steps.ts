/**
 * What the simulated wallet does: sends tokens, and wraps and unwraps ether.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Account from "../../domain/Account.js"
import * as Amount from "../../domain/Amount.js"
import * as Asset from "../../domain/Asset.js"
import * as Decimal from "../../domain/Decimal.js"
import * as Entry from "../../domain/Entry.js"
import type * as Instruction from "../../domain/Instruction.js"
import type * as MarketSnapshot from "../../domain/MarketSnapshot.js"
import type * as Outcome from "../../domain/Outcome.js"
import type * as Timestamp from "../../domain/Timestamp.js"
import type * as Contract from "../../sim/Contract.js"
import * as Gas from "../../sim/Gas.js"
import * as Refusal from "../../sim/Refusal.js"
import type * as Simulation from "../../sim/Simulation.js"
import * as Transfers from "../../sim/Transfers.js"
import * as World from "../../sim/World.js"
import type * as Venue from "../../venue/Venue.js"
import type * as Config from "./Config.js"

/** Where the tokens stand. @category constants @since 0.1.0 */
export const account: Account.Account = Account.make("wallet", "wallet")

const weth = Account.contra("issuer", "weth")

/** What goes in and what comes out. @category constants @since 0.1.0 */
export const conversions = {
  wrap: { from: "ETH", to: "WETH" },
  unwrap: { from: "WETH", to: "ETH" }
} as const

/**
 * A wrap or an unwrap. `max` is all there is, less the gas where it is ether.
 *
 * @category models
 * @since 0.1.0
 */
export interface Conversion {
  readonly action: keyof typeof conversions
  readonly amount: Amount.Amount | "max"
}

/**
 * A transfer that leaves the wallet. `max` is all there is, less the gas where it is ether.
 *
 * @category models
 * @since 0.1.0
 */
export interface Departure {
  readonly operationId: string
  readonly token: Asset.Asset
  readonly amount: Amount.Amount | "max"
  readonly destination: Venue.Destination
}

type Result<A> = Either.Either<A, Refusal.Refusal>

const refused = (
  reason: Outcome.Reason,
  message: string,
  field: string,
  expected: string,
  actual: string
): Either.Either<never, Refusal.Refusal> => Either.left(Refusal.make(reason, message, { field, expected, actual }))

/** The network an instruction means. Refused where the wallet is not on it. @category combinators @since 0.1.0 */
export const network = (settings: Config.Settings, named: string | undefined): Result<string> =>
  named === undefined || settings.networks.includes(named)
    ? Either.right(named ?? settings.networks[0])
    : refused(
      "unsupported",
      `the wallet is not on ${named}`,
      "network",
      `one of ${settings.networks.join(", ")}`,
      named
    )

/** Coins of other chains, with what stands for them on this one. */
const elsewhere: ReadonlyMap<Asset.Asset, string> = new Map([
  ["BTC", "WBTC, which is bitcoin on Ethereum"],
  ["BNB", "a token on Ethereum"]
])

/** Refused where a wallet on Ethereum cannot hold the token by itself. @category combinators @since 0.1.0 */
export const holdable = (token: Asset.Asset): Result<Asset.Asset> => {
  const instead = elsewhere.get(token)
  if (instead !== undefined) {
    return refused("unsupported", `${token} is a coin of another chain`, "token", instead, token)
  }
  return Asset.kind(token) === "asset"
    ? Either.right(token)
    : refused(
      "unsupported",
      `${token} stands under its protocol, not in the wallet`,
      "token",
      `${Asset.underlying(token)}, once it is withdrawn`,
      token
    )
}

/** An amount cut to the decimals of its token. Refused where that leaves nothing. @category combinators @since 0.1.0 */
export const quantity = (
  token: Asset.Asset,
  amount: Instruction.Quantity | undefined
): Result<Amount.Amount | "max"> => {
  if (amount === "max") return Either.right(amount)
  if (typeof amount !== "bigint") {
    return refused(
      "invalid",
      "only an atomic group knows what another operation gives",
      "amount",
      "a decimal or \"max\"",
      "another operation's output"
    )
  }
  const decimals = Asset.decimals(token)
  const cut = Amount.quantize(amount, Amount.quantumOf(decimals), "down")
  return cut > 0n
    ? Either.right(cut)
    : refused(
      "invalid",
      `${token} has ${decimals} decimals`,
      "amount",
      `at least ${Decimal.formatScaled(1n, decimals)} ${token}`,
      Amount.format(amount)
    )
}

/** All there is of a token at an account, less the gas where it is ether. */
const everything = (
  account: Account.Account,
  gas: Gas.Settings,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  token: Asset.Asset,
  operation: Gas.Operation
): Result<Amount.Amount> => {
  const held = World.balance(world, account, token)
  const step = Amount.quantumOf(Asset.decimals(token))
  if (token !== "ETH") {
    const whole = Amount.quantize(held, step, "down")
    return whole > 0n ? Either.right(whole) : Either.left(Refusal.insufficientBalance(account, token, held, step))
  }
  return Either.flatMap(Gas.quote(gas, snapshot, [operation]), ({ amount }) =>
    held > amount
      ? Either.right(held - amount)
      : Either.left(Refusal.insufficientBalance(account, token, held, amount + step)))
}

interface Funded {
  readonly amount: Amount.Amount
  readonly burnt: Gas.Charge
}

/** What is moved from an account, and the gas for it. */
const fund = (
  from: Account.Account,
  gas: Gas.Settings,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  token: Asset.Asset,
  asked: Amount.Amount | "max",
  operation: Gas.Operation
): Result<Funded> =>
  Either.gen(function*() {
    const amount = asked === "max" ? yield* everything(from, gas, world, snapshot, token, operation) : asked
    const held = World.balance(world, from, token)
    if (held < amount) return yield* Either.left(Refusal.insufficientBalance(from, token, held, amount))
    const burnt = yield* Gas.charge(gas, world, snapshot, [operation], token === "ETH" ? amount : 0n, from)
    return { amount, burnt }
  })

/**
 * Ether to WETH or back, one for one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const convert = (gas: Gas.Settings) =>
(
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  { action, amount: asked }: Conversion
): Result<Contract.Stepped> => {
  const { from, to } = conversions[action]
  return Either.flatMap(
    asked === "max" ? everything(account, gas, world, snapshot, from, action) : Either.right(asked),
    (amount) => {
      const entries = [
        ...Entry.move(account, weth, from, amount, "wrap"),
        ...Entry.move(weth, account, to, amount, "wrap")
      ]
      return Either.map(World.post(world, entries), (next) => ({
        world: next,
        value: {
          entries,
          fills: [],
          costs: [],
          positions: [],
          detail: {},
          gas: [action],
          output: { asset: to, amount }
        }
      }))
    }
  )
}

/**
 * What left the wallet, and when it arrives.
 *
 * @category models
 * @since 0.1.0
 */
export interface Sent {
  readonly receipt: Outcome.Receipt
  readonly due: Timestamp.Timestamp
}

/**
 * Sends a token from an account of a wallet: all of it arrives, gas is apart.
 *
 * @category combinators
 * @since 0.1.0
 */
export const send = (settings: Config.Settings, gas: Gas.Settings, from: Account.Account = account) =>
(
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  { amount: asked, destination, operationId, token }: Departure
): Result<Simulation.Stepped<Sent>> =>
  Either.flatMap(fund(from, gas, world, snapshot, token, asked, "transfer"), ({ amount, burnt }) =>
    Either.flatMap(World.post(world, burnt.entries), (paid) =>
      Either.map(
        Transfers.depart(paid, {
          operationId,
          at: snapshot.at,
          from,
          asset: token,
          amount,
          fee: 0n,
          destination,
          travel: settings.block * settings.confirmations
        }),
        ({ value, world: next }) => ({
          world: next,
          value: {
            due: value.due,
            receipt: {
              at: snapshot.at,
              entries: [...burnt.entries, ...value.entries],
              fills: [],
              costs: [...burnt.costs, ...value.costs],
              positions: [],
              detail: { network: destination.network, address: destination.address, ...burnt.detail }
            }
          }
        })
      )))
