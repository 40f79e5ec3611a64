/**
 * Gas of simulated transactions: units by kind of transaction, times the gas price of the data.
 *
 * One value for the whole program: every on-chain venue takes it from the {@link Gas} tag.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Account from "../domain/Account.js"
import * as Amount from "../domain/Amount.js"
import * as Decimal from "../domain/Decimal.js"
import * as Entry from "../domain/Entry.js"
import type { Json } from "../domain/Json.js"
import * as MarketSnapshot from "../domain/MarketSnapshot.js"
import type * as Outcome from "../domain/Outcome.js"
import * as Timestamp from "../domain/Timestamp.js"
import * as Wire from "../domain/Wire.js"
import type * as Assumption from "./Assumption.js"
import * as Refusal from "./Refusal.js"
import * as World from "./World.js"

/** Kinds of transaction. @category constants @since 0.1.0 */
export const operations = [
  "approval",
  "supply",
  "withdraw",
  "supply_collateral",
  "withdraw_collateral",
  "borrow",
  "repay",
  "transfer",
  "wrap",
  "unwrap",
  "wrap_lst",
  "unwrap_lst",
  "stake",
  "stake_wrapped",
  "unstake",
  "claim",
  "swap",
  "set_collateral",
  "set_emode",
  "atomic_entry",
  "atomic_exit_one_swap",
  "atomic_exit_two_swaps"
] as const

/** A transaction whose gas is known, by name. @category models @since 0.1.0 */
export type Operation = (typeof operations)[number]

/**
 * Units of gas by kind of transaction. `test/chain/gas.test.ts` measures each but those of atomic groups on a real EVM, and
 * none takes more, but for a withdrawal beside a debt: up to 254,240.
 *
 * - `approval`, `supply`, `withdraw`, `borrow`, `repay`, `transfer`, `stake`, `unstake`, `claim`: the flat estimates of the
 *   cost model of basis-strategy-v1 (2025-10).
 * - `atomic_*`: its estimates for a leveraged entry by flash loan and an exit with one swap or two, not measured.
 * - `wrap`, `unwrap`: the dearest on the bytecode of WETH9, the first deposit of an account and a withdrawal of a part.
 * - `swap`: above Uniswap v3 with two ticks crossed (231,339) and Curve (132,577); the cost model has 180,000.
 * - `set_collateral`, `set_emode`: above Aave v3.0.2 with a debt (199,173 and 151,285); the cost model has 55,000.
 * - `supply_collateral`, `withdraw_collateral`: above Morpho Blue (91,602 and 102,701) with mocks of tokens and oracle.
 * - `wrap_lst`, `unwrap_lst`, `stake_wrapped`: half above doubles of Lido and ether.fi (118,173, 61,376 and 169,609), which
 *   have neither the proxies nor the limits of the contracts.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaultUnits: { readonly [K in Operation]: number } = {
  approval: 55_000,
  supply: 250_000,
  withdraw: 220_000,
  supply_collateral: 130_000,
  withdraw_collateral: 170_000,
  borrow: 300_000,
  repay: 280_000,
  transfer: 100_000,
  wrap: 45_041,
  unwrap: 35_265,
  wrap_lst: 180_000,
  unwrap_lst: 95_000,
  stake: 150_000,
  stake_wrapped: 255_000,
  unstake: 200_000,
  claim: 200_000,
  swap: 240_000,
  set_collateral: 210_000,
  set_emode: 160_000,
  atomic_entry: 1_250_000,
  atomic_exit_one_swap: 850_000,
  atomic_exit_two_swaps: 1_100_000
}

/** Series of the gas price, in gwei. @category constants @since 0.1.0 */
export const series = "gas.ethereum.gwei"

const Units = Schema.Int.pipe(Schema.nonNegative())

const NonNegative = Decimal.Decimal.pipe(
  Schema.filter((decimal) => decimal.value >= 0n || "expected a decimal, zero or more")
)

/**
 * Settings of gas, all optional.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Config = Wire.struct({
  /** Fixed gas price in gwei; `"0"` makes gas free. Defaults to the series `gas.ethereum.gwei`. */
  price_gwei: Schema.optional(NonNegative),
  /** Units of gas by kind of transaction. Each defaults to its entry in {@link defaultUnits}. */
  units: Schema.optional(Schema.partial(Schema.Record({ key: Schema.Literal(...operations), value: Units }))),
  /** Whether gas that the wallet cannot pay is advanced from outside, at `opening:gas_tank`. Defaults to true. */
  tank: Schema.optional(Schema.Boolean)
})

/** @category models @since 0.1.0 */
export type Config = typeof Config.Type

/**
 * Settings with every default filled in.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  /** Fixed gas price in gwei; `undefined` for that of the data. */
  readonly priceGwei: Decimal.Decimal | undefined
  readonly units: { readonly [K in Operation]: number }
  readonly tank: boolean
}

/**
 * Gas as all on-chain venues of a simulation see it.
 *
 * @category services
 * @since 0.1.0
 */
export class Gas extends Context.Tag("execution-interface-manager/sim/Gas")<Gas, Settings>() {}

/**
 * The settings of gas: units from the configuration, else the defaults, and a tank unless it is turned off.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (config: Config = {}): Settings => {
  const units = { ...defaultUnits }
  for (const operation of operations) units[operation] = config.units?.[operation] ?? defaultUnits[operation]
  return { priceGwei: config.priceGwei, units, tank: config.tank ?? true }
}

/** Gas for the venues of a simulation, by the configuration or the defaults. @category layers @since 0.1.0 */
export const layer = (config: Config = {}): Layer.Layer<Gas> => Layer.succeed(Gas, make(config))

/** What gas takes for granted. @category combinators @since 0.1.0 */
export const assumptions = (config: Config = {}): ReadonlyArray<Assumption.Assumption> => {
  const { priceGwei, tank, units } = make(config)
  return [
    {
      venue: "wallet",
      subject: "gas price",
      scope: { reasons: ["gas"] },
      value: priceGwei === undefined ? `series ${series}` : `${Decimal.format(priceGwei)} gwei`,
      source: priceGwei === undefined ? "data" : "config"
    },
    {
      venue: "wallet",
      subject: "gas units",
      scope: { reasons: ["gas"] },
      value: operations.map((operation) => `${operation} ${units[operation]}`).join(", "),
      source: config.units === undefined
        ? "cost model of basis-strategy-v1 (2025-10), raised where transactions on a test chain took more; groups not measured"
        : "config"
    },
    {
      venue: "wallet",
      subject: "gas tank",
      scope: { account: advanced },
      value: tank
        ? "gas the wallet cannot pay is advanced by a tank and counted as owed"
        : "none: a transaction whose gas the wallet cannot pay is refused",
      source: config.tank === undefined ? "default" : "config"
    }
  ]
}

const wallet = Account.make("wallet", "wallet")
const burnt = Account.contra("gas", "ethereum")
const advanced = Account.contra("opening", "gas_tank")

const gweiScale = 9

/**
 * What transactions cost in ETH: `units * gwei * 1e-9`, rounded up to 1 wei. Refused where the price is not known.
 *
 * @category combinators
 * @since 0.1.0
 */
export const quote = (
  settings: Settings,
  snapshot: MarketSnapshot.MarketSnapshot,
  transactions: ReadonlyArray<Operation>
): Either.Either<Quote, Refusal.Refusal> => {
  let units = 0
  for (const transaction of transactions) units += settings.units[transaction]
  if (units === 0) return Either.right({ units, priceGwei: settings.priceGwei ?? Decimal.zero, amount: 0n })
  const price = settings.priceGwei === undefined
    ? MarketSnapshot.value(snapshot, series)
    : Either.right(settings.priceGwei)
  if (Either.isLeft(price)) return Either.left(Refusal.missingData(price.left))
  // A transaction earns nothing, whatever stands in a file.
  if (price.right.value < 0n) {
    return Either.left(
      Refusal.make("market_data", `series ${series} is ${Decimal.format(price.right)} at ${Timestamp.format(snapshot.at)}: gas is never below 0`)
    )
  }
  const amount = Decimal.toScale(Decimal.multiply(Decimal.make(BigInt(units), 0), price.right), gweiScale, "up")
  return Either.right({ units, priceGwei: price.right, amount })
}

/**
 * The price of transactions.
 *
 * @category models
 * @since 0.1.0
 */
export interface Quote {
  readonly units: number
  readonly priceGwei: Decimal.Decimal
  /** In ETH. */
  readonly amount: Amount.Amount
}

/**
 * The part of a receipt that gas is: ledger lines, cost and facts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Charge {
  readonly entries: ReadonlyArray<Entry.Entry>
  readonly costs: ReadonlyArray<Outcome.Cost>
  /** Under `gas` units, price and amount; under `gas_tank` what the tank advanced, where it did. */
  readonly detail: { readonly [key: string]: Json }
}

/**
 * Gas of transactions, from the payer (`wallet:wallet`) to `gas:ethereum`. What the payer's ETH does not cover comes
 * from `opening:gas_tank` where there is a tank, and is refused where there is none. `spent` is the ETH that the
 * transactions take from the payer beside the gas.
 *
 * @category combinators
 * @since 0.1.0
 */
export const charge = (
  settings: Settings,
  world: World.World,
  snapshot: MarketSnapshot.MarketSnapshot,
  transactions: ReadonlyArray<Operation>,
  spent: Amount.Amount = 0n,
  payer: Account.Account = wallet
): Either.Either<Charge, Refusal.Refusal> =>
  Either.flatMap(quote(settings, snapshot, transactions), ({ amount, priceGwei, units }) => {
    const held = World.balance(world, payer, "ETH")
    const left = held > spent ? held - spent : 0n
    const short = amount > left ? amount - left : 0n
    if (short > 0n && !settings.tank) {
      return Either.left(
        Refusal.make(
          "insufficient_balance",
          `${Account.venue(payer)} (${Account.sub(payer)}) holds ${Amount.format(held)} ETH, and ${Amount.format(amount)} are needed for gas${
            spent === 0n ? "" : ` beside the ${Amount.format(spent)} of the transaction`
          }`,
          { expected: `at least ${Amount.format(spent + amount)} ETH`, actual: Amount.format(held) }
        )
      )
    }
    return Either.right({
      entries: [
        ...Entry.move(advanced, payer, "ETH", short, "gas"),
        ...Entry.move(payer, burnt, "ETH", amount, "gas")
      ],
      costs: amount === 0n ? [] : [{ kind: "gas" as const, venue: Account.venue(payer), asset: "ETH", amount }],
      detail: {
        gas: {
          transactions: [...transactions],
          units,
          price_gwei: Decimal.format(priceGwei),
          amount: Amount.format(amount)
        },
        ...(short === 0n ? {} : { gas_tank: Amount.format(short) })
      }
    })
  })
