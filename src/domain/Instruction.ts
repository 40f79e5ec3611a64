/**
 * What the manager is asked to do: the three types of instruction.
 *
 * JSON is snake_case (`from_venue`), values are camelCase (`fromVenue`). Fields stand inline or under `params`.
 *
 * @since 0.1.0
 */
import * as BigDecimal from "effect/BigDecimal"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Account from "./Account.js"
import * as Amount from "./Amount.js"
import * as Asset from "./Asset.js"
import * as Decimal from "./Decimal.js"
import * as Deltas from "./Deltas.js"
import type * as Fault from "./Fault.js"
import * as Instrument from "./Instrument.js"
import * as Pattern from "./Pattern.js"
import * as Timestamp from "./Timestamp.js"
import * as Wire from "./Wire.js"

/** One expectation for a union, in place of one for each member. */
const expecting = (description: string) => ({
  description,
  message: () => ({ message: `expected ${description}`, override: true })
})

const transformed = <A>(
  expectation: string,
  type: Schema.Schema<A>,
  decode: (text: string) => A | undefined,
  encode: (value: A) => string,
  jsonSchema: Pattern.Text
): Schema.Schema<A, string> =>
  Schema.transformOrFail(Schema.String.annotations({ description: expectation }), type, {
    strict: true,
    decode: (text, _options, ast) => {
      const value = decode(text)
      return value === undefined
        ? Either.left(new ParseResult.Type(ast, text, `expected ${expectation}`))
        : Either.right(value)
    },
    encode: (value) => Either.right(encode(value))
  }).annotations({ description: expectation, jsonSchema: { ...jsonSchema, description: expectation } })

const SubAccount = Schema.Literal("spot", "perp", "unified", "funding", "wallet", "position")

/**
 * Codec of a venue name with or without its sub-account: `binance`, `binance_perp`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Venue: Schema.Schema<Account.Reference, string> = transformed(
  "a venue name such as \"binance\" or \"binance_perp\"",
  Schema.Struct({
    venue: Schema.String.pipe(
      Schema.filter((text) => Account.parse(text)?.venue === text && Account.parse(text)?.sub === undefined),
      Schema.annotations({ arbitrary: () => (fc) => fc.constantFrom("binance", "bybit", "wallet", "aave", "uniswap") })
    ),
    sub: Schema.UndefinedOr(SubAccount)
  }),
  Account.parse,
  Account.formatReference,
  Account.pattern
)

const TokenSymbol: Schema.Schema<Asset.Asset, string> = transformed(
  "a token symbol such as \"USDT\"",
  Schema.String.pipe(
    Schema.filter((text) => Asset.parse(text) === text),
    Schema.annotations({ arbitrary: () => (fc) => fc.constantFrom("USDT", "ETH", "WETH", "weETH", "aUSDT", "debtWETH", "FOO1") })
  ),
  Asset.parse,
  (asset) => asset,
  Pattern.token
)

const Name = Schema.String.pipe(
  Schema.pattern(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/, {
    description: "an identifier of at most 64 letters, digits, '_', '.', ':' and '-'",
    arbitrary: () => (fc) => fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,12}$/)
  })
)

/**
 * Identifier that a caller gives: 1 to 64 letters, digits, `_`, `.`, `:` and `-`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Id: Schema.Schema<string> = Name

/**
 * How much: an amount greater than zero, everything there is (`"max"`, where that has a meaning), or what an earlier
 * operation of the same atomic group gave out.
 *
 * @category models
 * @since 0.1.0
 */
export type Quantity = Amount.Amount | "max" | { readonly outputOf: string }

/** @category schemas @since 0.1.0 */
export const Quantity: Schema.Schema<Quantity, string | number | { readonly output_of: string }> = Schema.Union(
  Schema.Literal("max"),
  Amount.Positive,
  Wire.struct({ output_of: Name })
).annotations(expecting("a decimal greater than 0 with at most 18 decimals, \"max\", or {\"output_of\": id}"))

const Tolerance = Decimal.Decimal.pipe(
  Schema.filter(
    (decimal) =>
      (decimal.value >= 0n && Decimal.compare(decimal, Decimal.one) < 0) || "expected a fraction from 0 to below 1"
  ),
  Schema.annotations({ jsonSchema: Pattern.fraction, arbitrary: () => (fc) => fc.bigInt({ min: 0n, max: 9_999n }).map((n) => Decimal.make(n, 4)) })
)

const Price = Decimal.Decimal.pipe(
  Schema.filter((decimal) => decimal.value > 0n || "expected a decimal greater than 0"),
  Schema.annotations({ jsonSchema: Pattern.positiveDecimal, arbitrary: () => (fc) => fc.bigInt({ min: 1n, max: 10n ** 12n }).map((n) => Decimal.make(n, 6)) })
)

/** Of a copied input: no number that is none in JSON. */
const isJson = (value: unknown): boolean =>
  typeof value === "bigint" || BigDecimal.isBigDecimal(value)
    ? false
    : typeof value !== "object" || value === null || Object.values(value).every(isJson)

const Metadata = Schema.Record({
  key: Schema.String.pipe(Schema.filter((key) => key !== "__proto__", { jsonSchema: { pattern: "^(?!__proto__$)" } })),
  value: Schema.Unknown.pipe(Schema.filter(isJson, { message: () => "expected values that JSON can hold" }))
}).annotations({
  arbitrary: () => (fc) => fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(fc.string(), fc.boolean(), fc.integer()))
})

/**
 * Whether instructions are executed one after the other, or happen together or not at all.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ExecutionMode = Schema.Literal("sequential", "atomic")

/** @category models @since 0.1.0 */
export type ExecutionMode = typeof ExecutionMode.Type

const common = {
  /** Identity of the intent. The same id with the same content is executed once. */
  operation_id: Schema.optional(Name),
  /** Change that the caller expects, compared with what happened. For a trade or a swap it also states the price. */
  estimated_deltas: Schema.optional(Deltas.Deltas),
  /** Instant after which the operation must not be started. */
  deadline: Schema.optional(Timestamp.Timestamp),
  /** Chain or withdrawal network. */
  network: Schema.optional(Name),
  /** Whether it is part of an atomic group. Defaults to that of the block; another one than the block states is refused. */
  execution_mode: Schema.optional(ExecutionMode),
  /** Carried along, never read. */
  metadata: Schema.optional(Metadata)
}

const grouped = {
  atomic_group_id: Schema.optional(Name),
  sequence_in_group: Schema.optional(Schema.Int.pipe(Schema.nonNegative()))
}

/**
 * Moves a token between accounts of the trader.
 *
 * @category schemas
 * @since 0.1.0
 */
export const WalletTransfer = Wire.struct({
  instruction_type: Schema.Literal("wallet_transfer"),
  from_venue: Venue,
  to_venue: Venue,
  token: TokenSymbol,
  /** Gross debit of the sender: fees are taken out of it. */
  amount: Quantity,
  ...common
})

/** @category models @since 0.1.0 */
export type WalletTransfer = typeof WalletTransfer.Type

/**
 * Every smart-contract action that an instruction can name. Which of them a venue does is its own to say.
 *
 * @category models
 * @since 0.1.0
 */
export const actions = [
  "supply",
  "withdraw",
  "borrow",
  "repay",
  "supply_collateral",
  "withdraw_collateral",
  "set_collateral",
  "set_emode",
  "stake",
  "unstake",
  "claim",
  "swap",
  "wrap",
  "unwrap",
  "flash_borrow",
  "flash_repay"
] as const

/** The name of a smart-contract action. @category models @since 0.1.0 */
export type Action = (typeof actions)[number]

/** Actions that move no amount of their own, and so may leave it out. @category constants @since 0.1.0 */
export const amountless: ReadonlySet<Action> = new Set<Action>(["set_collateral", "set_emode", "claim"])

/** Actions that give out another token at a rate. @category constants @since 0.1.0 */
export const exchanging: ReadonlySet<Action> = new Set<Action>(["swap", "stake", "unstake", "wrap", "unwrap"])

const Market = Schema.Union(
  Name,
  Wire.struct({
    /** Address or name of the pool. */
    pool: Schema.optional(Name),
    /** Fee of the pool in 1e-6: 500 is 0.05 %. */
    fee_tier: Schema.optional(Schema.Int.pipe(Schema.between(0, 999_999))),
    /** Id of a Morpho market. */
    market_id: Schema.optional(Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,79}$/)))
  })
).annotations(expecting("a market's name, or {\"pool\", \"fee_tier\", \"market_id\"}"))

/**
 * Acts on a protocol: lends, borrows, stakes, swaps.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SmartContractAction = Wire.struct({
  instruction_type: Schema.Literal("smart_contract_action"),
  protocol: Venue,
  action: Schema.Literal(...actions),
  token: TokenSymbol,
  /** May be left out only where the action moves nothing of its own: set_collateral, set_emode, claim. */
  amount: Schema.optional(Quantity),
  /** What a swap or a wrap gives out. */
  token_out: Schema.optional(TokenSymbol),
  /** Whether `amount` of a swap is what goes in (the default) or what comes out. */
  swap_type: Schema.optional(Schema.Literal("exact_in", "exact_out")),
  /** Largest deviation from the expected price, as a fraction. */
  slippage_tolerance: Schema.optional(Tolerance),
  market: Schema.optional(Market),
  /** For set_collateral: whether the token counts as collateral. */
  enabled: Schema.optional(Schema.Boolean),
  /** For set_emode: the category, 0 for none. */
  emode_category: Schema.optional(Schema.Int.pipe(Schema.between(0, 255))),
  /** For claim: the ticket of the withdrawal queue. */
  ticket: Schema.optional(Name),
  ...grouped,
  ...common
})

/** @category models @since 0.1.0 */
export type SmartContractAction = typeof SmartContractAction.Type

const Side: Schema.Schema<"buy" | "sell", string> = transformed(
  "\"buy\" or \"sell\" (\"LONG\" and \"SHORT\" mean the same)",
  Schema.Literal("buy", "sell"),
  (text) => {
    switch (text.toLowerCase()) {
      case "buy":
      case "long":
        return "buy" as const
      case "sell":
      case "short":
        return "sell" as const
      default:
        return undefined
    }
  },
  (side) => side,
  Pattern.side
)

/**
 * Trades on an exchange, spot or perpetual.
 *
 * @category schemas
 * @since 0.1.0
 */
export const CexTrade = Wire.struct({
  instruction_type: Schema.Literal("cex_trade"),
  venue: Venue,
  trade_type: Schema.Literal("spot", "perp"),
  side: Side,
  symbol: Instrument.Instrument,
  /** In units of the base token. */
  amount: Quantity,
  /** Defaults to `market`. */
  order_type: Schema.optional(Schema.Literal("market", "limit")),
  /** Quote per base; stated for a limit order and only there. */
  price: Schema.optional(Price),
  /** What a limit order does with what it cannot fill at once. Defaults to `IOC`. */
  time_in_force: Schema.optional(Schema.Literal("IOC", "FOK")),
  /** Whether the order may only make a perpetual position smaller. Defaults to false. */
  reduce_only: Schema.optional(Schema.Boolean),
  slippage_tolerance: Schema.optional(Tolerance),
  ...common
})

/** @category models @since 0.1.0 */
export type CexTrade = typeof CexTrade.Type

/** One instruction of the three types, decoded. @category models @since 0.1.0 */
export type Instruction = WalletTransfer | SmartContractAction | CexTrade

/** The name of an instruction's type, as it stands in `instruction_type`. @category models @since 0.1.0 */
export type InstructionType = Instruction["instructionType"]

/**
 * Codec of one instruction, told apart by `instruction_type`. It decodes JSON in snake_case, amounts as text or number.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Instruction = Schema.Union(WalletTransfer, SmartContractAction, CexTrade)

/**
 * The rules between the fields of one instruction. `undefined` where all hold.
 *
 * @category combinators
 * @since 0.1.0
 */
export const fault = (instruction: Instruction): Fault.Fault | undefined => {
  switch (instruction.instructionType) {
    case "wallet_transfer": {
      const { fromVenue, toVenue } = instruction
      return fromVenue.venue === toVenue.venue && fromVenue.sub === toVenue.sub
        ? { path: "to_venue", expected: "another account than from_venue", actual: Account.formatReference(toVenue) }
        : typeof instruction.amount === "object"
          ? { path: "amount", expected: "a decimal or \"max\": a transfer is never part of an atomic group", actual: instruction.amount }
          : undefined
    }
    case "cex_trade": {
      const limit = instruction.orderType === "limit"
      if (instruction.network !== undefined) {
        return { path: "network", expected: "none, because a trade stays at its venue", actual: instruction.network }
      }
      if (limit && instruction.price === undefined) {
        return { path: "price", expected: "a price, because order_type is limit", actual: undefined }
      }
      if (!limit && instruction.price !== undefined) {
        return { path: "price", expected: "no price, because order_type is market", actual: Decimal.format(instruction.price) }
      }
      if (!limit && instruction.timeInForce !== undefined) {
        return { path: "time_in_force", expected: "none, because order_type is market", actual: instruction.timeInForce }
      }
      if (instruction.reduceOnly === true && instruction.tradeType === "spot") {
        return { path: "reduce_only", expected: "false, because trade_type is spot", actual: true }
      }
      if (typeof instruction.amount === "object") {
        return { path: "amount", expected: "a decimal or \"max\": a trade is never part of an atomic group", actual: instruction.amount }
      }
      if (instruction.amount === "max" && instruction.tradeType === "perp" && instruction.reduceOnly !== true) {
        return { path: "amount", expected: "a decimal, because \"max\" of a perpetual means its whole position and needs reduce_only", actual: "max" }
      }
      return instruction.amount === "max" && instruction.tradeType === "spot" && instruction.side === "buy"
        ? { path: "amount", expected: "a decimal, because \"max\" has no meaning for a spot purchase", actual: "max" }
        : undefined
    }
    case "smart_contract_action": {
      const { action } = instruction
      if (instruction.executionMode === "sequential" && (instruction.atomicGroupId ?? instruction.sequenceInGroup) !== undefined) {
        return { path: "execution_mode", expected: "atomic, because the instruction has its place in an atomic group", actual: "sequential" }
      }
      if (instruction.amount === undefined && !amountless.has(action)) {
        return { path: "amount", expected: `an amount, because action is ${action}`, actual: undefined }
      }
      if (instruction.amount === "max" && (action === "borrow" || action === "flash_borrow")) {
        return { path: "amount", expected: `a decimal, because "max" has no meaning for ${action}`, actual: "max" }
      }
      if (action === "swap" && instruction.tokenOut === undefined) {
        return { path: "token_out", expected: "the token to receive, because action is swap", actual: undefined }
      }
      if (action === "swap" && instruction.tokenOut === instruction.token) {
        return { path: "token_out", expected: "another token than token", actual: instruction.tokenOut }
      }
      for (const [field, value, used] of [
        ["swap_type", instruction.swapType, action === "swap"],
        ["token_out", instruction.tokenOut, exchanging.has(action)],
        ["slippage_tolerance", instruction.slippageTolerance, exchanging.has(action)],
        ["enabled", instruction.enabled, action === "set_collateral"],
        ["emode_category", instruction.emodeCategory, action === "set_emode"],
        ["ticket", instruction.ticket, action === "claim"]
      ] as const) {
        if (value !== undefined && !used) {
          return { path: field, expected: `none, because it has no meaning for ${action}`, actual: typeof value === "object" ? Decimal.format(value) : value }
        }
      }
      if (action === "set_emode" && instruction.emodeCategory === undefined) {
        return { path: "emode_category", expected: "a category, because action is set_emode", actual: undefined }
      }
      return action === "set_collateral" && instruction.enabled === undefined
        ? { path: "enabled", expected: "true or false, because action is set_collateral", actual: undefined }
        : undefined
    }
  }
}

/** Whether the instruction can only make exposure smaller, and so is never held back. @category guards @since 0.1.0 */
export const reduces = (instruction: Instruction): boolean => {
  switch (instruction.instructionType) {
    case "cex_trade":
      return instruction.reduceOnly === true
    case "smart_contract_action":
      return instruction.action === "repay" || instruction.action === "withdraw" || instruction.action === "withdraw_collateral" ||
        instruction.action === "claim"
    case "wallet_transfer":
      return instruction.toVenue.venue === "wallet"
  }
}
