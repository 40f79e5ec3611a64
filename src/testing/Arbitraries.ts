/**
 * Arbitrary instructions, blocks, balances and market data for property-based tests, valid by construction.
 *
 * They are fast-check arbitraries, as `effect/FastCheck` has them.
 *
 * @since 0.1.0
 */
import * as FastCheck from "effect/FastCheck"
import type * as Table from "../data/Table.js"
import * as Account from "../domain/Account.js"
import * as Amount from "../domain/Amount.js"
import type * as Asset from "../domain/Asset.js"
import * as Decimal from "../domain/Decimal.js"
import type * as Instruction from "../domain/Instruction.js"
import type * as InstructionBlock from "../domain/InstructionBlock.js"
import * as Instrument from "../domain/Instrument.js"
import type * as Timestamp from "../domain/Timestamp.js"
import type * as Simulation from "../sim/Simulation.js"

/** Seed of anything that draws by chance: `FaultyVenue.seeded`. @category arbitraries @since 0.1.0 */
export const seed: FastCheck.Arbitrary<number> = FastCheck.integer({ min: 0, max: 2 ** 31 - 1 })

/**
 * Bounds of an amount, as decimals.
 *
 * @category models
 * @since 0.1.0
 */
export interface Range {
  readonly min: string
  readonly max: string
  /** Step of the amounts. Defaults to `0.00000001`, as exchanges keep them. */
  readonly quantum?: string | undefined
}

/** Amounts in a range, each a multiple of its step, both ends included. @category arbitraries @since 0.1.0 */
export const amount = (range: Range): FastCheck.Arbitrary<Amount.Amount> => {
  const quantum = Amount.unsafe(range.quantum ?? "0.00000001")
  return FastCheck.bigInt({
    min: Decimal.divide(Amount.unsafe(range.min), quantum, "up"),
    max: Decimal.divide(Amount.unsafe(range.max), quantum, "down")
  }).map((steps) => steps * quantum)
}

/** As it is read from its text, so that a value is the same after a way through JSON or a file. */
const decimal = (value: Amount.Amount): Decimal.Decimal => Decimal.unsafe(Amount.format(value))

/** Names of venues, with their accounts where they are named: `binance`, `binance_perp`. */
const venueOf = (names: ReadonlyArray<string>): FastCheck.Arbitrary<Account.Reference> =>
  FastCheck.constantFrom(...names.map((name) => Account.parse(name) ?? { venue: name, sub: undefined }))

/**
 * What trades are made of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Trades {
  readonly venues: ReadonlyArray<string>
  readonly type: "spot" | "perp"
  /** `ETHUSDT`, `ETHUSDT-PERP`. */
  readonly symbols: ReadonlyArray<string>
  readonly amount: Range
  /** Prices of limit orders; without it all are market orders. */
  readonly limit?: Range | undefined
}

/** Trades: both sides, market and limit orders, reductions of perpetual positions. @category arbitraries @since 0.1.0 */
export const trade = (options: Trades): FastCheck.Arbitrary<Instruction.CexTrade> =>
  FastCheck.record({
    venue: venueOf(options.venues),
    side: FastCheck.constantFrom("buy" as const, "sell" as const),
    symbol: FastCheck.constantFrom(...options.symbols.flatMap((symbol) => Instrument.parse(symbol) ?? [])),
    quantity: amount(options.amount),
    order: options.limit === undefined
      ? FastCheck.constant(undefined)
      : FastCheck.option(
        FastCheck.record({
          price: amount(options.limit).map(decimal),
          timeInForce: FastCheck.constantFrom("IOC" as const, "FOK" as const)
        }),
        { nil: undefined }
      ),
    reduceOnly: FastCheck.boolean()
  }).map(({ order, quantity, reduceOnly, side, symbol, venue }): Instruction.CexTrade => ({
    instructionType: "cex_trade",
    venue,
    tradeType: options.type,
    side,
    symbol,
    amount: quantity,
    ...(order === undefined ? {} : { orderType: "limit" as const, ...order }),
    ...(options.type === "perp" && reduceOnly ? { reduceOnly } : {})
  }))

/**
 * What transfers are made of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Transfers {
  /** Ways that tokens may take, as pairs of names: `["wallet", "binance"]`. */
  readonly ways: ReadonlyArray<readonly [string, string]>
  readonly tokens: ReadonlyArray<Asset.Asset>
  readonly amount: Range
  /** Whether an amount may be `max`. Defaults to false. */
  readonly max?: boolean | undefined
}

const orMax = (range: Range, max: boolean | undefined): FastCheck.Arbitrary<Amount.Amount | "max"> =>
  max === true
    ? FastCheck.oneof({ weight: 4, arbitrary: amount(range) }, { weight: 1, arbitrary: FastCheck.constant("max" as const) })
    : amount(range)

/** Transfers between accounts. @category arbitraries @since 0.1.0 */
export const transfer = (options: Transfers): FastCheck.Arbitrary<Instruction.WalletTransfer> =>
  FastCheck.record({
    way: FastCheck.constantFrom(...options.ways).chain(([from, to]) => FastCheck.tuple(venueOf([from]), venueOf([to]))),
    token: FastCheck.constantFrom(...options.tokens),
    quantity: orMax(options.amount, options.max)
  }).map(({ quantity, token, way }): Instruction.WalletTransfer => ({
    instructionType: "wallet_transfer",
    fromVenue: way[0],
    toVenue: way[1],
    token,
    amount: quantity
  }))

/**
 * What actions are made of.
 *
 * @category models
 * @since 0.1.0
 */
export interface Actions {
  readonly protocols: ReadonlyArray<string>
  /** Actions that take a token and an amount. */
  readonly actions: ReadonlyArray<"supply" | "withdraw" | "borrow" | "repay" | "stake" | "unstake" | "wrap" | "unwrap">
  readonly tokens: ReadonlyArray<Asset.Asset>
  readonly amount: Range
  /** Whether an amount may be `max`, where that has a meaning. Defaults to false. */
  readonly max?: boolean | undefined
}

/** Actions on protocols. @category arbitraries @since 0.1.0 */
export const action = (options: Actions): FastCheck.Arbitrary<Instruction.SmartContractAction> =>
  FastCheck.record({
    protocol: venueOf(options.protocols),
    action: FastCheck.constantFrom(...options.actions),
    token: FastCheck.constantFrom(...options.tokens)
  }).chain(({ action, protocol, token }) =>
    orMax(options.amount, action === "borrow" ? false : options.max).map((quantity): Instruction.SmartContractAction => ({
      instructionType: "smart_contract_action",
      protocol,
      action,
      token,
      amount: quantity
    })))

/**
 * A block of instructions.
 *
 * @category models
 * @since 0.1.0
 */
export interface Blocks {
  readonly instruction: FastCheck.Arbitrary<Instruction.Instruction>
  /** Defaults to 5. */
  readonly most?: number | undefined
  /** Ids of the blocks. Defaults to UUIDs. Operations are `<block id>-<index>`. */
  readonly id?: FastCheck.Arbitrary<string> | undefined
}

/** Blocks whose operations all have an id of their own. @category arbitraries @since 0.1.0 */
export const block = (options: Blocks): FastCheck.Arbitrary<InstructionBlock.InstructionBlock> =>
  FastCheck.tuple(
    options.id ?? FastCheck.uuid(),
    FastCheck.array(options.instruction, { minLength: 1, maxLength: options.most ?? 5 })
  ).map(([blockId, instructions]) => ({
    blockId,
    instructions: instructions.map((instruction, index) => ({ ...instruction, operationId: `${blockId}-${index}` }))
  }))

/**
 * What may be held at the beginning.
 *
 * @category models
 * @since 0.1.0
 */
export interface Openings {
  readonly accounts: ReadonlyArray<Account.Account>
  readonly assets: ReadonlyArray<Asset.Asset>
  readonly amount: Range
}

/**
 * Openings of a simulated world: some of the assets at some of the accounts.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const opening = (options: Openings): FastCheck.Arbitrary<NonNullable<Simulation.Options["opening"]>> =>
  FastCheck.tuple(
    ...options.accounts.flatMap((account) =>
      options.assets.map((asset) =>
        FastCheck.option(amount(options.amount), { nil: 0n }).map((held) => ({ account, asset, amount: held }))))
  ).map((holdings) => holdings.filter((holding) => holding.amount !== 0n))

/**
 * A series that wanders.
 *
 * @category models
 * @since 0.1.0
 */
export interface Walk {
  readonly name: string
  readonly from: Timestamp.Timestamp
  /** Milliseconds between observations. */
  readonly every: number
  readonly count: number
  /** The first value, a decimal. */
  readonly first: string
  /** Largest step up and down, in basis points of the value before. Defaults to 100. */
  readonly most?: number | undefined
  /** Whether it only grows, as an index does. Defaults to false. */
  readonly grows?: boolean | undefined
}

/**
 * Series by steps of basis points, rounded down to 18 decimals. A value that is above zero stays so.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const walk = (options: Walk): FastCheck.Arbitrary<Table.Series> => {
  const most = Math.min(options.most ?? 100, 9_999)
  return FastCheck.array(FastCheck.integer({ min: options.grows === true ? 0 : -most, max: most }), {
    minLength: options.count,
    maxLength: options.count
  }).map((steps) => {
    let value = Amount.unsafe(options.first)
    return {
      name: options.name,
      observations: steps.map((step, index) => {
        if (index > 0) {
          const next = Decimal.divide(value * BigInt(10_000 + step), 10_000n, "down")
          value = next === 0n && value > 0n ? 1n : next
        }
        return { at: options.from + index * options.every, value: decimal(value) }
      })
    }
  })
}

/**
 * Series of values between two bounds, each by itself: funding rates.
 *
 * @category arbitraries
 * @since 0.1.0
 */
export const noise = (options: {
  readonly name: string
  readonly from: Timestamp.Timestamp
  /** Milliseconds between observations. */
  readonly every: number
  readonly count: number
  readonly range: Range
}): FastCheck.Arbitrary<Table.Series> =>
  FastCheck.array(amount(options.range), { minLength: options.count, maxLength: options.count }).map((values) => ({
    name: options.name,
    observations: values.map((value, index) => ({
      at: options.from + index * options.every,
      value: decimal(value)
    }))
  }))

/** Market data of several series. @category arbitraries @since 0.1.0 */
export const market = (
  series: ReadonlyArray<FastCheck.Arbitrary<Table.Series>>
): FastCheck.Arbitrary<ReadonlyArray<Table.Series>> => FastCheck.tuple(...series)
